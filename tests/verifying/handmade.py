"""Logs written by hand, as JSON, so that they owe nothing to the code that is checked against them."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from aiokafka.partitioner import murmur2

from services.operator.verifying.plain_records import RawRecord

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PARTITIONS = 2
CONTENT_TYPE = ("content-type", b"application/cloudevents+json")
Place = tuple[str, int]


def named(name: str) -> str:
    """A uuid that is always the same for a name."""
    return str(uuid5(UUID(int=7), name))


ADA, BEN, CLEO = named("ada"), named("ben"), named("cleo")
DAN, ROBOT = named("dan"), named("robot")
ROOM, PAIR, ASKED = named("room"), named("pair"), named("asked")
TIDES, POST = named("tides"), named("post")


def text_of(time: datetime) -> str:
    """A time as the log has it."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def home_of(stream: str) -> int:
    """The partition of a stream, by the client's own hash."""
    return int((murmur2(stream.encode()) & 0x7FFFFFFF) % PARTITIONS)


@dataclass
class Entry:
    """A record that can still be tampered with."""

    key: str | None
    envelope: dict[str, Any]
    headers: tuple[tuple[str, bytes], ...] = (CONTENT_TYPE,)
    raw: bytes | None = None

    @property
    def value(self) -> bytes:
        """Its bytes."""
        return json.dumps(self.envelope).encode() if self.raw is None else self.raw


