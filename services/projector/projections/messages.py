"""One row of messages: a message as it is now. One row of message_edits: a text that an edited message has had."""

from datetime import datetime

from services.projector.projection import Batch, Connection, Projection
from shared.events.domain_event import Recorded
from shared.events.messages import MessageEdited, MessageSent, MessageUnsent, SystemMessageSent

projection = Projection("messages", tables=("messages", "message_edits"))


def _edited_at(recorded: Recorded[MessageEdited]) -> datetime:
    return recorded.event.occurred_at or recorded.time


@projection.on(MessageSent, rows=lambda recorded: recorded.command_id)
async def add(events: Batch[MessageSent], connection: Connection) -> None:
    await connection.execute(
        """
        INSERT INTO messages (
            message_id, conversation_id, seq, sender_id, role, client_message_id, content_type, content,
            reply_to_id, agent_id, created_at, occurred_at, updated_at, unsent
        )
        SELECT id, conversation_id, seq, sender_id, role, client_message_id, content_type, content,
            reply_to_id, agent_id, created_at, occurred_at, created_at, false
        FROM unnest(
            $1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::uuid[], $10::uuid[], $11::timestamptz[], $12::timestamptz[]
        ) AS sent (
            id, conversation_id, seq, sender_id, role, client_message_id, content_type, content,
            reply_to_id, agent_id, created_at, occurred_at
        )
        ON CONFLICT (message_id) DO NOTHING
        """,
        *events.columns(
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
        ),
    )


@projection.on(SystemMessageSent, rows=lambda recorded: recorded.event.message_id)
async def add_notice(events: Batch[SystemMessageSent], connection: Connection) -> None:
    await connection.execute(
        """
        INSERT INTO messages (
            message_id, conversation_id, seq, sender_id, role, content_type,
            notice, about_id, notice_title, notice_role, created_at, updated_at, unsent
        )
        SELECT id, conversation_id, seq, sender_id, 'system', 'text',
            notice, about_id, notice_title, notice_role, created_at, created_at, false
        FROM unnest(
            $1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::text[],
            $9::timestamptz[]
        ) AS noted (id, conversation_id, seq, sender_id, notice, about_id, notice_title, notice_role, created_at)
        ON CONFLICT (message_id) DO NOTHING
        """,
        *events.columns("message_id", "stream_id", "seq", "actor", "notice", "about_id", "title", "role", "time"),
    )


@projection.on(MessageEdited, rows=lambda recorded: recorded.event.message_id)
async def replace_text(events: Batch[MessageEdited], connection: Connection) -> None:
    # All parts of the statement see the message as it was before it, so the first text is still there to be kept.
    await connection.execute(
        """
        WITH edited AS (
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[])
                AS edited (message_id, version, text, at, recorded_at)
        ), first_text AS (
            INSERT INTO message_edits (message_id, version, conversation_id, content, edited_at)
            SELECT message_id, 0, conversation_id, content, coalesce(occurred_at, created_at)
            FROM messages JOIN edited USING (message_id)
            WHERE NOT messages.unsent
            ON CONFLICT (message_id, version) DO NOTHING
        ), next_text AS (
            INSERT INTO message_edits (message_id, version, conversation_id, content, edited_at)
            SELECT message_id, version, conversation_id, text, at
            FROM messages JOIN edited USING (message_id)
            WHERE NOT messages.unsent
            ON CONFLICT (message_id, version) DO NOTHING
        )
        UPDATE messages SET content = edited.text, edited_at = edited.at, updated_at = edited.recorded_at
        FROM edited
        WHERE messages.message_id = edited.message_id AND NOT messages.unsent
        """,
        *events.columns("message_id", "version", "content", _edited_at, "time"),
    )


@projection.on(MessageUnsent, rows=lambda recorded: recorded.event.message_id)
async def withdraw(events: Batch[MessageUnsent], connection: Connection) -> None:
    await connection.execute(
        """
        WITH unsent AS (
            SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS unsent (message_id, at)
        ), texts AS (
            DELETE FROM message_edits USING unsent WHERE message_edits.message_id = unsent.message_id
        )
        UPDATE messages
        SET content = NULL, reply_to_id = NULL, edited_at = NULL, updated_at = unsent.at, unsent = true
        FROM unsent
        WHERE messages.message_id = unsent.message_id AND NOT messages.unsent
        """,
        *events.columns("message_id", "time"),
    )
