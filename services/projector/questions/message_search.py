"""Which messages have some words, of all that somebody may read.

Each conversation of theirs is looked up in the index by itself, so that what others say in other conversations has no
part in it: not in what is found, and not in how long it takes.
"""

from typing import Annotated, Any, Literal

import asyncpg
import msgspec
from pydantic import Field

from services.projector.paging import IdPlace, Listed, Moment, decode_cursor, listed, moment, time_of
from services.projector.projection import Connection
from services.projector.questioning import Asked
from services.projector.questions.snippets import SnippetPart, places_of, snippet_of
from shared.identifiers import ConversationId, MessageId, UserId
from shared.web.fields import Id, NoParameters, NotBlank, Nothing, Page
from shared.web.fields import Moment as MomentAsked
from shared.web.problems import Unavailable
from shared.web.routes import Route
from shared.web.times import Time, time_text

ASKED_CHARACTERS = 200
SEARCH_SECONDS = 2.5
RANKED_MESSAGES = 5_000
RANKED_BYTES = 4_194_304
"""Of more that match, the newest so many are put in order, as far as they have so many bytes to be read: what a common
word takes has a limit too."""
READ_CHARACTERS = 10_000
"""How far a text is read for its rank, and for the place to show. Where that comes later, the beginning is shown."""
RANK_LIMIT = 1e9


class FoundView(msgspec.Struct, frozen=True):
    """A message that was found. `snippet`: a stretch of its text, as it is now, around what was asked for, in parts.

    `occurred_at` is when its source says that it was said, for imported ones.
    """

    message_id: MessageId
    conversation_id: ConversationId
    seq: int
    sender_id: UserId
    role: Literal["user", "assistant"]
    snippet: list[SnippetPart]
    created_at: Time
    occurred_at: Time | None
    edited_at: Time | None


class WordsAsked(Page):
    """What to look for, and where."""

    q: Annotated[str, NotBlank] = Field(
        min_length=1,
        max_length=ASKED_CHARACTERS,
        description="words, all of which the text has to have, in any order, whatever their case and accents; what is "
        "joined by punctuation, as in `don't` or `a/b`, has to be there side by side",
    )
    conversation_id: Id | None = Field(None, description="only in this conversation")
    sender_id: Id | None = Field(None, alias="from", description="only what this person sent")
    before: MomentAsked | None = Field(None, description="only what was said before, by its source where imported")


