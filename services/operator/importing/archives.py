"""The form that every archive is brought into: people, rooms, and each room's messages in the source's order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

TITLE_LIMIT = 100


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
    """A room that became one conversation: started, when its first message was sent, by who sent it."""

    id: str
    title: str
    started_by: str
    started_at: datetime
    messages: int


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was said in a room."""

    id: str
    room_id: str
    sender_id: str
    sent_at: datetime
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that cannot be understood, and why."""

    place: Place
    reason: str


@dataclass(frozen=True)
class Archive:
    """An archive that was looked through once. `messages_of` reads a room again, in order and without repeated rows."""

    source: str
    people: tuple[Person, ...]
    rooms: tuple[Room, ...]
    unreadable: tuple[Unreadable, ...]
    repeated_rows: int
    messages_of: Callable[[Room], Iterator[Message]]

    @property
    def messages(self) -> int:
        """How many messages there are, each counted once."""
        return sum(room.messages for room in self.rooms)
