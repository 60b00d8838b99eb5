"""How messages look to somebody who may read them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import asyncpg
import msgspec

from services.projector.projection import Connection
from services.projector.questions.message_texts import Names, names_for, preview_of, text_of
from shared.events.messages import AttachmentKind, ReactionKind
from shared.identifiers import ConversationId, FileId, MessageId, UserId
from shared.web.times import Time, time_text

Status = Literal["sent", "delivered", "read"]


class ReplyView(msgspec.Struct, frozen=True):
    """The message that another one replies to. `preview`: its first 100 characters; "unsent", where it is; its
    content_type, where it has no text."""

    message_id: MessageId
    seq: int
    sender_id: UserId
    preview: str


class AttachmentView(msgspec.Struct, frozen=True):
    """What goes with a message: a file, which whoever reads the message may download, or what is at an address.

    `name` is as its sender named it, else the file's own.
    """

    kind: AttachmentKind
    file_id: FileId | None
    url: str | None
    name: str | None
    duration: Annotated[float | None, msgspec.Meta(description="in seconds")]
    width: Annotated[int | None, msgspec.Meta(description="in pixels")]
    height: Annotated[int | None, msgspec.Meta(description="in pixels")]
    sort_order: int


class ReactionsView(msgspec.Struct, frozen=True):
    """How many reacted in each way, and how the one who asks did. Who has left still counts."""

    counts: dict[ReactionKind, int]
    mine: ReactionKind | None


NO_REACTIONS = ReactionsView({}, None)


class MessageView(msgspec.Struct, frozen=True):
    """A message. Once it is unsent its place stays, and its `content` is null; without a text it is "".

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
    attachments: list[AttachmentView]
    reply_to: ReplyView | None
    shared_post_id: str | None
    reactions: ReactionsView
    bookmarked: bool
    status: Annotated[
        Status | None,
        msgspec.Meta(
            description="of my own messages: whether it was delivered to, or read by, everyone else who takes part"
        ),
    ]
    flagged: Annotated[
        bool | None,
        msgspec.Meta(description="to a group's owner and admins: whether the text has a word of the operator's list"),
    ]
    created_at: Time
    occurred_at: Time | None
    updated_at: Time
    edited_at: Time | None
    unsent: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """How far everyone else who takes part in a conversation has come; nowhere when there is nobody else."""

    delivered_seq: int
    read_seq: int

    def status_of(self, seq: int) -> Status:
        """What has become of the message with this seq."""
        if seq <= self.read_seq:
            return "read"
        return "delivered" if seq <= self.delivered_seq else "sent"


NOWHERE = Reached(0, 0)


