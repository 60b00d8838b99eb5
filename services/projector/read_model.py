"""The live read tables: connections whose SQL finds them without naming a schema, whichever schema was switched to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from services.projector.turns import Turns
from shared.identifiers import UserId
from shared.postgres import BY_KEY, Connection, Pool, connected, open_pool
from shared.settings import Settings

FOLLOWING_CONNECTIONS = 3
QUESTION_SECONDS = 4.0
SEARCHES_AT_ONCE = 4
"""Far fewer than there are connections: the others are for all other questions."""
SEARCH_WAIT_SECONDS = 2.0
BATCH_SECONDS = 60.0
"""Postgres gives up a statement of a batch that takes longer, and says so: see `is_too_slow`."""
LOCK_SECONDS = 30.0
"""Whoever waits for a lock that long is told that it was the lock: no event is at fault."""
SILENT_SECONDS = 5.0
"""How much later than that a Postgres that says nothing at all is given up."""
STOPPED_SECONDS = 5.0
"""A batch whose process stands still for so long is undone by Postgres, so that another process can follow."""

POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""From which Postgres counts the microseconds of a `timestamptz`."""
DAY_MICROSECONDS = 86_400_000_000


class LiveReadModel:
    """A bounded pool on the schema named `read`. A switch renames schemas: Postgres plans anew by itself."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._searches = Turns(max(1, min(SEARCHES_AT_ONCE, pool.get_max_size() // 2)), SEARCH_WAIT_SECONDS)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for one question. Raises Unavailable when Postgres is away."""
        async with connected(self._pool) as connection:
            yield connection

    @asynccontextmanager
    async def search_connection(self, by: UserId) -> AsyncIterator[Connection]:
        """A connection for one search, of which a person has one at a time, and everybody together a few.

        Raises Unavailable when there is none for them within SEARCH_WAIT_SECONDS, and when Postgres is away.
        """
        async with self._searches.turn(by), connected(self._pool) as connection:
            yield connection


async def open_questions_pool(settings: Settings) -> Pool:
    """The pool that questions share."""
    return await open_pool(
        settings,
        max_size=max(1, settings.database_pool_size - FOLLOWING_CONNECTIONS),
        command_timeout=QUESTION_SECONDS,
        server_settings={"search_path": settings.schema("read"), "application_name": "verbatim-questions"},
    )


async def times_as_numbers(connection: Any) -> None:
    """Has times encoded by arithmetic of ours: it takes half as long as asyncpg's, and a message has two or three."""
    await connection.set_type_codec(
        "timestamptz", schema="pg_catalog", encoder=_to_microseconds, decoder=_from_microseconds, format="tuple"
    )


def _to_microseconds(time: datetime) -> tuple[int]:
    since = time - POSTGRES_EPOCH
    return (since.days * DAY_MICROSECONDS + since.seconds * 1_000_000 + since.microseconds,)


def _from_microseconds(since: tuple[int]) -> datetime:
    return POSTGRES_EPOCH + timedelta(microseconds=since[0])


async def open_following_pool(settings: Settings, schema: str, *, durable: bool = True) -> Pool:
    """The pool for following into a schema. Not `durable`: after a crash of Postgres the last batches may be undone,
    rows and offsets together, which is well while nobody reads there."""
    return await open_pool(
        settings,
        max_size=FOLLOWING_CONNECTIONS,
        init=times_as_numbers,  # it takes ids as texts by itself; that it would give them otherwise matters not
        max_inactive_connection_lifetime=0,
        command_timeout=BATCH_SECONDS + SILENT_SECONDS,
        server_settings={
            **BY_KEY,
            "search_path": schema,
            "application_name": "verbatim-following",
            "synchronous_commit": "on" if durable else "off",
            "statement_timeout": f"{BATCH_SECONDS * 1000:.0f}ms",
            "lock_timeout": f"{LOCK_SECONDS * 1000:.0f}ms",
            "idle_in_transaction_session_timeout": f"{STOPPED_SECONDS:.0f}s",
        },
    )