@dataclass
class HandmadeLog:
    """Two topics of two partitions. Each command is a second after the one before it."""

    places: dict[Place, list[Entry]] = field(default_factory=dict)
    in_force: dict[Place, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    commands: int = 0
    now: datetime = NOON

    def claim(self, kind: str, partition: int, epoch: int) -> None:
        """A writer takes a partition over."""
        entries = self.places.setdefault((kind, partition), [])
        self.in_force[kind, partition] = f"{len(entries)}-{epoch}"
        claimed = {"writer": "command-1", "epoch": epoch, "claimed_at": text_of(self.now)}
        entries.append(
            Entry(
                None,
                {
                    "specversion": "1.0",
                    "id": f"command-1.{epoch}",
                    "source": "/verbatim",
                    "type": "verbatim.partition.claimed.v1",
                    "time": text_of(self.now),
                    "data": claimed,
                },
            )
        )

    def command(self, kind: str, stream: str, actor: str, *events: tuple[str, dict[str, Any]]) -> str:
        """One command's events, each a short type and its data; gives the command's id."""
        self.commands += 1
        self.now += timedelta(seconds=1)
        command = named(f"command {self.commands}")
        for index, (name, data) in enumerate(events):
            self.versions[stream] = self.versions.get(stream, 0) + 1
            self.places[kind, home_of(stream)].append(
                Entry(
                    stream,
                    {
                        "specversion": "1.0",
                        "id": f"{command}.{index}",
                        "source": "/verbatim",
                        "type": f"verbatim.{name}.v1",
                        "subject": stream,
                        "time": text_of(self.now),
                        "sequence": str(self.versions[stream]),
                        "claim": self.in_force[kind, home_of(stream)],
                        "fingerprint": "AAAAAAAAAAA",
                        "actor": actor,
                        "data": data,
                    },
                )
            )
        return command

    def records(self, kind: str, partition: int, prefix: str = "chat.") -> Iterator[RawRecord]:
        """The partition as a reader gets it."""
        for offset, entry in enumerate(self.places[kind, partition]):
            key = None if entry.key is None else entry.key.encode()
            yield RawRecord(f"{prefix}{kind}", partition, offset, key, entry.value, entry.headers)

    def find(self, name: str, stream: str | None = None) -> tuple[list[Entry], int]:
        """The first event of a short type (in a stream): the partition it lies in, and its place there."""
        return next(
            (entries, i)
            for entries in self.places.values()
            for i, entry in enumerate(entries)
            if entry.envelope["type"] == f"verbatim.{name}.v1" and stream in (None, entry.key)
        )

    def tampered(self, tamper: Callable[["HandmadeLog"], None]) -> "HandmadeLog":
        """A copy in which something was broken."""
        copy = deepcopy(self)
        tamper(copy)
        return copy


def a_correct_history() -> HandmadeLog:
    """A little of everything that Verbatim records."""
    log = HandmadeLog()
    for kind in ("users", "conversations"):
        for partition in range(PARTITIONS):
            log.claim(kind, partition, 0)
    _people(log)
    said = _talk(log)
    _arrange(log)
    _keep(log, said)
    _upload(log)
    _show(log)
    _statuses(log)
    _leave(log, said)
    return log


def _people(log: HandmadeLog) -> None:
    for person, name in ((ADA, "ada"), (BEN, "ben"), (CLEO, "cleo")):
        log.command("users", person, person, ("user.registered", {"username": name, "display_name": name.title()}))
    log.command("users", ADA, ADA, ("user.display_name_changed", {"display_name": "Ada L."}))
    log.command("users", BEN, BEN, ("user.avatar_changed", {"avatar_url": "https://example.org/ben.png"}))


def _leave(log: HandmadeLog, said: list[str]) -> None:
    robot = {"username": "robot", "display_name": "Robot", "kind": "agent"}
    log.command("users", ROBOT, ADA, ("user.registered", robot))
    log.command("users", DAN, DAN, ("user.registered", {"username": "dan", "display_name": "Dan"}))
    log.command("users", DAN, DAN, ("user.avatar_changed", {"avatar_url": "https://example.org/dan.png"}))
    due = {"text": "Soon", "expires_at": text_of(log.now + timedelta(hours=1)), "job_id": f"status-{DAN}-1"}
    log.command("users", DAN, DAN, ("status.set", due))
    kept = {"bookmark_id": named(f"{DAN} {said[0]}"), "target_type": "message", "target_id": said[0]}
    log.command("users", DAN, DAN, ("bookmark.toggled", {**kept, "conversation_id": ROOM, "bookmarked": True}))
    log.command("users", DAN, DAN, ("user.deactivated", {}))


def _talk(log: HandmadeLog) -> list[str]:
    started = {"kind": "group", "title": "Room", "participant_ids": [BEN]}
    log.command("conversations", ROOM, ADA, ("conversation.started", started))
    said = [_say(log, ROOM, ADA, 1, "Hello"), _say(log, ROOM, BEN, 2, "Hello, Ada")]
    log.command("conversations", ROOM, BEN, ("message.read", {"seq": 2}))
    log.command("conversations", ROOM, ADA, ("message.delivered", {"seq": 2}))
    log.command(
        "conversations",
        ROOM,
        ADA,
        ("conversation.participant_added", {"user_id": CLEO, "last_seq": 2}),
        ("message.system_sent", _notice("participant_added", 3, about_id=CLEO)),
    )
    log.command(
        "conversations", ROOM, ADA, ("conversation.participant_role_changed", {"user_id": BEN, "role": "admin"})
    )
    _react(log, said)
    edited = {"message_id": said[0], "content": "Hello, all", "flagged": True, "policy_version": "0123456789abcdef"}
    log.command("conversations", ROOM, ADA, ("message.edited", edited))
    log.command("conversations", ROOM, BEN, ("message.unsent", {"message_id": said[1]}))
    log.command("conversations", ROOM, CLEO, ("conversation.participant_left", {}))
    log.command("conversations", ROOM, ADA, ("conversation.renamed", {"title": "The room"}))
    _ask(log)
    log.claim("conversations", home_of(PAIR), 1)
    return [*said, _say(log, PAIR, BEN, 1, "Just us", reply_to_id=None)]


def _ask(log: HandmadeLog) -> None:
    log.command("users", BEN, BEN, ("user.contact_policy_set", {"policy": "request"}))
    for person, recipient, conversation in ((ADA, BEN, PAIR), (BEN, CLEO, ASKED)):
        started = {"kind": "direct", "participant_ids": [recipient]}
        made = {"recipient_id": recipient}
        log.command(
            "conversations", conversation, person, ("conversation.started", started), ("message_request.made", made)
        )
        log.command("conversations", conversation, recipient, ("message_request.declined", {}))
    log.command("conversations", PAIR, BEN, ("message_request.accepted", {}))


def _react(log: HandmadeLog, said: list[str]) -> None:
    for person, message, kind in (
        (ADA, said[1], "wow"),
        (BEN, said[0], "like"),
        (BEN, said[0], "love"),
        (CLEO, said[0], "like"),
        (ADA, said[0], "pray"),
    ):
        log.command("conversations", ROOM, person, ("message.reaction_set", {"message_id": message, "kind": kind}))
    log.command("conversations", ROOM, ADA, ("message.reaction_removed", {"message_id": said[0]}))


def _say(log: HandmadeLog, conversation: str, actor: str, seq: int, content: str, **more: Any) -> str:
    sent = {"seq": seq, "content": content, "client_message_id": named(f"{conversation} {seq}"), **more}
    return log.command("conversations", conversation, actor, ("message.sent", sent))


def _notice(notice: str, seq: int, **more: Any) -> dict[str, Any]:
    return {"message_id": named(f"notice {seq}"), "seq": seq, "notice": notice, **more}


def _arrange(log: HandmadeLog) -> None:
    for person, names in ((BEN, "archived unarchived pinned"), (ADA, "pinned unpinned archived")):
        for name in names.split():
            log.command("conversations", PAIR, person, (f"conversation.{name}", {}))
    log.command("conversations", PAIR, ADA, ("conversation.cleared", {"up_to_seq": 1}))


def _keep(log: HandmadeLog, said: list[str]) -> None:
    for person, message, conversation in ((ADA, said[1], ROOM), (BEN, said[0], ROOM), (BEN, said[2], PAIR)):
        bookmark = named(f"{person} {message}")
        toggled = {"bookmark_id": bookmark, "target_type": "message", "target_id": message, "bookmarked": True}
        log.command("users", person, person, ("bookmark.toggled", {**toggled, "conversation_id": conversation}))
    note = {"bookmark_id": named(f"{BEN} {said[0]}"), "note": "keep"}
    log.command("users", BEN, BEN, ("bookmark.note_changed", note))
    off = {"bookmark_id": named(f"{BEN} {said[2]}"), "target_type": "message", "target_id": said[2]}
    log.command("users", BEN, BEN, ("bookmark.toggled", {**off, "conversation_id": PAIR, "bookmarked": False}))


def _upload(log: HandmadeLog) -> None:
    tides = {"name": "Tides.pdf", "media_type": "application/pdf", "size": 20_480, "sha256": "9" * 64}
    log.command("users", BEN, BEN, ("file.uploaded", {"file_id": TIDES, **tides}))


def _show(log: HandmadeLog) -> None:
    tides = {"kind": "file", "file_id": TIDES, "name": "Tides"}
    shell = {"kind": "image", "url": "https://media.example/shell", "width": 8, "height": 6}
    race = {"kind": "video", "url": "https://media.example/race", "duration": 9.5, "sort_order": 1}
    _say(log, ROOM, BEN, 4, "", content_type="file", attachments=[tides])
    media = _say(log, ROOM, BEN, 5, "Look", content_type="media", attachments=[shell, race])
    _say(log, PAIR, ADA, 2, "", content_type="media", attachments=[shell, race])
    _say(log, PAIR, ADA, 3, "", content_type="shared_post", shared_post_id=POST)
    log.command("conversations", ROOM, BEN, ("message.unsent", {"message_id": media}))
    kept = {"bookmark_id": named(f"{ADA} {TIDES}"), "target_type": "file", "target_id": TIDES, "bookmarked": True}
    log.command("users", ADA, ADA, ("bookmark.toggled", kept))


def _statuses(log: HandmadeLog) -> None:
    due = log.now + timedelta(seconds=10)
    lunch = {"text": "Lunch", "expires_at": text_of(due), "job_id": f"status-{ADA}-1"}
    log.command("users", ADA, ADA, ("status.set", lunch))
    log.command("users", BEN, BEN, ("status.dnd_set", {"enabled": True}))
    log.command("users", CLEO, CLEO, ("status.set", {"text": "Away", "dnd_enabled": True}))
    log.command("users", CLEO, CLEO, ("status.dnd_set", {"enabled": False}))
    log.now = due
    expired = {"reason": "expired", "job_id": lunch["job_id"], "due_at": text_of(due)}
    log.command("users", ADA, named("nobody"), ("status.cleared", expired))
    log.command("users", BEN, BEN, ("status.set", {"emoji": "🏠"}))
