"""People and rooms to measure with, and what was said in them, as the command service would have recorded it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.load import CONTENT, Asking
from services.command.accounts.access_tokens import AccessTokens
from shared.events.conversations import ConversationStarted
from shared.events.domain_event import DomainEvent, Recorded
from shared.events.messages import MessageSent, MessagesRead
from shared.events.people import UserRegistered
from shared.identifiers import (
    CommandId,
    ConversationId,
    StreamId,
    StreamKind,
    UserId,
    derived_id,
)
from shared.settings import Settings

READ_EVERY = 10
FINGERPRINT = "AAAAAAAAAAA"
Placed = tuple[StreamKind, Recorded]


@dataclass(frozen=True, slots=True)
class Room:
    """A group and who is in it; the first started it."""

    name: str
    members: tuple[UserId, ...]

    @property
    def conversation_id(self) -> ConversationId:
        """Its id."""
        return ConversationId(derived_id("benchmark room", self.name))

    @property
    def messages_path(self) -> str:
        """Where its messages are sent and read."""
        return f"/v1/conversations/{self.conversation_id}/messages"


def room_of(name: str, members: int = 2) -> Room:
    """A room with so many people, who are in no other."""
    return Room(name, tuple(UserId(derived_id("benchmark person", name, str(each))) for each in range(members)))


def rooms_of(number: int) -> list[Room]:
    """So many rooms of two people."""
    return [room_of(f"room {each}") for each in range(number)]


def asking_in(rooms: list[Room], settings: Settings) -> list[Asking]:
    """Sending a message in each room, by the one who started it."""
    tokens = AccessTokens.from_file(settings.signing_key_file, settings.access_token_seconds)
    return [Asking(room.messages_path, tokens.token_for(room.members[0])) for room in rooms]


def life_of(rooms: list[Room], messages: int) -> Iterator[Placed]:
    """Everybody registers, rooms start, and as many messages are said, in turn; after each tenth in a room the other
    person reads."""
    chronicle = Chronicle()
    for room in rooms:
        yield from begun(room, chronicle)
    for place in range(messages):
        room, seq = rooms[place % len(rooms)], 1 + place // len(rooms)
        sent = MessageSent(seq, CONTENT, derived_id("key", str(place)))
        yield chronicle.in_room(room, room.members[seq % 2], sent)
        if seq % READ_EVERY == 0:
            yield chronicle.in_room(room, room.members[1], MessagesRead(seq))


def begun(room: Room, chronicle: "Chronicle") -> Iterator[Placed]:
    """Everybody of a room registers, and it starts."""
    for number, person in enumerate(room.members):
        name = f"{room.name} {number}"
        yield chronicle.of_person(person, UserRegistered(name.replace(" ", "_"), name))
    yield chronicle.in_room(room, room.members[0], ConversationStarted("group", room.members[1:], room.name))


@dataclass(slots=True)
class Chronicle:
    """Gives each event the next version of its stream, and a command of its own."""

    versions: Counter[StreamId] = field(default_factory=Counter)

    def in_room(self, room: Room, actor: UserId, event: DomainEvent) -> Placed:
        """An event of a room."""
        return StreamKind.CONVERSATIONS, self._recorded(StreamId(room.conversation_id), actor, event)

    def of_person(self, person: UserId, event: DomainEvent) -> Placed:
        """An event of a person's own stream."""
        return StreamKind.USERS, self._recorded(StreamId(person), person, event)

    def _recorded(self, stream_id: StreamId, actor: UserId, event: DomainEvent) -> Recorded:
        self.versions[stream_id] += 1
        version = self.versions[stream_id]
        command_id = CommandId(derived_id("benchmark command", stream_id, str(version)))
        return Recorded(stream_id, version, datetime.now(UTC), actor, command_id, 0, FINGERPRINT, event)
