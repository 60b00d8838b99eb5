"""One row: somebody who is in a conversation, their role, how far they have come, how they arranged it, and
whether they take part: who was asked by a message request does not, until they accept."""

from collections.abc import Iterator
from datetime import datetime

from services.projector.new_rows import NewRows
from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.conversations import (
    ConversationArchived,
    ConversationCleared,
    ConversationPinned,
    ConversationStarted,
    ConversationUnarchived,
    ConversationUnpinned,
    ParticipantAdded,
    ParticipantLeft,
    ParticipantRemoved,
    ParticipantRoleChanged,
)
from shared.events.domain_event import Recorded
from shared.events.message_requests import MessageRequestAccepted, MessageRequested
from shared.events.messages import MessagesDelivered, MessagesRead
from shared.identifiers import StreamId, UserId

projection = Projection("participants", tables=("participants",))

RowKey = tuple[StreamId, UserId]

new_participants = NewRows(
    "participants",
    key="conversation_id, user_id",
    conversation_id="uuid",
    user_id="uuid",
    role="text",
    joined_at="timestamptz",
    joined_seq="bigint",
    delivered_seq="bigint",
    read_seq="bigint",
)
PUT_OUT = """
    DELETE FROM participants USING unnest($1::uuid[], $2::uuid[]) AS gone (conversation_id, user_id)
    WHERE participants.conversation_id = gone.conversation_id AND participants.user_id = gone.user_id
    """
TAKES_PART = """
    UPDATE participants SET takes_part = said.takes_part
    FROM unnest($1::uuid[], $2::uuid[], $3::boolean[]) AS said (conversation_id, user_id, takes_part)
    WHERE participants.conversation_id = said.conversation_id AND participants.user_id = said.user_id
    """
PINNED = """
    UPDATE participants SET pinned_at = arranged.at
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS arranged (conversation_id, user_id, at)
    WHERE participants.conversation_id = arranged.conversation_id AND participants.user_id = arranged.user_id
    """
ARCHIVED = """
    UPDATE participants SET archived_at = arranged.at
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS arranged (conversation_id, user_id, at)
    WHERE participants.conversation_id = arranged.conversation_id AND participants.user_id = arranged.user_id
    """


def _first_rows(recorded: Recorded[ConversationStarted]) -> list[RowKey]:
    return [(recorded.stream_id, user_id) for user_id in (recorded.actor, *recorded.event.participant_ids)]


def _first_role(recorded: Recorded[ConversationStarted], user_id: UserId) -> str:
    return "owner" if user_id == recorded.actor and recorded.event.kind != "direct" else "member"


def _joined_at(recorded: Recorded[ConversationStarted | ParticipantAdded]) -> datetime:
    return recorded.event.occurred_at or recorded.time


@projection.on(ConversationStarted, rows=_first_rows)
def put_first_ones_in(events: Batch[ConversationStarted]) -> Iterator[Change]:
    joined = [
        (conversation_id, user_id, _first_role(recorded, user_id), _joined_at(recorded), 0, 0, 0)
        for recorded in events
        for conversation_id, user_id in _first_rows(recorded)
    ]
    yield new_participants.added(joined)


@projection.on(ParticipantAdded, rows=("stream_id", "user_id"))
def put_in(events: Batch[ParticipantAdded]) -> Iterator[Change]:
    yield new_participants.added(
        events.rows("stream_id", "user_id", "role", _joined_at, "last_seq", "last_seq", "last_seq")
    )


@projection.on(ParticipantRemoved, rows=("stream_id", "user_id"))
def put_out(events: Batch[ParticipantRemoved]) -> Iterator[Change]:
    yield Statement(PUT_OUT, *events.columns("stream_id", "user_id"))


@projection.on(ParticipantLeft, rows=("stream_id", "actor"))
def let_go(events: Batch[ParticipantLeft]) -> Iterator[Change]:
    yield Statement(PUT_OUT, *events.columns("stream_id", "actor"))


