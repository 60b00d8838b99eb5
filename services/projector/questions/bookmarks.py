"""What I keep for later, over all conversations, and what has become of it since."""

from typing import Literal

import asyncpg
import msgspec

from services.projector.paging import IdPlace, Listed, Moment, decode_cursor, listed, moment, time_of
from services.projector.projection import Connection
from services.projector.questioning import Asked
from services.projector.questions.message_texts import Names, names_for, preview_of
from shared.events.bookmarks import TargetType
from shared.identifiers import BookmarkId, ConversationId
from shared.web.fields import Ids, NoParameters, Nothing, Page, Parameters
from shared.web.routes import Route
from shared.web.times import Time, time_text

TargetState = Literal["available", "edited", "unsent", "inaccessible"]


class BookmarkView(msgspec.Struct, frozen=True):
    """A bookmark. `target_state` is what has become of the target since it was saved: `inaccessible` where it is not
    mine to read any more, or I cleared it. A file is, as long as it is mine or I may read a message that has it.

    `preview`: the first 100 characters of the message as it is now, or its content_type where it has no text, or the
    file's name; "unsent" where it is, null where it is not mine to read.
    """

    bookmark_id: BookmarkId
    type: TargetType
    target_id: str
    conversation_id: ConversationId | None
    note: str | None
    target_state: TargetState
    preview: str | None
    created_at: Time


class BookmarkedView(msgspec.Struct, frozen=True):
    """Those of the targets asked for that are kept, in that order."""

    bookmarked: list[str]


class BookmarksAsked(Page):
    """Which bookmarks: those of one type of target, or all."""

    type: TargetType | None = None


class TargetsAsked(Parameters):
    """Which targets."""

    type: TargetType
    ids: Ids


class Place(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """Where in the list a bookmark stands."""

    created_at: Moment
    bookmark_id: IdPlace


async def bookmarks(asked: Asked[Nothing, NoParameters, BookmarksAsked]) -> Listed[BookmarkView]:
    place = decode_cursor(asked.query.cursor, Place)
    async with asked.connection() as connection:
        rows = await _bookmarks_of(connection, asked.by, asked.query, place)
        names = await names_for(connection, [row for row in rows if row["readable"]], "message_")
    return listed(rows, asked.query.limit, view=lambda row: bookmark_view(row, names), place=_place_of)


async def _bookmarks_of(
    connection: Connection, user_id: str, wanted: BookmarksAsked, place: Place | None
) -> list[asyncpg.Record]:
    """The bookmarks behind a place, one more than wanted, each with its message or file and whether it is theirs to
    read."""
    return await connection.fetch(
        """
        SELECT bookmarks.*,
            participants.user_id IS NOT NULL OR files.file_id IS NOT NULL AS readable,
            left(files.name, 100) AS file_name,
            messages.edited_at IS NOT NULL AND messages.updated_at > bookmarks.created_at AS edited,
            messages.unsent AS message_unsent, messages.sender_id AS message_sender_id,
            left(messages.content, 100) AS message_content, messages.content_type AS message_content_type,
            messages.notice AS message_notice,
            messages.about_id AS message_about_id, messages.notice_title AS message_notice_title,
            messages.notice_role AS message_notice_role
        FROM bookmarks
            LEFT JOIN messages ON bookmarks.target_type = 'message' AND messages.message_id = bookmarks.target_id
            LEFT JOIN participants
                ON participants.conversation_id = messages.conversation_id AND participants.user_id = bookmarks.user_id
                AND participants.cleared_seq < messages.seq
            LEFT JOIN files
                ON bookmarks.target_type = 'file' AND files.file_id = bookmarks.target_id
                AND (files.user_id = bookmarks.user_id OR EXISTS (
                    SELECT FROM message_attachments AS attached
                        JOIN messages AS having_it ON having_it.message_id = attached.message_id
                        JOIN participants AS reader ON reader.conversation_id = having_it.conversation_id
                    WHERE attached.file_id = files.file_id
                        AND reader.user_id = bookmarks.user_id AND reader.cleared_seq < having_it.seq
                ))
        WHERE bookmarks.user_id = $1 AND ($2::text IS NULL OR bookmarks.target_type = $2)
            AND ($3::timestamptz IS NULL OR (bookmarks.created_at, bookmarks.bookmark_id) < ($3, $4::uuid))
        ORDER BY bookmarks.created_at DESC, bookmarks.bookmark_id DESC
        LIMIT $5
        """,
        user_id,
        wanted.type,
        None if place is None else time_of(place.created_at),
        None if place is None else place.bookmark_id,
        wanted.limit + 1,
    )


def bookmark_view(row: asyncpg.Record, names: Names) -> BookmarkView:
    """What a row shows of a bookmark, and of its target only where that may be read."""
    return BookmarkView(
        bookmark_id=row["bookmark_id"],
        type=row["target_type"],
        target_id=row["target_id"],
        conversation_id=row["conversation_id"],
        note=row["note"],
        target_state=target_state(row),
        preview=_preview(row, names) if row["readable"] else None,
        created_at=time_text(row["created_at"]),
    )


def _preview(row: asyncpg.Record, names: Names) -> str:
    file_name: str | None = row["file_name"]
    return preview_of(row, names, "message_") if file_name is None else file_name


def target_state(row: asyncpg.Record) -> TargetState:
    """What has become of the target since it was saved."""
    if not row["readable"]:
        return "inaccessible"
    if row["message_unsent"]:
        return "unsent"
    return "edited" if row["edited"] else "available"


def _place_of(row: asyncpg.Record) -> Place:
    return Place(moment(row["created_at"]), row["bookmark_id"])


async def which_are_bookmarked(asked: Asked[Nothing, NoParameters, TargetsAsked]) -> BookmarkedView:
    rows = await asked.rows(
        """
        SELECT target_id
        FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (target_id, place) JOIN bookmarks USING (target_id)
        WHERE user_id = $2 AND target_type = $3
        ORDER BY place
        """,
        list(dict.fromkeys(asked.query.ids)),
        asked.by,
        asked.query.type,
    )
    return BookmarkedView([row["target_id"] for row in rows])


ROUTES = (
    Route(
        "GET",
        "/v1/bookmarks",
        "What I keep for later, the newest first",
        handle=bookmarks,
        answer=Listed[BookmarkView],
        query=BookmarksAsked,
    ),
    Route(
        "GET",
        "/v1/bookmarks/check",
        "Which of these I keep",
        handle=which_are_bookmarked,
        answer=BookmarkedView,
        query=TargetsAsked,
    ),
)
