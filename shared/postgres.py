"""Postgres for a whole process: one bounded pool, ids as texts, and one way to say that it is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

from shared.settings import Settings
from shared.web.problems import Problem, Unavailable

IDLE_SECONDS = 30.0
CONNECT_SECONDS = 2.0
ACQUIRE_SECONDS = 2.0
REQUEST_SECONDS = 3.0
STOPPED_SECONDS = 3.0
"""What a process that stands still has open, Postgres undoes after so long: its locks would keep a successor out."""
CLOSE_SECONDS = 1.0
BY_KEY = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""Settings of sessions that only look rows up by their keys: a plan made while a table was small, which reads all of
it, would stay with the session while the table grows."""

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection says that has just been told that the server goes down
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
"""What is raised when Postgres cannot be reached, is going down or coming up, or has no room."""


async def open_pool(settings: Settings, **more: Any) -> Pool:
    """Opens the process's pool; it connects when it is first needed, so Postgres may still be away.

    Ids go in and come out as canonical texts, in queries and in COPY. `more` goes to asyncpg's pool. A connection's
    session settings are undone when it is given back.
    """
    options: dict[str, Any] = {
        "min_size": 0,
        "max_size": settings.database_pool_size,
        "max_inactive_connection_lifetime": IDLE_SECONDS,
        "timeout": CONNECT_SECONDS,
        "init": ids_as_texts,
    }
    stopped = {"idle_in_transaction_session_timeout": f"{STOPPED_SECONDS:.0f}s"}
    server_settings = stopped | more.pop("server_settings", {})
    return await asyncpg.create_pool(settings.database_url, server_settings=server_settings, **(options | more))


async def ids_as_texts(connection: Any) -> None:
    """Makes a connection give and take uuids as texts: in binary, since COPY takes nothing else."""
    await connection.set_type_codec(
        "uuid", schema="pg_catalog", encoder=_id_to_bytes, decoder=_id_from_bytes, format="binary"
    )


def _id_to_bytes(text: Any) -> bytes:
    return bytes.fromhex(str(text).replace("-", ""))


def _id_from_bytes(data: bytes) -> str:
    digits = bytes(data).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@asynccontextmanager
async def connected(pool: Pool, meanwhile: type[Problem] = Unavailable) -> AsyncIterator[Connection]:
    """A connection of the pool for a request, for a few seconds at most.

    Raises Unavailable when Postgres is away, and `meanwhile` when it goes away while the connection is used: another
    one where what was sent may have been done.
    """
    otherwise: type[Problem] = Unavailable
    try:
        async with asyncio.timeout(REQUEST_SECONDS), pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            otherwise = meanwhile
            yield connection
    except AWAY as error:
        raise otherwise("the database cannot be reached right now") from error


async def close_pool(pool: Pool) -> None:
    """Closes the pool, within seconds: what Postgres does not answer by then is cut off."""
    try:
        await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
    except Exception:  # noqa: BLE001  # whatever its connections were waiting for, they are cut
        pool.terminate()


async def answers(pool: Pool) -> bool:
    """Whether Postgres answers now."""
    try:
        async with pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            await connection.execute("SELECT 1", timeout=ACQUIRE_SECONDS)
    except AWAY:
        return False
    return True
