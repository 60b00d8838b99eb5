"""What a request is told when its connection to Postgres is on its last legs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.embedded.ports import HOST
from shared.postgres import close_pool, connected, open_pool
from shared.settings import Settings
from shared.web.problems import Unavailable


@asynccontextmanager
async def without_ends(url: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """The same database, but clients are not told when it ends their connection; the event says that it has."""
    parts, ended = urlsplit(url), asyncio.Event()
    writers: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65_536):
            writer.write(chunk)
        ended.set()

    async def connect(client_reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        server_reader, server = await asyncio.open_connection(parts.hostname, parts.port)
        writers.extend((client, server))
        await asyncio.gather(carry(client_reader, server), carry(server_reader, client))

    async with await asyncio.start_server(connect, HOST, 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        yield urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}"))), ended
        for writer in writers:
            writer.close()


async def test_a_connection_that_was_just_told_to_end_is_no_fault_of_ours(database_url: str) -> None:
    async with without_ends(database_url) as (url, ended):
        pool = await open_pool(Settings(database_url=url))
        try:
            async with connected(pool) as connection:
                pid = await connection.fetchval("SELECT pg_backend_pid()")
            other = await asyncpg.connect(database_url)
            await other.execute("SELECT pg_terminate_backend($1)", pid)
            await other.close()
            await ended.wait()
            with pytest.raises(Unavailable):
                async with connected(pool) as connection:
                    await connection.fetchval("SELECT 1 + $1", 1)
        finally:
            await close_pool(pool)
