"""Filling is quick without secondary indexes: they are put aside by catalogue, and made when the tables are full."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncpg

INDEXES_AT_ONCE = 2
Connected = Callable[[], AbstractAsyncContextManager[asyncpg.Connection]]
"""Opens a connection of one's own."""


async def put_aside(connection: asyncpg.Connection, schema: str) -> int:
    """Drops every index that no constraint and no uniqueness needs, and keeps its definition. Gives how many."""
    async with connection.transaction():
        found = await connection.fetch(
            """
            SELECT index.relname AS name, pg_get_indexdef(index.oid) AS definition
            FROM pg_index
            JOIN pg_class AS index ON index.oid = indexrelid
            JOIN pg_namespace AS namespace ON namespace.oid = index.relnamespace
            WHERE nspname = $1 AND NOT indisunique AND NOT indisprimary
              AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
              AND left(index.relname, 1) <> '_' AND left(index.relname, 4) <> 'yoyo'
            """,
            schema,
        )
        for row in found:
            await connection.execute(
                f"INSERT INTO {schema}.indexes_to_come (name, definition) VALUES ($1, $2)",  # noqa: S608
                row["name"],
                row["definition"],
            )
            await connection.execute(f'DROP INDEX {schema}."{row["name"]}"')
        return len(found)


async def make(connected: Connected, schema: str) -> int:
    """Makes what was put aside, INDEXES_AT_ONCE at a time and each in a transaction, so that an interruption loses few.

    Those that are looked up by words take by far the longest, and begin first. Gives how many there were. Raises
    what Postgres raised first; what is left is made the next time.
    """
    async with connected() as connection:
        names = await connection.fetch(
            f"SELECT name FROM {schema}.indexes_to_come ORDER BY definition LIKE '% USING gin %' DESC, name"  # noqa: S608
        )
        to_come = [row["name"] for row in names]
        total = len(to_come)
        try:
            async with asyncio.TaskGroup() as making:
                for _ in range(INDEXES_AT_ONCE):
                    making.create_task(_make_some(connected, schema, to_come))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        await connection.execute(f"ANALYZE {schema}.checkpoints")
        return total


async def _make_some(connected: Connected, schema: str, to_come: list[str]) -> None:
    async with connected() as connection:
        while to_come:
            name = to_come.pop(0)
            async with connection.transaction():
                definition = await connection.fetchval(
                    f"DELETE FROM {schema}.indexes_to_come WHERE name = $1 RETURNING definition",  # noqa: S608
                    name,
                )
                await connection.execute(definition)
