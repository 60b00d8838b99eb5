"""Which conversations somebody is in, in which order, and how one of them looks to them."""

from collections.abc import Sequence
from typing import Annotated, Any

import asyncpg
import msgspec
from pydantic import Field

from services.projector.paging import IdPlace, Listed, Moment, decode_cursor, listed, moment, time_of
from services.projector.projection import Connection
from services.projector.questioning import Asked
from services.projector.questions.membership import OfConversation
from services.projector.questions.message_texts import Names, names_for, preview_of
from services.projector.questions.unread import UNREAD_COUNT
from shared.events.conversations import ConversationKind
from shared.identifiers import ConversationId, MessageId, UserId
from shared.web.fields import Id, NoParameters, Nothing, Page
from shared.web.problems import NotFound
from shared.web.routes import Route
from shared.web.times import Time, time_text


class LastMessageView(msgspec.Struct, frozen=True):
    """A conversation's last message. `preview`: its first 100 characters; "unsent", where it is; its content_type,
    where it has no text."""

    message_id: MessageId
    seq: int
    sender_id: UserId
    preview: str
    created_at: Time


class ConversationView(msgspec.Struct, frozen=True):
    """A conversation, as the one who asks sees it. A direct one has the other person's name and picture.

    `role`, `pinned_at` and `archived_at` are theirs who ask; `unread_count` counts what others sent after their read
    marker, without system messages and what was unsent. `last_message` and `unread_count` are without what they
    cleared.
    """

    conversation_id: ConversationId
    kind: ConversationKind
    title: str | None
    avatar_url: str | None
    other_user_id: Annotated[UserId | None, msgspec.Meta(description="in direct conversations")]
    participant_count: int
    agent_id: UserId | None
    workspace_id: str | None
    role: str
    last_message: LastMessageView | None
    unread_count: int
    pinned_at: Time | None
    archived_at: Time | None
    created_by: UserId
    created_at: Time
    updated_at: Annotated[Time, msgspec.Meta(description="when title, picture or agent last changed")]


class Conversations(Page):
    """Which of my conversations."""

    workspace_id: Id | None = None
    archived: bool | None = Field(
        None, description="only those that I archived, or only those that I did not; all where it is not named"
    )
    kind: ConversationKind | None = None


