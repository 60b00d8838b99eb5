"""Who has asked me whether I want to be written to, and whom I have asked."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import asyncpg
import msgspec
from pydantic import Field

from services.projector.paging import IdPlace, Listed, Moment, decode_cursor, listed, moment, time_of
from services.projector.questioning import Asked
from shared.events.message_requests import RequestState
from shared.identifiers import ConversationId, UserId
from shared.web.fields import NoParameters, Nothing, Page
from shared.web.routes import Route
from shared.web.times import Time, time_text


class MessageRequestView(msgspec.Struct, frozen=True):
    """A direct conversation that started as a request."""

    conversation_id: ConversationId
    requester_id: UserId
    recipient_id: UserId
    state: Annotated[RequestState, msgspec.Meta(description="of those that I sent, `declined` is not told: `pending`")]
    created_at: Time


class MessageRequests(Page):
    """Which message requests."""

    direction: Literal["received", "sent"] = "received"
    state: RequestState | None = Field(None, description="all where it is not named; none that I sent is `declined`")


class ByRequest(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A place in the list."""

    created: Moment
    conversation_id: IdPlace


async def message_requests(asked: Asked[Nothing, NoParameters, MessageRequests]) -> Listed[MessageRequestView]:
    wanted = asked.query
    find = _received if wanted.direction == "received" else _sent
    rows = await find(asked, decode_cursor(wanted.cursor, ByRequest))
    return listed(
        rows,
        wanted.limit,
        view=_view,
        place=lambda row: ByRequest(moment(row["created_at"]), row["conversation_id"]),
    )


async def _received(
    asked: Asked[Nothing, NoParameters, MessageRequests], place: ByRequest | None
) -> Sequence[asyncpg.Record]:
    return await asked.rows(
        """
        SELECT * FROM message_requests
        WHERE recipient_id = $1
            AND ($2::text IS NULL OR state = $2)
            AND ($3::timestamptz IS NULL OR (created_at, conversation_id) < ($3, $4::uuid))
        ORDER BY created_at DESC, conversation_id DESC
        LIMIT $5
        """,
        asked.by,
        asked.query.state,
        *_after(place),
        asked.query.limit + 1,
    )


async def _sent(
    asked: Asked[Nothing, NoParameters, MessageRequests], place: ByRequest | None
) -> Sequence[asyncpg.Record]:
    """Whoever asked is not told of a decline: it looks as if nobody had answered."""
    return await asked.rows(
        """
        SELECT conversation_id, requester_id, recipient_id, told.state, created_at
        FROM message_requests
        CROSS JOIN LATERAL (
            SELECT CASE message_requests.state WHEN 'accepted' THEN 'accepted' ELSE 'pending' END AS state
        ) AS told
        WHERE requester_id = $1
            AND ($2::text IS NULL OR told.state = $2)
            AND ($3::timestamptz IS NULL OR (created_at, conversation_id) < ($3, $4::uuid))
        ORDER BY created_at DESC, conversation_id DESC
        LIMIT $5
        """,
        asked.by,
        asked.query.state,
        *_after(place),
        asked.query.limit + 1,
    )


def _after(place: ByRequest | None) -> tuple[Any, Any]:
    return (time_of(place.created), place.conversation_id) if place else (None, None)


def _view(row: asyncpg.Record) -> MessageRequestView:
    return MessageRequestView(
        conversation_id=row["conversation_id"],
        requester_id=row["requester_id"],
        recipient_id=row["recipient_id"],
        state=row["state"],
        created_at=time_text(row["created_at"]),
    )


ROUTES = (
    Route(
        "GET",
        "/v1/message-requests",
        "Message requests that I received, or that I sent",
        handle=message_requests,
        answer=Listed[MessageRequestView],
        query=MessageRequests,
        description=(
            "The newest first. What was said in one is read as in any conversation, by its id; that I read it is not "
            "shown to the other one until I accept."
        ),
    ),
)
