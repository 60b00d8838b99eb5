"""One row: a conversation, with what a list of conversations is sorted by."""

from collections.abc import Iterator
from datetime import datetime

from services.projector.new_rows import NewRows
from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.conversations import (
    ConversationAgentAssigned,
    ConversationAvatarChanged,
    ConversationRenamed,
    ConversationStarted,
)
from shared.events.domain_event import Recorded
from shared.events.messages import MessageSent, SystemMessageSent

projection = Projection("conversations", tables=("conversations",))

new_conversations = NewRows(
    "conversations",
    key="conversation_id",
    conversation_id="uuid",
    kind="text",
    title="text",
    avatar_url="text",
    agent_id="uuid",
    workspace_id="uuid",
    created_by="uuid",
    created_at="timestamptz",
    updated_at="timestamptz",
    last_seq="bigint",
    last_activity_at="timestamptz",
)


def _started_at(recorded: Recorded[ConversationStarted]) -> datetime:
    return recorded.event.occurred_at or recorded.time


def _said_at(recorded: Recorded[MessageSent]) -> datetime:
    return recorded.event.occurred_at or recorded.time


@projection.on(ConversationStarted, rows="stream_id")
def start(events: Batch[ConversationStarted]) -> Iterator[Change]:
    yield new_conversations.added(
        events.rows(
            "stream_id",
            "kind",
            "title",
            "avatar_url",
            "agent_id",
            "workspace_id",
            "actor",
            _started_at,
            "time",
            lambda _: 0,
            _started_at,
        ),
    )


@projection.on(ConversationRenamed, rows="stream_id", settles=("title", "updated_at"))
def rename(events: Batch[ConversationRenamed]) -> Iterator[Change]:
    yield Statement(
        """
        UPDATE conversations SET title = changed.title, updated_at = changed.at
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS changed (conversation_id, title, at)
        WHERE conversations.conversation_id = changed.conversation_id
        """,
        *events.columns("stream_id", "title", "time"),
    )


@projection.on(ConversationAvatarChanged, rows="stream_id", settles=("avatar_url", "updated_at"))
def picture(events: Batch[ConversationAvatarChanged]) -> Iterator[Change]:
    yield Statement(
        """
        UPDATE conversations SET avatar_url = changed.avatar_url, updated_at = changed.at
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS changed (conversation_id, avatar_url, at)
        WHERE conversations.conversation_id = changed.conversation_id
        """,
        *events.columns("stream_id", "avatar_url", "time"),
    )


@projection.on(ConversationAgentAssigned, rows="stream_id", settles=("agent_id", "updated_at"))
def assign_agent(events: Batch[ConversationAgentAssigned]) -> Iterator[Change]:
    yield Statement(
        """
        UPDATE conversations SET agent_id = changed.agent_id, updated_at = changed.at
        FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS changed (conversation_id, agent_id, at)
        WHERE conversations.conversation_id = changed.conversation_id
        """,
        *events.columns("stream_id", "agent_id", "time"),
    )


LAST_MESSAGE = """
    UPDATE conversations SET last_seq = sent.seq, last_activity_at = sent.at
    FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS sent (conversation_id, seq, at)
    WHERE conversations.conversation_id = sent.conversation_id AND conversations.last_seq < sent.seq
    """


@projection.on(MessageSent, rows="stream_id", settles=("last_activity",))
def move_up(events: Batch[MessageSent]) -> Iterator[Change]:
    yield Statement(LAST_MESSAGE, *events.columns("stream_id", "seq", _said_at))


@projection.on(SystemMessageSent, rows="stream_id", settles=("last_activity",))
def move_up_by_notice(events: Batch[SystemMessageSent]) -> Iterator[Change]:
    yield Statement(LAST_MESSAGE, *events.columns("stream_id", "seq", "time"))
