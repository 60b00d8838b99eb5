"""People and rooms to measure with, and what was said in them, as the command service would have recorded it."""

from collections.abc import Iterator
from dataclasses import dataclass
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
    for room in rooms:
        yield from _people_of(room)
        others = room.members[1:]
        yield (
            StreamKind.CONVERSATIONS,
            _recorded(room, 1, room.members[0], ConversationStarted("group", others, room.name)),
        )
    versions, numbers = dict.fromkeys(rooms, 1), dict.fromkeys(rooms, 0)
    for place in range(messages):
        room = rooms[place % len(rooms)]
        versions[room] += 1
        numbers[room] += 1
        seq = numbers[room]
        sent = MessageSent(seq, CONTENT, derived_id("key", str(place)))
        yield StreamKind.CONVERSATIONS, _recorded(room, versions[room], room.members[seq % 2], sent)
        if seq % READ_EVERY == 0:
            versions[room] += 1
            yield StreamKind.CONVERSATIONS, _recorded(room, versions[room], room.members[1], MessagesRead(seq))


def _people_of(room: Room) -> Iterator[Placed]:
    for number, person in enumerate(room.members):
        name = f"{room.name} {number}"
        event = UserRegistered(name.replace(" ", "_"), name)
        yield StreamKind.USERS, _event(StreamId(person), 1, person, event)


def _recorded(room: Room, version: int, actor: UserId, event: DomainEvent) -> Recorded:
    return _event(StreamId(room.conversation_id), version, actor, event)


def _event(stream_id: StreamId, version: int, actor: UserId, event: DomainEvent) -> Recorded:
    command_id = CommandId(derived_id("benchmark command", stream_id, str(version)))
    return Recorded(stream_id, version, datetime.now(UTC), actor, command_id, 0, FINGERPRINT, event)