@projection.on(ParticipantRoleChanged, rows=("stream_id", "user_id"), settles=("role",))
def give_role(events: Batch[ParticipantRoleChanged]) -> Iterator[Change]:
    yield Statement(
        """
        UPDATE participants SET role = given.role
        FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS given (conversation_id, user_id, role)
        WHERE participants.conversation_id = given.conversation_id AND participants.user_id = given.user_id
        """,
        *events.columns("stream_id", "user_id", "role"),
    )


# Markers only move forward, so the last of several moves says all that the row keeps of them. One that is read takes
# the other along, and still needs it as it is: of what stands there already the time stays.
DELIVERED = ("delivered_seq", "delivered_at")
READ = ("read_seq", "read_at", "delivered_seq")


@projection.on(MessagesDelivered, rows=("stream_id", "actor"), settles=DELIVERED)
def move_delivered(events: Batch[MessagesDelivered]) -> Iterator[Change]:
    yield Statement(
        """
        UPDATE participants SET delivered_seq = moved.seq, delivered_at = moved.at
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[])
            AS moved (conversation_id, user_id, seq, at)
        WHERE participants.conversation_id = moved.conversation_id AND participants.user_id = moved.user_id
            AND participants.delivered_seq < moved.seq
        """,
        *events.columns("stream_id", "actor", "seq", "time"),
    )


@projection.on(MessagesRead, rows=("stream_id", "actor"), settles=READ)
def move_read(events: Batch[MessagesRead]) -> Iterator[Change]:
    yield Statement(
        """
        UPDATE participants
        SET read_seq = moved.seq,
            read_at = moved.at,
            delivered_seq = greatest(delivered_seq, moved.seq),
            delivered_at = CASE WHEN delivered_seq < moved.seq THEN moved.at ELSE delivered_at END
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[])
            AS moved (conversation_id, user_id, seq, at)
        WHERE participants.conversation_id = moved.conversation_id AND participants.user_id = moved.user_id
            AND participants.read_seq < moved.seq
        """,
        *events.columns("stream_id", "actor", "seq", "time"),
    )


@projection.on(MessageRequested, rows=("stream_id", "recipient_id"), settles=("takes_part",))
def let_wait(events: Batch[MessageRequested]) -> Iterator[Change]:
    yield Statement(TAKES_PART, *events.columns("stream_id", "recipient_id", lambda _: False))


@projection.on(MessageRequestAccepted, rows=("stream_id", "actor"), settles=("takes_part",))
def take_part(events: Batch[MessageRequestAccepted]) -> Iterator[Change]:
    yield Statement(TAKES_PART, *events.columns("stream_id", "actor", lambda _: True))


@projection.on(ConversationPinned, rows=("stream_id", "actor"), settles=("pinned_at",))
def pin(events: Batch[ConversationPinned]) -> Iterator[Change]:
    yield Statement(PINNED, *events.columns("stream_id", "actor", "time"))


@projection.on(ConversationUnpinned, rows=("stream_id", "actor"), settles=("pinned_at",))
def unpin(events: Batch[ConversationUnpinned]) -> Iterator[Change]:
    yield Statement(PINNED, *events.columns("stream_id", "actor", lambda _: None))


@projection.on(ConversationArchived, rows=("stream_id", "actor"), settles=("archived_at",))
def archive(events: Batch[ConversationArchived]) -> Iterator[Change]:
    yield Statement(ARCHIVED, *events.columns("stream_id", "actor", "time"))


@projection.on(ConversationUnarchived, rows=("stream_id", "actor"), settles=("archived_at",))
def unarchive(events: Batch[ConversationUnarchived]) -> Iterator[Change]:
    yield Statement(ARCHIVED, *events.columns("stream_id", "actor", lambda _: None))


@projection.on(ConversationCleared, rows=("stream_id", "actor"), settles=("cleared",))
def clear(events: Batch[ConversationCleared]) -> Iterator[Change]:
    yield Statement(
        """
        UPDATE participants SET cleared_seq = cleared.seq, cleared_at = cleared.at
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[])
            AS cleared (conversation_id, user_id, seq, at)
        WHERE participants.conversation_id = cleared.conversation_id AND participants.user_id = cleared.user_id
        """,
        *events.columns("stream_id", "actor", "up_to_seq", "time"),
    )
