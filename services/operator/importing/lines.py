"""The lines that are posted: one JSON object for each person, conversation and message."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from services.operator.importing.archives import Archive, Message, Place, Room

BATCH_ITEMS = 250
BATCH_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to import: its kind, the source's id for it, where it stands there, and the JSON that says it."""

    kind: str
    source_id: str
    place: Place | None
    json: bytes


def people_lines(archive: Archive) -> Iterator[Line]:
    """A line for each person."""
    return (_line(archive.source, "person", person.id, None, {"name": person.name}) for person in archive.people)


def room_lines(archive: Archive, room: Room) -> Iterator[Line]:
    """The line of the room's conversation, then one for each message in the source's order."""
    yield _line(archive.source, "conversation", room.id, None, _conversation(room))
    for message in archive.messages_of(room):
        yield _line(archive.source, "message", message.id, message.place, _message(message))


def _conversation(room: Room) -> dict[str, Any]:
    return {"title": room.title, "started_by": room.started_by, "occurred_at": room.started_at.isoformat()}


def _message(message: Message) -> dict[str, Any]:
    said = {
        "conversation": message.room_id,
        "sender": message.sender_id,
        "content": message.text,
        "occurred_at": message.sent_at.isoformat(),
    }
    if message.reply_to_id:
        said["reply_to"] = message.reply_to_id
    if message.edited_at:
        said["edited_at"] = message.edited_at.isoformat()
    return said


def _line(source: str, kind: str, source_id: str, place: Place | None, more: dict[str, Any]) -> Line:
    said = {"kind": kind, "source": source, "source_id": source_id, **more}
    try:
        encoded = json.dumps(said, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        encoded = json.dumps(said).encode()  # halves of surrogate pairs, for the service to refuse
    return Line(kind, source_id, place, encoded)


def batches(lines: Iterable[Line], items: int = BATCH_ITEMS) -> Iterator[list[Line]]:
    """Lines in as few posts as the limits allow: `items` lines each; one that is larger than the limit is alone."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        if batch and (len(batch) == items or size + len(line.json) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line.json) + 1
    if batch:
        yield batch
