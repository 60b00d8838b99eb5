"""What was said in a conversation: in pages by seq, or one message."""

from typing import Annotated

import asyncpg
import msgspec
from pydantic import Field

from services.projector.paging import COUNT_LIMIT, PAGE_BYTES, CountPlace, Listed, decode_cursor, fitting, listed
from services.projector.projection import Connection
from services.projector.questioning import Asked
from services.projector.questions.membership import OfConversation, OfMessage, cleared_seq_of
from services.projector.questions.message_views import MessageView, views_of
from shared.identifiers import MessageId
from shared.web.fields import Id, Nothing, Page
from shared.web.problems import NotFound
from shared.web.routes import Route

Seq = Annotated[int, Field(ge=0, le=COUNT_LIMIT)]


class Messages(Page):
    """Which messages. A cursor stands for `before_seq` and `after_seq` too."""

    before_seq: Seq | None = None
    after_seq: Seq | None = Field(None, description="turns the order round: the oldest first")
    client_message_id: Id | None = Field(None, description="only the message that I sent with this id")


class Window(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A stretch of a conversation, without its two ends, and the end from which it is read."""

    after_seq: CountPlace
    before_seq: CountPlace
    oldest_first: bool

    def beyond(self, seq: int) -> "Window":
        """What of it was said after the message with this seq."""
        return Window(max(self.after_seq, seq), self.before_seq, self.oldest_first)

    def behind(self, seq: int) -> "Window":
        """What of it comes behind the message with this seq."""
        if self.oldest_first:
            return Window(seq, self.before_seq, oldest_first=True)
        return Window(self.after_seq, seq, oldest_first=False)


async def messages(asked: Asked[Nothing, OfConversation, Messages]) -> Listed[MessageView]:
    conversation_id, wanted = asked.path.conversation_id, asked.query
    window = decode_cursor(wanted.cursor, Window) or _window(wanted)
    async with asked.connection() as connection:
        cleared_seq = await cleared_seq_of(connection, conversation_id, asked.by)
        if wanted.client_message_id is None:
            found = await _messages_in(connection, conversation_id, window.beyond(cleared_seq), wanted.limit + 1)
        else:
            found = await connection.fetch(
                """
                SELECT message_id, seq, 0 AS bytes_before FROM messages
                WHERE client_message_id = $1 AND conversation_id = $2 AND sender_id = $3
                """,
                wanted.client_message_id,
                conversation_id,
                asked.by,
            )
        limit = fitting(found, wanted.limit)
        views = await views_of(connection, asked.by, conversation_id, [row["message_id"] for row in found[:limit]])
    page = listed(found, limit, view=lambda row: row["message_id"], place=lambda row: window.behind(row["seq"]))
    return Listed([views[each] for each in page.items if each in views], page.has_more, page.next_cursor)


def _window(wanted: Messages) -> Window:
    return Window(
        after_seq=wanted.after_seq or 0,
        before_seq=COUNT_LIMIT if wanted.before_seq is None else wanted.before_seq,
        oldest_first=wanted.after_seq is not None,
    )


async def _messages_in(
    connection: Connection, conversation_id: str, window: Window, limit: int
) -> list[asyncpg.Record]:
    newest_first = """
        SELECT message_id, seq, sum(bytes) OVER (ORDER BY seq DESC) - bytes AS bytes_before
        FROM (
            SELECT message_id, seq, coalesce(octet_length(content), 0) AS bytes FROM messages
            WHERE conversation_id = $1 AND seq > $2 AND seq < $3
            ORDER BY seq DESC LIMIT $4
        ) AS page
        ORDER BY seq DESC
        """
    oldest_first = """
        SELECT message_id, seq, sum(bytes) OVER (ORDER BY seq) - bytes AS bytes_before
        FROM (
            SELECT message_id, seq, coalesce(octet_length(content), 0) AS bytes FROM messages
            WHERE conversation_id = $1 AND seq > $2 AND seq < $3
            ORDER BY seq LIMIT $4
        ) AS page
        ORDER BY seq
        """
    sql = oldest_first if window.oldest_first else newest_first
    return await connection.fetch(sql, conversation_id, window.after_seq, window.before_seq, limit)


async def message(asked: Asked[Nothing, OfMessage]) -> MessageView:
    message_id = MessageId(asked.path.message_id)
    async with asked.connection() as connection:
        views = await views_of(connection, asked.by, asked.path.conversation_id, [message_id])
    if message_id not in views:
        raise NotFound
    return views[message_id]


ROUTES = (
    Route(
        "GET",
        "/v1/conversations/{conversation_id}/messages",
        "Read a conversation, the newest first",
        handle=messages,
        answer=Listed[MessageView],
        parameters=OfConversation,
        query=Messages,
        refusals=(NotFound,),
        description=(
            "`before_seq` goes back from there; with `after_seq` it goes on from there, the oldest first. "
            f"A page ends early behind the message with which its texts come to {PAGE_BYTES:,} bytes; whoever goes on "
            "by the cursor, or from the seq of its last message, misses nothing. Without what I cleared."
        ),
    ),
    Route(
        "GET",
        "/v1/conversations/{conversation_id}/messages/{message_id}",
        "Read one message",
        handle=message,
        answer=MessageView,
        parameters=OfMessage,
        refusals=(NotFound,),
    ),
)
