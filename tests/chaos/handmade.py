"""A small correct run, written by hand, and the defects that a checker must find in it."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from shared.identifiers import VERBATIM_ITSELF, command_id_of
from tests.blackbox.checking import Evidence
from tests.blackbox.history import (
    ACCEPTED,
    OTHER_CONTENT,
    REFUSED,
    UNAVAILABLE,
    UNKNOWN,
    History,
    Look,
    Member,
    Try,
    Wish,
)
from tests.blackbox.recorded import CLAIMED, Place, RecordedLog, add_records
from tests.blackbox.table_rules import Tables
from tests.blackbox.wishes import send, set_status

CLOCK = 1_000_000_000.0
URL, OTHER_URL = "http://one", "http://two"
ADA = Member("ada", "token", "room", "first", leads=True)
ROOM, USERS = ("conversations", 0), ("users", 0)


@dataclass
class HandmadeRun:
    """What Ada asked of one room and of herself. Times are seconds; each record is made when its request is sent."""

    history: History = field(default_factory=lambda: History(CLOCK))
    values: dict[Place, list[dict[str, Any]]] = field(default_factory=lambda: {ROOM: [_claim()], USERS: [_claim()]})
    tables: Tables = field(default_factory=Tables)
    checked_at: float = CLOCK + 100

    def evidence(self) -> Evidence:
        """As a checker gets it."""
        log = RecordedLog(began={ROOM: 2, USERS: 1})
        for place, values in self.values.items():
            records = (
                (offset, str(value.get("subject", "")).encode(), json.dumps(value).encode())
                for offset, value in enumerate(values)
            )
            add_records(log, place, records)
        return Evidence(self.history, log, self.tables, self.checked_at)

    def record(self, place: Place, wish: Wish, at: float, *events: tuple[str, dict[str, Any]]) -> str:
        """Records a command's events; gives the position of the last one."""
        command = command_id_of(wish.stream, wish.actor, wish.route, wish.key)
        for index, (name, data) in enumerate(events):
            self.values[place].append(_event(self.values[place], wish, command, index, name, data, at))
        return f"{place[0][0]}{place[1]}-{len(self.values[place]) - 1}"

    def told(self, wish: Wish, at: float, outcome: str, status: int, **answer: Any) -> None:
        """Notes a request of a tenth of a second."""
        self.history.wishes[wish.name] = wish
        attempt = 1 + sum(each.wish == wish.name for each in self.history.tries)
        self.history.tries.append(Try(wish.name, attempt, URL, at, at + 0.1, outcome, status, answer))

    def saw(self, at: float, *messages: tuple[int, str, str], least: int = 0, status: int = 200) -> None:
        """Notes a look, the newest first."""
        self.history.looks.append(Look(0, URL, "room", least, at, at + 0.1, status, messages))


def _claim() -> dict[str, Any]:
    return {"type": CLAIMED, "data": {"epoch": 0}}


def _event(
    before: list[dict[str, Any]], wish: Wish, command: str, index: int, name: str, data: dict[str, Any], at: float
) -> dict[str, Any]:
    return {
        "id": f"{command}.{index}",
        "type": f"verbatim.{name}.v1",
        "subject": wish.stream,
        "sequence": str(1 + sum(each.get("subject") == wish.stream for each in before)),
        "claim": "0-0",
        "actor": wish.actor,
        "time": datetime.fromtimestamp(CLOCK + at, UTC).isoformat(),
        "data": data,
    }


def command_of(wish: Wish) -> str:
    """The id that the wish's command has."""
    return command_id_of(wish.stream, wish.actor, wish.route, wish.key)


HELLO, AGAIN = send(ADA, "hello"), send(ADA, "again")
NOTHING = send(ADA, "nothing", "refused", reply_to_id="nobody")
LUNCH, BACK = set_status(ADA, "lunch", 2), set_status(ADA, "back", None)
RENAME = Wish("renamed", "room", "ada", "PATCH", "/", "PATCH /", "rename", {"title": "room rename"})
START = Wish("started", "room", "ada", "POST", "/", "POST /", "start", {})


def a_correct_run() -> HandmadeRun:
    """Two messages, one of them with a lost answer; a rename; a status that ends, and one that stays; and a reader."""
    run = HandmadeRun()
    run.record(ROOM, START, 0, ("conversation.started", {"title": "Room"}))
    _say(run, HELLO, 1.0, 1, lost=False)
    run.saw(1.5, (1, command_of(HELLO), "said under hello"), least=1)
    run.told(NOTHING, 2.0, REFUSED, 409, code="nothing")
    run.told(AGAIN, 2.5, UNAVAILABLE, 503)
    _say(run, AGAIN, 3.0, 2, lost=True)
    run.told(replace(HELLO, kind=OTHER_CONTENT), 4.0, REFUSED, 422)
    run.saw(4.5, (2, command_of(AGAIN), "said under again"), (1, command_of(HELLO), "said under hello"))
    notice = {"message_id": "notice", "seq": 3, "notice": "renamed", "title": "room rename"}
    renamed = ("conversation.renamed", {"title": "room rename"})
    position = run.record(ROOM, RENAME, 5.0, renamed, ("message.system_sent", notice))
    run.told(RENAME, 5.0, ACCEPTED, 200, command_id=command_of(RENAME), position=position)
    _statuses(run)
    said = {"hello": (HELLO, 1), "again": (AGAIN, 2)}
    run.tables = Tables(
        {command_of(w): ("room", seq, "ada", f"said under {key}", None) for key, (w, seq) in said.items()}
        | {"notice": ("room", 3, "ada", None, "renamed")},
        {"room": ("room rename", 3)},
        {"ada": ("status back", None)},
        {},
    )
    return run


def _say(run: HandmadeRun, wish: Wish, at: float, seq: int, *, lost: bool) -> None:
    data = {"content": wish.body["content"], "client_message_id": wish.key, "seq": seq}
    position = run.record(ROOM, wish, at, ("message.sent", data))
    if lost:
        run.told(wish, at, UNKNOWN, 504)
        at += 0.5
    answer = {"command_id": command_of(wish), "message_id": command_of(wish), "position": position, "seq": seq}
    run.told(wish, at, ACCEPTED, 200 if lost else 201, **answer)
    run.told(wish, at + 0.2, ACCEPTED, 200, **answer)


def _statuses(run: HandmadeRun) -> None:
    due = datetime.fromtimestamp(CLOCK + 8, UTC).isoformat()
    lunch = {"text": "status lunch", "expires_at": due, "job_id": "job"}
    position = run.record(USERS, LUNCH, 6.0, ("status.set", lunch))
    run.told(LUNCH, 6.0, ACCEPTED, 200, command_id=command_of(LUNCH), position=position, job_id="job")
    nobody = replace(LUNCH, actor=VERBATIM_ITSELF, key="expiry")
    run.record(USERS, nobody, 8.01, ("status.cleared", {"reason": "expired", "job_id": "job", "due_at": due}))
    position = run.record(USERS, BACK, 9.0, ("status.set", {"text": "status back", "job_id": None}))
    run.told(BACK, 9.0, ACCEPTED, 200, command_id=command_of(BACK), position=position, job_id=None)


def tampered(tamper: Callable[[HandmadeRun], None]) -> Evidence:
    """The correct run, in which something was broken."""
    run = deepcopy(a_correct_run())
    tamper(run)
    return run.evidence()
