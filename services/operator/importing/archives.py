"""The form that every archive is brought into: people, rooms, and each room's messages in the source's order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

NOT_UTF8 = "surrogateescape"  # bytes that are no UTF-8 become halves of surrogate pairs, which the service refuses
UNREADABLE = "unreadable-row"


class NoArchiveError(ValueError):
    """There is nothing to import at the path; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in an archive, so that a person can look: a file and a row of it, counted from 1."""

    file: str
    row: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is named in the archive. Ids are the source's own."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Room:
    """A room that became one conversation: started, when its first message was sent, by who sent it.

    Where the archive itself says who started it and when, that is so instead.
    """

    id: str
    title: str
    started_by: str
    started_at: datetime
    messages: int


@dataclass(frozen=True, slots=True)
class Reaction:
    """How somebody reacted to a message: one of Verbatim's kinds. The name is what the archive calls them there."""

    sender_id: str
    sender_name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that went with a message, and is still where it was: at an https address. Sizes are in pixels."""

    kind: str
    url: str
    name: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was said in a room. `text` is the last that it had; it was given it at `edited_at`, if ever.

    `reactions`: at most one of each person. `content_type` is Verbatim's word for what the attachments are.
    """

    id: str
    room_id: str
    sender_id: str
    sent_at: datetime
    text: str
    place: Place
    reply_to_id: str | None = None
    edited_at: datetime | None = None
    reactions: tuple[Reaction, ...] = ()
    content_type: str = "text"
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in the archive that is not sent: what it is, where, and why, as a stable code and in words."""

    place: Place
    kind: str
    code: str
    reason: str


def unreadable(place: Place, reason: str) -> LeftOut:
    """A row that cannot be understood, and why."""
    return LeftOut(place, "row", UNREADABLE, reason)


@dataclass(frozen=True)
class Archive:
    """An archive that was looked through once. `messages_of` reads a room again, in order and without repeated rows."""

    source: str
    people: tuple[Person, ...]
    rooms: tuple[Room, ...]
    left_out: tuple[LeftOut, ...]
    repeated_rows: int
    messages_of: Callable[[Room], Iterator[Message]]

    @property
    def messages(self) -> int:
        """How many messages there are, each counted once."""
        return sum(room.messages for room in self.rooms)
