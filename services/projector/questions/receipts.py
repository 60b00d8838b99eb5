"""Whom a message has reached, and when."""

import asyncpg
import msgspec

from services.projector.paging import IdPlace, Listed, decode_cursor, listed
from services.projector.questioning import Asked
from services.projector.questions.membership import OfMessage, message_read_by
from shared.identifiers import UserId
from shared.web.fields import Nothing, Page
from shared.web.problems import NotFound
from shared.web.routes import Route
from shared.web.times import Time, time_text


class ReceiptView(msgspec.Struct, frozen=True):
    """How a message reached somebody. A time is null, too, where the message is older than their being here."""

    user_id: UserId
    delivered: bool
    delivered_at: Time | None
    read: bool
    read_at: Time | None


class ByPerson(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A place in the list."""

    user_id: IdPlace


async def receipts(asked: Asked[Nothing, OfMessage, Page]) -> Listed[ReceiptView]:
    place = decode_cursor(asked.query.cursor, ByPerson)
    async with asked.connection() as connection:
        message = await message_read_by(connection, asked.by, asked.path)
        rows = await connection.fetch(
            """
            SELECT participants.user_id,
                participants.delivered_seq >= $2 AND shown AS delivered,
                least(first_delivered.moved_at, first_read.moved_at) AS delivered_at,
                participants.read_seq >= $2 AND shown AS read,
                first_read.moved_at AS read_at
            FROM participants
            CROSS JOIN LATERAL (SELECT participants.takes_part OR participants.user_id = $6) AS told (shown)
            LEFT JOIN LATERAL (
                SELECT moved_at FROM marker_moves AS moves
                WHERE moves.conversation_id = participants.conversation_id AND moves.user_id = participants.user_id
                    AND moves.kind = 'delivered' AND moves.seq >= $2
                ORDER BY moves.seq LIMIT 1
            ) AS first_delivered ON participants.joined_seq < $2 AND shown
            LEFT JOIN LATERAL (
                SELECT moved_at FROM marker_moves AS moves
                WHERE moves.conversation_id = participants.conversation_id AND moves.user_id = participants.user_id
                    AND moves.kind = 'read' AND moves.seq >= $2
                ORDER BY moves.seq LIMIT 1
            ) AS first_read ON participants.joined_seq < $2 AND shown
            WHERE participants.conversation_id = $1 AND participants.user_id <> $3
                AND ($4::uuid IS NULL OR participants.user_id > $4)
            ORDER BY participants.user_id LIMIT $5
            """,
            asked.path.conversation_id,
            message.seq,
            message.sender_id,
            place.user_id if place else None,
            asked.query.limit + 1,
            asked.by,
        )
    return listed(rows, asked.query.limit, view=_view, place=lambda row: ByPerson(row["user_id"]))


def _view(row: asyncpg.Record) -> ReceiptView:
    return ReceiptView(
        user_id=row["user_id"],
        delivered=row["delivered"],
        delivered_at=time_text(row["delivered_at"]),
        read=row["read"],
        read_at=time_text(row["read_at"]),
    )


ROUTES = (
    Route(
        "GET",
        "/v1/conversations/{conversation_id}/messages/{message_id}/receipts",
        "Whom a message has reached, and when",
        handle=receipts,
        answer=Listed[ReceiptView],
        parameters=OfMessage,
        query=Page,
        refusals=(NotFound,),
        description=(
            "One receipt for each participant but its sender. Reading is delivery too. As long as a message request is "
            "not accepted, whoever made it is not told that anything has reached the other one."
        ),
    ),
)
