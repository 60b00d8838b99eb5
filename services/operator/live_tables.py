"""A connection to the live read tables, as the projector's own are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from services.operator.reaching import using_postgres
from shared.postgres import ids_as_texts
from shared.settings import Settings


@asynccontextmanager
async def connected_to_live_tables(settings: Settings) -> AsyncIterator[Any]:
    """SQL on it names tables without a schema. Raises CannotDoError when Postgres cannot be used."""
    with using_postgres():
        connection = await asyncpg.connect(
            settings.database_url, timeout=5.0, server_settings={"search_path": settings.schema("read")}
        )
        try:
            await ids_as_texts(connection)
            yield connection
        finally:
            await connection.close()
