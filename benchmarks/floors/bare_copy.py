"""The floor of writing tables: Postgres takes the same rows by COPY, in its own binary form and from memory."""

from io import BytesIO
from time import perf_counter

import asyncpg
import msgspec

from benchmarks.apart import BrokenRunError, answer_job, apart
from services.projector.projections import PROJECTIONS
from shared.settings import Settings


class Copying(msgspec.Struct, frozen=True):
    """The rows of all read tables of one schema go into another, which has the same tables and no rows.

    `bare`: they go into tables without any index or key, and those are made afterwards, without waiting for the disk
    at each commit, as a rebuild does.
    """

    database_url: str
    source: str
    target: str
    bare: bool


class Copied(msgspec.Struct, frozen=True):
    """How long it took, what was copied before into memory not counted."""

    seconds: float
    rows: int


async def bare_copy(settings: Settings, source: str, target: str, *, bare: bool) -> Copied:
    """Measures in a process of its own."""
    return await apart("floors.bare_copy", Copying(settings.database_url, source, target, bare), Copied)


async def _measure(job: Copying) -> Copied:
    durable = {"synchronous_commit": "off" if job.bare else "on"}
    connection = await asyncpg.connect(job.database_url, server_settings={"search_path": job.target, **durable})
    tables = [table for projection in PROJECTIONS for table in projection.tables]
    contents = {table: await _content(connection, job.source, table) for table in tables}
    afterwards = await _stripped(connection, job.target) if job.bare else []
    await connection.execute("CHECKPOINT")
    began = perf_counter()
    rows = 0
    for table, content in contents.items():
        rows += int((await connection.copy_to_table(table, source=content, format="binary")).split()[-1])
    for statement in afterwards:
        await connection.execute(statement)
    seconds = perf_counter() - began
    await connection.close()
    if not rows:
        raise BrokenRunError(f"there is nothing to copy in {job.source}")
    return Copied(seconds, rows)


async def _content(connection: "asyncpg.Connection[asyncpg.Record]", schema: str, table: str) -> BytesIO:
    content = BytesIO()
    await connection.copy_from_table(table, schema_name=schema, output=content, format="binary")
    content.seek(0)
    return content


async def _stripped(connection: "asyncpg.Connection[asyncpg.Record]", schema: str) -> list[str]:
    """Takes every key and index from the read tables; gives the statements that make them again."""
    tables = [table for projection in PROJECTIONS for table in projection.tables]
    keys = await connection.fetch(
        """
        SELECT conrelid::regclass::text AS "table", quote_ident(conname) AS name,
               pg_get_constraintdef(oid) AS definition
        FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = ANY ($1::text[]::regclass[])
        """,
        [f"{schema}.{table}" for table in tables],
    )
    for key in keys:
        await connection.execute(f"ALTER TABLE {key['table']} DROP CONSTRAINT {key['name']}")
    indexes = await connection.fetch(
        """
        SELECT quote_ident(indexname) AS name, indexdef FROM pg_indexes
        WHERE schemaname = $1 AND tablename = ANY ($2)
        """,
        schema,
        tables,
    )
    for index in indexes:
        await connection.execute(f"DROP INDEX {schema}.{index['name']}")
    remade = [f"ALTER TABLE {key['table']} ADD CONSTRAINT {key['name']} {key['definition']}" for key in keys]
    return [*remade, *(index["indexdef"] for index in indexes)]


if __name__ == "__main__":
    answer_job(Copying, _measure)
