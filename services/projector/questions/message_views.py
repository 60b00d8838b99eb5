"""How messages look to somebody who may read them."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import asyncpg
import msgspec

from services.projector.projection import Connection
from services.projector.questions.message_texts import Names, names_for, preview_of, text_of
from shared.identifiers import ConversationId, MessageId, UserId
from shared.web.times import Time, time_text

Status = Literal["sent", "delivered", "read"]


class ReplyView(msgspec.Struct, frozen=True):
    """The message that another one replies to. `preview`: its first 100 characters, or "unsent"."""

    message_id: MessageId
    seq: int
    sender_id: UserId
    preview: str


class ReactionsView(msgspec.Struct, frozen=True):
    """How many reacted in each way, and how the one who asks did."""

    counts: dict[str, int]
    mine: str | None


class MessageView(msgspec.Struct, frozen=True):
    """A message. Once it is unsent its place stays, and its `content` is null.

    `sender_id` of a system message is who did what it tells; its `content` is a sentence with the names of the day.
    `reply_to` is null also where the one who asks has cleared what it replies to.
    `created_at` is when it was recorded, `occurred_at` when its source says that it was said, for imported ones.
    """

    message_id: MessageId
    conversation_id: ConversationId
    seq: int
    sender_id: UserId
    client_message_id: Annotated[str | None, msgspec.Meta(description="of my own messages alone")]
    agent_id: UserId | None
    role: Literal["user", "assistant", "system"]
    content_type: str
    content: str | None
    attachments: list[dict[str, Any]]
    reply_to: ReplyView | None
    shared_post_id: str | None
    reactions: ReactionsView
    bookmarked: bool
    status: Annotated[
        Status | None,
        msgspec.Meta(description="of my own messages: whether it was delivered to, or read by, everyone else"),
    ]
    flagged: bool | None
    created_at: Time
    occurred_at: Time | None
    updated_at: Time
    edited_at: Time | None
    unsent: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """How far everyone else in a conversation has come; nowhere when there is nobody else."""

    delivered_seq: int
    read_seq: int

    def status_of(self, seq: int) -> Status:
        """What has become of the message with this seq."""
        if seq <= self.read_seq:
            return "read"
        return "delivered" if seq <= self.delivered_seq else "sent"


async def views_of(
    connection: Connection, by: UserId, conversation_id: str, message_ids: list[MessageId]
) -> dict[MessageId, MessageView]:
    """How these messages of a conversation look to `by`; without those that it does not have, or not for them."""
    rows = await connection.fetch(
        """
        SELECT messages.*,
            reply.message_id AS reply_message_id, reply.seq AS reply_seq, reply.sender_id AS reply_sender_id,
            left(reply.content, 100) AS reply_content, reply.unsent AS reply_unsent, reply.notice AS reply_notice,
            reply.about_id AS reply_about_id, reply.notice_title AS reply_notice_title,
            reply.notice_role AS reply_notice_role,
            EXISTS (
                SELECT FROM bookmarks
                WHERE bookmarks.user_id = $1
                    AND bookmarks.target_type = 'message' AND bookmarks.target_id = messages.message_id
            ) AS bookmarked
        FROM messages
        JOIN participants AS me ON me.conversation_id = messages.conversation_id AND me.user_id = $1
        LEFT JOIN messages AS reply
            ON reply.message_id = messages.reply_to_id AND reply.conversation_id = messages.conversation_id
            AND reply.seq > me.cleared_seq
        WHERE messages.message_id = ANY ($2::uuid[]) AND messages.conversation_id = $3
            AND messages.seq > me.cleared_seq
        """,
        by,
        message_ids,
        conversation_id,
    )
    names = await names_for(connection, rows, "", "reply_")
    reached = await _reached(connection, by, conversation_id)
    return {row["message_id"]: _view(row, by, names, reached) for row in rows}


async def _reached(connection: Connection, by: UserId, conversation_id: str) -> Reached:
    (row,) = await connection.fetch(
        """
        SELECT coalesce(min(delivered_seq), 0) AS delivered_seq, coalesce(min(read_seq), 0) AS read_seq
        FROM participants WHERE conversation_id = $1 AND user_id <> $2
        """,
        conversation_id,
        by,
    )
    return Reached(row["delivered_seq"], row["read_seq"])


def _view(row: asyncpg.Record, by: UserId, names: Names, reached: Reached) -> MessageView:
    mine = row["sender_id"] == by and row["role"] != "system"
    return MessageView(
        message_id=row["message_id"],
        conversation_id=row["conversation_id"],
        seq=row["seq"],
        sender_id=row["sender_id"],
        client_message_id=row["client_message_id"] if mine else None,
        agent_id=row["agent_id"],
        role=row["role"],
        content_type=row["content_type"],
        content=text_of(row, names),
        attachments=[],
        reply_to=_reply(row, names),
        shared_post_id=None,
        reactions=ReactionsView({}, None),
        bookmarked=row["bookmarked"],
        status=reached.status_of(row["seq"]) if mine and not row["unsent"] else None,
        flagged=None,
        created_at=time_text(row["created_at"]),
        occurred_at=time_text(row["occurred_at"]),
        updated_at=time_text(row["updated_at"]),
        edited_at=time_text(row["edited_at"]),
        unsent=row["unsent"],
    )


def _reply(row: asyncpg.Record, names: Names) -> ReplyView | None:
    if row["reply_message_id"] is None:
        return None
    return ReplyView(
        message_id=row["reply_message_id"],
        seq=row["reply_seq"],
        sender_id=row["reply_sender_id"],
        preview=preview_of(row, names, "reply_"),
    )