async def views_of(
    connection: Connection, by: UserId, conversation_id: str, message_ids: list[MessageId]
) -> dict[MessageId, MessageView]:
    """How these messages of a conversation look to `by`; without those that it does not have, or not for them."""
    rows = await connection.fetch(
        """
        SELECT messages.*,
            reply.message_id AS reply_message_id, reply.seq AS reply_seq, reply.sender_id AS reply_sender_id,
            left(reply.content, 100) AS reply_content, reply.content_type AS reply_content_type,
            reply.unsent AS reply_unsent, reply.notice AS reply_notice, reply.about_id AS reply_about_id,
            reply.notice_title AS reply_notice_title, reply.notice_role AS reply_notice_role,
            EXISTS (
                SELECT FROM bookmarks
                WHERE bookmarks.user_id = $1
                    AND bookmarks.target_type = 'message' AND bookmarks.target_id = messages.message_id
            ) AS bookmarked,
            conversations.kind = 'group' AND me.role IN ('owner', 'admin') AS leads_group
        FROM messages
        JOIN participants AS me ON me.conversation_id = messages.conversation_id AND me.user_id = $1
        JOIN conversations ON conversations.conversation_id = messages.conversation_id
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
    reached = await _reached(connection, by, conversation_id) if any(_is_mine(row, by) for row in rows) else NOWHERE
    reactions = await _reactions(connection, by, conversation_id, message_ids)
    attachments = await _attachments(
        connection, conversation_id, [row for row in rows if row["content_type"] != "text"]
    )
    return {row["message_id"]: _view(row, by, names, reached, reactions, attachments) for row in rows}


async def _reached(connection: Connection, by: UserId, conversation_id: str) -> Reached:
    (row,) = await connection.fetch(
        """
        SELECT coalesce(min(delivered_seq), 0) AS delivered_seq, coalesce(min(read_seq), 0) AS read_seq
        FROM participants WHERE conversation_id = $1 AND user_id <> $2 AND takes_part
        """,
        conversation_id,
        by,
    )
    return Reached(row["delivered_seq"], row["read_seq"])


async def _reactions(
    connection: Connection, by: UserId, conversation_id: str, message_ids: list[MessageId]
) -> Mapping[MessageId, ReactionsView]:
    """How people reacted to those of the messages that anybody reacted to."""
    rows = await connection.fetch(
        """
        SELECT message_id, kind, count(*) AS people, bool_or(user_id = $1) AS mine
        FROM message_reactions WHERE conversation_id = $2 AND message_id = ANY ($3::uuid[])
        GROUP BY message_id, kind ORDER BY message_id, people DESC, kind
        """,
        by,
        conversation_id,
        message_ids,
    )
    counts: dict[MessageId, dict[ReactionKind, int]] = defaultdict(dict)
    for row in rows:
        counts[row["message_id"]][row["kind"]] = row["people"]
    mine = {row["message_id"]: row["kind"] for row in rows if row["mine"]}
    return {message_id: ReactionsView(of_each, mine.get(message_id)) for message_id, of_each in counts.items()}


async def _attachments(
    connection: Connection, conversation_id: str, messages: list[asyncpg.Record]
) -> Mapping[MessageId, list[AttachmentView]]:
    """What goes with these messages, each one's in its order."""
    if not messages:
        return {}
    rows = await connection.fetch(
        """
        SELECT message_id, kind, file_id, url, coalesce(message_attachments.name, files.name) AS name,
            duration, width, height, sort_order
        FROM message_attachments LEFT JOIN files USING (file_id)
        WHERE conversation_id = $1 AND message_id = ANY ($2::uuid[])
        ORDER BY message_id, place
        """,
        conversation_id,
        [row["message_id"] for row in messages],
    )
    found: dict[MessageId, list[AttachmentView]] = defaultdict(list)
    for message_id, *attached in rows:
        found[message_id].append(AttachmentView(*attached))
    return found


def _view(
    row: asyncpg.Record,
    by: UserId,
    names: Names,
    reached: Reached,
    reactions: Mapping[MessageId, ReactionsView],
    attachments: Mapping[MessageId, list[AttachmentView]],
) -> MessageView:
    mine = _is_mine(row, by)
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
        attachments=attachments.get(row["message_id"], []),
        reply_to=_reply(row, names),
        shared_post_id=row["shared_post_id"],
        reactions=reactions.get(row["message_id"], NO_REACTIONS),
        bookmarked=row["bookmarked"],
        status=reached.status_of(row["seq"]) if mine and not row["unsent"] else None,
        flagged=row["flagged"] if row["leads_group"] and not row["unsent"] else None,
        created_at=time_text(row["created_at"]),
        occurred_at=time_text(row["occurred_at"]),
        updated_at=time_text(row["updated_at"]),
        edited_at=time_text(row["edited_at"]),
        unsent=row["unsent"],
    )


def _is_mine(row: asyncpg.Record, by: UserId) -> bool:
    return bool(row["sender_id"] == by and row["role"] != "system")


def _reply(row: asyncpg.Record, names: Names) -> ReplyView | None:
    if row["reply_message_id"] is None:
        return None
    return ReplyView(
        message_id=row["reply_message_id"],
        seq=row["reply_seq"],
        sender_id=row["reply_sender_id"],
        preview=preview_of(row, names, "reply_"),
    )
