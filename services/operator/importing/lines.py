"""The lines that are posted: one JSON object for each person, conversation, message and reaction."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from services.operator.importing.archives import Archive, Attachment, Message, Place, Reaction, Room

BATCH_ITEMS = 250
BATCH_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to import: its kind, the source's id for it, where it stands there, and the JSON that says it.

    A reaction, which has no id in any source, has that of its message.
    """

    kind: str
    source_id: str
    place: Place | None
    json: bytes


def people_lines(archive: Archive) -> Iterator[Line]:
    """A line for each person."""
    return (_line(archive.source, "person", person.id, None, {"name": person.name}) for person in archive.people)


def room_lines(archive: Archive, room: Room) -> Iterator[Line]:
    """The line of the room's conversation, then one for each message in the source's order, with its reactions'."""
    yield _line(archive.source, "conversation", room.id, None, _conversation(room))
    for message in archive.messages_of(room):
        yield _line(archive.source, "message", message.id, message.place, _message(message))
        for reaction in message.reactions:
            yield _reaction_line(archive.source, message, reaction)


def _conversation(room: Room) -> dict[str, Any]:
    return {"title": room.title, "started_by": room.started_by, "occurred_at": room.started_at.isoformat()}


def _message(message: Message) -> dict[str, Any]:
    said: dict[str, Any] = {
        "conversation": message.room_id,
        "sender": message.sender_id,
        "content": message.text,
        "occurred_at": message.sent_at.isoformat(),
    }
    if message.reply_to_id:
        said["reply_to"] = message.reply_to_id
    if message.edited_at:
        said["edited_at"] = message.edited_at.isoformat()
    if message.attachments:
        said["content_type"] = message.content_type
        said["attachments"] = [_attachment(each) for each in message.attachments]
    return said


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {name: value for name, value in asdict(attachment).items() if value is not None}


def _reaction_line(source: str, message: Message, reaction: Reaction) -> Line:
    reacted = {
        "kind": "reaction",
        "source": source,
        "conversation": message.room_id,
        "message": message.id,
        "sender": reaction.sender_id,
        "reaction": reaction.kind,
        "occurred_at": message.sent_at.isoformat(),
    }
    return Line("reaction", message.id, message.place, _encoded(reacted))


def _line(source: str, kind: str, source_id: str, place: Place | None, more: dict[str, Any]) -> Line:
    return Line(kind, source_id, place, _encoded({"kind": kind, "source": source, "source_id": source_id, **more}))


def _encoded(said: dict[str, Any]) -> bytes:
    try:
        return json.dumps(said, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(said).encode()  # halves of surrogate pairs, for the service to refuse


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
