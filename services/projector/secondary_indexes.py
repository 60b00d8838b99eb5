"""Filling is quick without secondary indexes: they are put aside by catalogue, and made when the tables are full."""

import asyncpg


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


async def make(connection: asyncpg.Connection, schema: str) -> int:
    """Makes what was put aside, one by one, so that an interruption loses one at most. Gives how many."""
    rows = await connection.fetch(f"SELECT name, definition FROM {schema}.indexes_to_come ORDER BY name")  # noqa: S608
    for row in rows:
        async with connection.transaction():
            await connection.execute(row["definition"])
            await connection.execute(f"DELETE FROM {schema}.indexes_to_come WHERE name = $1", row["name"])  # noqa: S608
    await connection.execute(f"ANALYZE {schema}.checkpoints")
    return len(rows)
