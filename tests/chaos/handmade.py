"""A run that is written by hand, and how rows of its tables look."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.blackbox.checking import Evidence
from tests.blackbox.history import ACCEPTED, History, Look, Try, Wish
from tests.blackbox.recorded import CLAIMED, Place, RecordedLog, add_records
from tests.blackbox.tables import Row, Tables, no_rows

CLOCK = 1_000_000_000.0
URL, OTHER_URL = "http://one", "http://two"
ROOM, USERS = ("conversations", 0), ("users", 0)
DEN, OTHERS = ("conversations", 2), ("users", 1)
"""Partitions: the room and its Ada have two to themselves."""


@dataclass
class HandmadeRun:
    """What was asked, recorded and shown. Times are seconds; each record is made when its request is sent."""

    history: History = field(default_factory=lambda: History(CLOCK))
    values: dict[Place, list[dict[str, Any]]] = field(default_factory=lambda: {ROOM: [_claim()], USERS: [_claim()]})
    began: dict[Place, int] = field(default_factory=lambda: {ROOM: 2, USERS: 1})
    tables: Tables = field(default_factory=no_rows)
    checked_at: float = CLOCK + 100

    def evidence(self) -> Evidence:
        """As a checker gets it."""
        log = RecordedLog(began=self.began)
        for place, values in self.values.items():
            records = (
                (offset, str(value.get("subject", "")).encode(), json.dumps(value).encode())
                for offset, value in enumerate(values)
            )
            add_records(log, place, records)
        return Evidence(self.history, log, self.tables, self.checked_at)

    def record(self, place: Place, wish: Wish, at: float, *events: tuple[str, dict[str, Any]]) -> str:
        """Records a command's events; gives the position of the last one."""
        values = self.values.setdefault(place, [_claim()])
        for index, (name, data) in enumerate(events):
            values.append(_event(values, wish, index, name, data, at))
        return self.end_of(place)

    def end_of(self, place: Place) -> str:
        """The position of the last record of a partition."""
        return f"{place[0][0]}{place[1]}-{len(self.values[place]) - 1}"

    def told(self, wish: Wish, at: float, outcome: str, status: int, **answer: Any) -> None:
        """Notes a request of a tenth of a second."""
        self.history.wishes[wish.name] = wish
        attempt = 1 + sum(each.wish == wish.name for each in self.history.tries)
        self.history.tries.append(Try(wish.name, attempt, URL, at, at + 0.1, outcome, status, answer))

    def accepted(self, place: Place, wish: Wish, at: float, *events: tuple[str, dict[str, Any]], **answer: Any) -> None:
        """Records a command's events, or none where nothing had to be recorded, and notes that it was accepted."""
        position = self.record(place, wish, at, *events)
        self.told(wish, at, ACCEPTED, 200, command_id=wish.command_id, position=position, **answer)

    def saw(
        self, at: float, *messages: tuple[int, str, str | None], least: int = 0, status: int = 200, where: str = "room"
    ) -> None:
        """Notes a look, the newest first."""
        self.history.looks.append(Look(0, URL, where, least, at, at + 0.1, status, messages))


def time_at(seconds: float) -> datetime:
    """A moment of the run."""
    return datetime.fromtimestamp(CLOCK + seconds, UTC)


def _claim() -> dict[str, Any]:
    return {"type": CLAIMED, "data": {"epoch": 0}}


def _event(
    before: list[dict[str, Any]], wish: Wish, index: int, name: str, data: dict[str, Any], at: float
) -> dict[str, Any]:
    return {
        "id": f"{wish.command_id}.{index}",
        "type": f"verbatim.{name}.v1",
        "subject": wish.stream,
        "sequence": str(1 + sum(each.get("subject") == wish.stream for each in before)),
        "claim": "0-0",
        "actor": wish.actor,
        "time": time_at(at).isoformat(),
        "data": data,
    }


def message_row(seq: int, sender_id: str, content: str | None, **more: Any) -> Row:
    """A message as its table has it, unless said otherwise a text that nobody changed."""
    as_sent = {"role": "user", "content_type": "text", "reply_to_id": None, "shared_post_id": None}
    since = {"notice": None, "edited_at": None, "unsent": False}
    return {"seq": seq, "sender_id": sender_id, "content": content, **as_sent, **since, **more}


def conversation_row(kind: str, title: str | None, created_by: str, last_seq: int) -> Row:
    """A conversation as its table has it."""
    looks = {"title": title, "avatar_url": None, "agent_id": None}
    return {"kind": kind, **looks, "created_by": created_by, "last_seq": last_seq}


def participant_row(role: str, **more: Any) -> Row:
    """A participant as the table has it, unless said otherwise as they were when they came."""
    markers = {"delivered_seq": 0, "read_seq": 0, "cleared_seq": 0}
    return {"role": role, **markers, "pinned_at": None, "archived_at": None, "takes_part": True, **more}


def attachment_row(sort_order: int, **columns: Any) -> Row:
    """An attachment as its table has it."""
    told = dict.fromkeys(("file_id", "url", "name", "duration", "width", "height"))
    return {**told, "sort_order": sort_order, **columns}


def status_row(**columns: Any) -> Row:
    """A status as its table has it."""
    return {"text": None, "dnd_enabled": False, "job_id": None, "expires_at": None, **columns}
