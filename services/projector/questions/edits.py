"""Which texts an edited message has had."""

import asyncpg
import msgspec

from services.projector.paging import PAGE_BYTES, CountPlace, Listed, decode_cursor, fitting, listed
from services.projector.questioning import Asked
from services.projector.questions.membership import OfMessage, message_read_by
from shared.web.fields import Nothing, Page
from shared.web.problems import NotFound
from shared.web.routes import Route
from shared.web.times import Time, time_text


class TextView(msgspec.Struct, frozen=True):
    """A text that an edited message has had. `edited_at`: since when; the first text, since it was said."""

    content: str
    edited_at: Time


class ByVersion(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A place in the list."""

    version: CountPlace


async def edits(asked: Asked[Nothing, OfMessage, Page]) -> Listed[TextView]:
    place = decode_cursor(asked.query.cursor, ByVersion)
    async with asked.connection() as connection:
        await message_read_by(connection, asked.by, asked.path)
        rows = await connection.fetch(
            """
            SELECT version, edited_at, bytes_before, CASE WHEN bytes_before < $4 THEN content END AS content
            FROM (
                SELECT *, sum(octet_length(content)) OVER (ORDER BY version) - octet_length(content) AS bytes_before
                FROM message_edits WHERE message_id = $1 AND version > $2
                ORDER BY version LIMIT $3
            ) AS page
            ORDER BY version
            """,
            asked.path.message_id,
            place.version if place else -1,
            asked.query.limit + 1,
            PAGE_BYTES,
        )
    return listed(rows, fitting(rows, asked.query.limit), view=_view, place=lambda row: ByVersion(row["version"]))


def _view(row: asyncpg.Record) -> TextView:
    return TextView(row["content"], time_text(row["edited_at"]))


ROUTES = (
    Route(
        "GET",
        "/v1/conversations/{conversation_id}/messages/{message_id}/edits",
        "Every text that an edited message has had",
        handle=edits,
        answer=Listed[TextView],
        parameters=OfMessage,
        query=Page,
        refusals=(NotFound,),
        description=(
            "From the text it was sent with to the present one; none when it was never edited, or is unsent. "
            f"A page ends early behind the text with which it comes to {PAGE_BYTES:,} bytes."
        ),
    ),
)
