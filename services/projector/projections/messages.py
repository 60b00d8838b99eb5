"""One row of messages: a message as it is now. One row of message_edits: a text that an edited message has had."""

from collections.abc import Iterator
from datetime import datetime

from services.projector.new_rows import NewRows
from services.projector.projection import Batch, Change, Projection, Statement
from shared.events.domain_event import Recorded
from shared.events.messages import MessageEdited, MessageSent, MessageUnsent, SystemMessageSent

projection = Projection("messages", tables=("messages", "message_edits"))


def _edited_at(recorded: Recorded[MessageEdited]) -> datetime:
    return recorded.event.occurred_at or recorded.time


new_messages = NewRows(
    "messages",
    key="message_id",
    message_id="uuid",
    conversation_id="uuid",
    seq="bigint",
    sender_id="uuid",
    role="text",
    client_message_id="text",
    content_type="text",
    content="text",
    reply_to_id="uuid",
    agent_id="uuid",
    created_at="timestamptz",
    occurred_at="timestamptz",
    updated_at="timestamptz",
    flagged="boolean",
    shared_post_id="uuid",
    unsent="boolean",
)

new_notices = NewRows(
    "messages",
    key="message_id",
    message_id="uuid",
    conversation_id="uuid",
    seq="bigint",
    sender_id="uuid",
    notice="text",
    about_id="uuid",
    notice_title="text",
    notice_role="text",
    created_at="timestamptz",
    updated_at="timestamptz",
    role="text",
    content_type="text",
    unsent="boolean",
)


@projection.on(MessageSent, rows="command_id")
def add(events: Batch[MessageSent]) -> Iterator[Change]:
    yield new_messages.added(
        events.rows(
            "command_id",
            "stream_id",
            "seq",
            "actor",
            "role",
            "client_message_id",
            "content_type",
            "content",
            "reply_to_id",
            "agent_id",
            "time",
            "occurred_at",
            "time",
            "flagged",
            "shared_post_id",
            lambda _: False,
        ),
    )


@projection.on(SystemMessageSent, rows="message_id")
def add_notice(events: Batch[SystemMessageSent]) -> Iterator[Change]:
    yield new_notices.added(
        events.rows(
            "message_id",
            "stream_id",
            "seq",
            "actor",
            "notice",
            "about_id",
            "title",
            "role",
            "time",
            "time",
            lambda _: "system",
            lambda _: "text",
            lambda _: False,
        ),
    )


@projection.on(MessageEdited, rows="message_id")
def replace_text(events: Batch[MessageEdited]) -> Iterator[Change]:
    # All parts of the statement see a message as it was before it: the text that an edit finds is the first one, unless
    # one is kept already.
    yield Statement(
        """
        WITH edited AS MATERIALIZED (
            SELECT edited.*, conversation_id, content AS first_text, coalesce(occurred_at, created_at) AS first_at
            FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::boolean[])
                    AS edited (message_id, version, text, at, recorded_at, flagged)
                JOIN messages USING (message_id)
            WHERE NOT messages.unsent
        ), texts AS (
            INSERT INTO message_edits (message_id, version, conversation_id, content, edited_at)
            SELECT message_id, 0, conversation_id, first_text, first_at FROM edited
            UNION ALL
            SELECT message_id, version, conversation_id, text, at FROM edited
            ON CONFLICT (message_id, version) DO NOTHING
        )
        UPDATE messages
        SET content = edited.text, edited_at = edited.at, updated_at = edited.recorded_at, flagged = edited.flagged
        FROM edited
        WHERE messages.message_id = edited.message_id
        """,
        *events.columns("message_id", "version", "content", _edited_at, "time", "flagged"),
    )


@projection.on(MessageUnsent, rows="message_id")
def withdraw(events: Batch[MessageUnsent]) -> Iterator[Change]:
    yield Statement(
        """
        WITH unsent AS (
            SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS unsent (message_id, at)
        ), texts AS (
            DELETE FROM message_edits USING unsent WHERE message_edits.message_id = unsent.message_id
        )
        UPDATE messages
        SET content = NULL, reply_to_id = NULL, shared_post_id = NULL, edited_at = NULL, updated_at = unsent.at,
            unsent = true, flagged = false
        FROM unsent
        WHERE messages.message_id = unsent.message_id AND NOT messages.unsent
        """,
        *events.columns("message_id", "time"),
    )
