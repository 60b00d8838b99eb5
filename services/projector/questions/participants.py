"""Who is in a conversation, and how far each has come."""

from typing import Any

import asyncpg
import msgspec

from services.projector.paging import IdPlace, Listed, Moment, decode_cursor, listed, moment, time_of
from services.projector.questioning import Asked
from services.projector.questions.membership import OfConversation, must_be_in
from shared.events.conversations import Role
from shared.identifiers import UserId
from shared.web.fields import Nothing, Page
from shared.web.problems import NotFound
from shared.web.routes import Route
from shared.web.times import Time, time_text


class ParticipantView(msgspec.Struct, frozen=True):
    """Somebody in a conversation. A marker's time is null as long as it stands where it started when they joined.

    To whoever made a message request, the other one's markers stand there until it is accepted.
    """

    user_id: UserId
    role: Role
    joined_at: Time
    delivered_seq: int
    delivered_at: Time | None
    read_seq: int
    read_at: Time | None


class ByJoining(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A place in the list."""

    joined: Moment
    user_id: IdPlace


async def participants(asked: Asked[Nothing, OfConversation, Page]) -> Listed[ParticipantView]:
    place = decode_cursor(asked.query.cursor, ByJoining)
    after: tuple[Any, Any] = (time_of(place.joined), place.user_id) if place else (None, None)
    async with asked.connection() as connection:
        await must_be_in(connection, asked.path.conversation_id, asked.by)
        rows = await connection.fetch(
            """
            SELECT * FROM participants
            WHERE conversation_id = $1 AND ($2::timestamptz IS NULL OR (joined_at, user_id) > ($2, $3::uuid))
            ORDER BY joined_at, user_id
            LIMIT $4
            """,
            asked.path.conversation_id,
            *after,
            asked.query.limit + 1,
        )
    return listed(
        rows,
        asked.query.limit,
        view=lambda row: _view(row, asked.by),
        place=lambda row: ByJoining(moment(row["joined_at"]), row["user_id"]),
    )


def _view(row: asyncpg.Record, by: UserId) -> ParticipantView:
    shown = row["takes_part"] or row["user_id"] == by
    return ParticipantView(
        user_id=row["user_id"],
        role=row["role"],
        joined_at=time_text(row["joined_at"]),
        delivered_seq=row["delivered_seq"] if shown else row["joined_seq"],
        delivered_at=time_text(row["delivered_at"]) if shown else None,
        read_seq=row["read_seq"] if shown else row["joined_seq"],
        read_at=time_text(row["read_at"]) if shown else None,
    )


ROUTES = (
    Route(
        "GET",
        "/v1/conversations/{conversation_id}/participants",
        "Who is in it, who joined first first",
        handle=participants,
        answer=Listed[ParticipantView],
        parameters=OfConversation,
        query=Page,
        refusals=(NotFound,),
    ),
)