class ByRank(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A place in the list."""

    rank: Annotated[float, msgspec.Meta(ge=0, le=RANK_LIMIT)]
    said_at: Moment
    message_id: IdPlace


BEST_FIRST = """
    WITH asked AS MATERIALIZED (
        SELECT string_agg('(' || phrase::text || ')', ' & ')::tsquery AS words
        FROM unnest($2::text[]) AS part, phraseto_tsquery('simple', plain_text(part)) AS phrase
        WHERE numnode(phrase) > 0
    ), found AS MATERIALIZED (
        SELECT message.*, coalesce(message.occurred_at, message.created_at) AS said_at
        FROM participants AS mine
        CROSS JOIN LATERAL (
            SELECT * FROM messages
            WHERE content IS NOT NULL
                AND words_of(messages.conversation_id, content)
                    @@ ((SELECT words FROM asked) && quote_literal(mine.conversation_id)::tsquery)
            OFFSET 0  -- what follows is asked of what the index gave, and of nothing else
        ) AS message
        WHERE mine.user_id = $1 AND ($3::uuid IS NULL OR mine.conversation_id = $3)
            AND message.conversation_id = mine.conversation_id AND message.seq > mine.cleared_seq
            AND ($4::uuid IS NULL OR message.sender_id = $4)
            AND ($5::timestamptz IS NULL OR coalesce(message.occurred_at, message.created_at) < $5)
        ORDER BY said_at DESC, message_id DESC
        LIMIT $6
    ), summed AS (
        SELECT *, sum(bytes) OVER (ORDER BY said_at DESC, message_id DESC) - bytes AS bytes_before
        FROM (SELECT *, least(octet_length(content), $7) AS bytes FROM found) AS measured
    ), ranked AS (
        SELECT *, ts_rank_cd(words_of(conversation_id, left(content, $7)), (SELECT words FROM asked), 1) AS rank
        FROM summed WHERE bytes_before < $8
    )
    SELECT message_id, conversation_id, seq, sender_id, role, left(content, $7) AS content,
        created_at, occurred_at, edited_at, said_at, rank
    FROM ranked
    WHERE $9::real IS NULL OR (rank, said_at, message_id) < ($9, $10::timestamptz, $11::uuid)
    ORDER BY rank DESC, said_at DESC, message_id DESC
    LIMIT $12
    """
"""`OFFSET 0` is a fence to the planner. The rank is a function of the text and of what is asked, 1 to divide by the
text's length; so a place in the list stays where it is when other messages come."""


async def messages_found(asked: Asked[Nothing, NoParameters, WordsAsked]) -> Listed[FoundView]:
    place = decode_cursor(asked.query.cursor, ByRank)
    async with asked.search_connection() as connection:
        rows = await _best_first(connection, asked.by, asked.query, place)
    places = places_of(asked.query.q)
    return listed(
        rows,
        asked.query.limit,
        view=lambda row: _view(row, snippet_of(row["content"], places)),
        place=lambda row: ByRank(row["rank"], moment(row["said_at"]), row["message_id"]),
    )


async def _best_first(
    connection: Connection, user_id: UserId, wanted: WordsAsked, place: ByRank | None
) -> list[asyncpg.Record]:
    """The messages behind a place, one more than wanted. Raises Unavailable when finding them takes too long."""
    try:
        return await connection.fetch(BEST_FIRST, *arguments(user_id, wanted, place), timeout=SEARCH_SECONDS)
    except TimeoutError:
        raise Unavailable("this search takes too long: look for rarer words, or in one conversation") from None


def arguments(user_id: UserId, wanted: WordsAsked, place: ByRank | None) -> tuple[Any, ...]:
    """What BEST_FIRST is given."""
    after = (place.rank, time_of(place.said_at), place.message_id) if place else (None, None, None)
    filters = (wanted.conversation_id, wanted.sender_id, wanted.before)
    return (
        user_id,
        wanted.q.split(),
        *filters,
        RANKED_MESSAGES,
        READ_CHARACTERS,
        RANKED_BYTES,
        *after,
        wanted.limit + 1,
    )


def _view(row: asyncpg.Record, snippet: list[SnippetPart]) -> FoundView:
    return FoundView(
        message_id=row["message_id"],
        conversation_id=row["conversation_id"],
        seq=row["seq"],
        sender_id=row["sender_id"],
        role=row["role"],
        snippet=snippet,
        created_at=time_text(row["created_at"]),
        occurred_at=time_text(row["occurred_at"]),
        edited_at=time_text(row["edited_at"]),
    )


ROUTES = (
    Route(
        "GET",
        "/v1/messages/search",
        "Find messages by their words, the best first",
        handle=messages_found,
        answer=Listed[FoundView],
        query=WordsAsked,
        description=(
            "Of all that I may read, as it reads now: in conversations that I am in, without what I cleared, what was "
            "unsent, earlier texts and system messages. Those come first in which the words are more frequent, closer "
            "together and make up more of the text; then the newest. "
            f"Of more than {RANKED_MESSAGES:,} that match, the newest {RANKED_MESSAGES:,}, and fewer where they are "
            f"very long; of a text, the first {READ_CHARACTERS:,} characters count for its place. "
            "A person has one search at a time, everybody together a few, and each a few seconds: beyond that there is "
            "a 503. "
            "Words are whole words: Verbatim does not know which language a text is in. In scripts without spaces "
            "between words, any sequence of letters is found."
        ),
    ),
)
