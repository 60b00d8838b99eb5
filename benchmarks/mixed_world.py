"""What people do besides sending and reading, as the command service would have recorded it."""

from collections.abc import Iterator, Sequence

from benchmarks.load import CONTENT
from benchmarks.world import READ_EVERY, Chronicle, Placed, Room, begun
from shared.events.bookmarks import BookmarkNoteChanged, BookmarkToggled
from shared.events.conversations import ConversationPinned, ConversationUnpinned
from shared.events.domain_event import DomainEvent
from shared.events.messages import (
    Attachment,
    MessageEdited,
    MessageSent,
    MessagesRead,
    MessageUnsent,
    ReactionRemoved,
    ReactionSet,
)
from shared.events.statuses import StatusSet
from shared.identifiers import MessageId, UserId, bookmark_id_of, derived_id

PICTURE = Attachment("image", url="https://media.example/sunrise.png", name="sunrise.png", width=1_600, height=1_200)
WITH_PICTURE = 3
"""Which message of each ten has a picture beside its text."""


def mixed_life_of(rooms: list[Room], messages: int) -> Iterator[Placed]:
    """As `life_of`; and after each read marker, of the ten messages before it two are edited, one is unsent, three are
    reacted to and one is bookmarked, with a note, by whoever read them, who also pins the room or unpins it, and shows
    a status.

    A third of the reactions are replaced, another third taken back, and half of the bookmarks: rows that are written
    twice, or are gone in the end.
    """
    chronicle, said = Chronicle(), {room: list[MessageId]() for room in rooms}
    for room in rooms:
        yield from begun(room, chronicle)
    for place in range(messages):
        room, seq = rooms[place % len(rooms)], 1 + place // len(rooms)
        kind, recorded = chronicle.in_room(room, room.members[seq % 2], _message(seq, derived_id("key", str(place))))
        yield kind, recorded
        said[room].append(MessageId(recorded.command_id))
        if seq % READ_EVERY == 0:
            for actor, event in _in_room(room, seq, said[room]):
                yield chronicle.in_room(room, actor, event)
            for event in _of_reader(room, seq, said[room]):
                yield chronicle.of_person(room.members[1], event)
            said[room].clear()


def _message(seq: int, key: str) -> MessageSent:
    if seq % READ_EVERY == WITH_PICTURE:
        return MessageSent(seq, CONTENT, key, content_type="image", attachments=(PICTURE,))
    return MessageSent(seq, CONTENT, key)


def _in_room(room: Room, seq: int, said: Sequence[MessageId]) -> Iterator[tuple[UserId, DomainEvent]]:
    """`said`: the ten last messages, of which the second, fourth … are by the one who started the room."""
    owner, reader = room.members
    yield reader, MessagesRead(seq)
    for message in said[:3]:
        yield reader, ReactionSet(message, "like")
    yield reader, ReactionSet(said[0], "love")
    yield reader, ReactionRemoved(said[1])
    yield owner, MessageEdited(said[3], f"{CONTENT} edited")
    yield owner, MessageEdited(said[5], f"{CONTENT} edited as well")
    yield owner, MessageUnsent(said[7])
    yield reader, ConversationPinned() if seq % (2 * READ_EVERY) else ConversationUnpinned()


def _of_reader(room: Room, seq: int, said: Sequence[MessageId]) -> Iterator[DomainEvent]:
    reader = room.members[1]
    bookmark_id = bookmark_id_of(reader, "message", said[9])
    yield BookmarkToggled(bookmark_id, "message", said[9], True, room.conversation_id)
    yield BookmarkNoteChanged(bookmark_id, "to be answered")
    if seq % (2 * READ_EVERY) == 0:
        yield BookmarkToggled(bookmark_id, "message", said[9], False, room.conversation_id)
    yield StatusSet(text=f"has read {seq}")