class ByActivity(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A place in the list."""

    pinned: bool
    last_activity: Moment
    conversation_id: IdPlace


async def conversations(asked: Asked[Nothing, NoParameters, Conversations]) -> Listed[ConversationView]:
    place = decode_cursor(asked.query.cursor, ByActivity)
    async with asked.connection() as connection:
        found = await _mine_by_activity(connection, asked.by, asked.query, place)
        views = await _looks(connection, asked.by, [row["conversation_id"] for row in found[: asked.query.limit]])
    page = listed(
        found,
        asked.query.limit,
        view=lambda row: views.get(row["conversation_id"]),
        place=lambda row: ByActivity(row["pinned"], moment(row["last_activity_at"]), row["conversation_id"]),
    )
    return Listed([view for view in page.items if view], page.has_more, page.next_cursor)


async def conversation(asked: Asked[Nothing, OfConversation]) -> ConversationView:
    async with asked.connection() as connection:
        views = await _looks(connection, asked.by, [asked.path.conversation_id])
    if not views:
        raise NotFound
    return views[ConversationId(asked.path.conversation_id)]


async def _mine_by_activity(
    connection: Connection, user_id: UserId, wanted: Conversations, place: ByActivity | None
) -> Sequence[asyncpg.Record]:
    after: tuple[Any, ...] = (None, None, None)
    if place:
        after = (place.pinned, time_of(place.last_activity), place.conversation_id)
    return await connection.fetch(
        """
        SELECT conversation_id, last_activity_at, pinned_at IS NOT NULL AS pinned
        FROM participants JOIN conversations USING (conversation_id)
        WHERE user_id = $1 AND takes_part
            AND (cleared_at IS NULL OR last_seq > cleared_seq)
            AND ($2::uuid IS NULL OR workspace_id = $2)
            AND ($3::text IS NULL OR kind = $3)
            AND ($4::boolean IS NULL OR (archived_at IS NOT NULL) = $4)
            AND ($5::boolean IS NULL
                OR (pinned_at IS NOT NULL, last_activity_at, conversation_id) < ($5, $6::timestamptz, $7::uuid))
        ORDER BY pinned DESC, last_activity_at DESC, conversation_id DESC
        LIMIT $8
        """,
        user_id,
        wanted.workspace_id,
        wanted.kind,
        wanted.archived,
        *after,
        wanted.limit + 1,
    )


async def _looks(
    connection: Connection, user_id: UserId, conversation_ids: list[ConversationId] | list[str]
) -> dict[ConversationId, ConversationView]:
    """How these conversations look to this person; without those that they are not in."""
    rows = await connection.fetch(
        f"""
        SELECT conversations.*, me.role, me.pinned_at, me.archived_at,
            other.user_id AS other_user_id, other.display_name AS other_name, other.avatar_url AS other_avatar_url,
            everybody.participant_count, {UNREAD_COUNT} AS unread_count,
            last.message_id AS last_message_id, last.sender_id AS last_sender_id, last.created_at AS last_created_at,
            left(last.content, 100) AS last_content, last.content_type AS last_content_type,
            last.unsent AS last_unsent, last.notice AS last_notice, last.about_id AS last_about_id,
            last.notice_title AS last_notice_title, last.notice_role AS last_notice_role
        FROM participants AS me
        JOIN conversations USING (conversation_id)
        LEFT JOIN LATERAL (
            SELECT others.user_id, users.display_name, users.avatar_url
            FROM participants AS others LEFT JOIN users USING (user_id)
            WHERE others.conversation_id = me.conversation_id AND others.user_id <> me.user_id
            LIMIT 1
        ) AS other ON conversations.kind = 'direct'
        CROSS JOIN LATERAL (
            SELECT count(*) AS participant_count
            FROM participants AS each WHERE each.conversation_id = me.conversation_id
        ) AS everybody
        LEFT JOIN messages AS last
            ON last.conversation_id = me.conversation_id AND last.seq = conversations.last_seq
            AND last.seq > me.cleared_seq
        WHERE me.user_id = $1 AND me.conversation_id = ANY ($2::uuid[])
        """,  # noqa: S608  # a constant of ours
        user_id,
        conversation_ids,
    )
    names = await names_for(connection, rows, "last_")
    return {row["conversation_id"]: _view(row, names) for row in rows}


def _view(row: asyncpg.Record, names: Names) -> ConversationView:
    direct = row["kind"] == "direct"
    return ConversationView(
        conversation_id=row["conversation_id"],
        kind=row["kind"],
        title=row["other_name"] if direct else row["title"],
        avatar_url=row["other_avatar_url"] if direct else row["avatar_url"],
        other_user_id=row["other_user_id"],
        participant_count=row["participant_count"],
        agent_id=row["agent_id"],
        workspace_id=row["workspace_id"],
        role=row["role"],
        last_message=_last_message(row, names),
        unread_count=row["unread_count"],
        pinned_at=time_text(row["pinned_at"]),
        archived_at=time_text(row["archived_at"]),
        created_by=row["created_by"],
        created_at=time_text(row["created_at"]),
        updated_at=time_text(row["updated_at"]),
    )


def _last_message(row: asyncpg.Record, names: Names) -> LastMessageView | None:
    if row["last_message_id"] is None:
        return None
    return LastMessageView(
        message_id=row["last_message_id"],
        seq=row["last_seq"],
        sender_id=row["last_sender_id"],
        preview=preview_of(row, names, "last_"),
        created_at=time_text(row["last_created_at"]),
    )


ROUTES = (
    Route(
        "GET",
        "/v1/conversations",
        "My conversations, the pinned and the last active first",
        handle=conversations,
        answer=Listed[ConversationView],
        query=Conversations,
        description=(
            "Those that I pinned, then the others; of each the last active first. "
            "Without those that I cleared, as long as nothing newer is said in them, and without message requests "
            "to me, until I accept them."
        ),
    ),
    Route(
        "GET",
        "/v1/conversations/{conversation_id}",
        "Look at one of my conversations",
        handle=conversation,
        answer=ConversationView,
        parameters=OfConversation,
        refusals=(NotFound,),
    ),
)
