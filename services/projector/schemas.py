"""The schemas of the read model: the live one keeps its name, and a switch gives that name to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.projector.checkpoints import shut_out_holder
from shared.settings import Settings

SWITCH_SECONDS = 10.0
SHOWN_PARTS = 5


class CannotSwitchError(RuntimeError):
    """The other schema may not become the live one; the message says why."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """Their names. `next` is being filled, `previous` was live before the last switch."""

    live: str
    next: str
    previous: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How one schema is."""

    schema: str
    records: int
    filled_at: datetime | None
    parked: int
    followed: bool


def schemas_of(settings: Settings) -> Schemas:
    """The names of the read model's schemas."""
    live = settings.schema("read")
    return Schemas(live, f"{live}_next", f"{live}_previous")


async def exists(connection: asyncpg.Connection, schema: str) -> bool:
    """Whether there is such a schema, with the tables that following needs."""
    return await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", f"{schema}.checkpoints") is True


async def standing_of(connection: asyncpg.Connection, schema: str) -> Standing | None:
    """How a schema is; None when it is not there."""
    if not await exists(connection, schema):
        return None
    row = await connection.fetchrow(
        f"""
        SELECT (SELECT coalesce(sum(next_offset), 0) FROM {schema}.checkpoints)::bigint,
               filled_at, (SELECT count(*) FROM {schema}.parked_records),
               holder IS NOT NULL AND renewed_at > clock_timestamp() - interval '3 seconds'
        FROM {schema}.following
        """  # noqa: S608  # a name of ours
    )
    return None if row is None else Standing(schema, *row)


async def next_offsets(connection: asyncpg.Connection, schema: str) -> dict[tuple[str, int], int]:
    """How far a schema covers each partition."""
    rows = await connection.fetch(f"SELECT topic, partition, next_offset FROM {schema}.checkpoints")  # noqa: S608
    return {(topic, partition): offset for topic, partition, offset in rows}


async def keep_still(connection: asyncpg.Connection, schema: str) -> None:
    """Lets no batch be committed into a schema until this transaction ends."""
    await connection.execute(f"SELECT FROM {schema}.checkpoints ORDER BY topic, partition FOR UPDATE")


async def exchange(connection: asyncpg.Connection, schemas: Schemas, becoming: str, *, although_behind: bool) -> None:
    """Gives the live name to `becoming`; the live one becomes the previous. Part of the caller's transaction, in which
    both schemas were kept still. Readers see the one or the other, and never less than before.

    Raises CannotSwitchError when `becoming` does not cover what the live one does.
    """
    await _check_covers(connection, schemas.live, becoming, although_behind=although_behind)
    for schema in (schemas.live, becoming):
        await connection.execute(f"SET LOCAL search_path = {schema}")
        await shut_out_holder(connection)
    if becoming != schemas.previous:
        await connection.execute(f"DROP SCHEMA IF EXISTS {schemas.previous} CASCADE")
    passing = f"{schemas.live}_passing"
    await connection.execute(f"ALTER SCHEMA {becoming} RENAME TO {passing}")
    await connection.execute(f"ALTER SCHEMA {schemas.live} RENAME TO {schemas.previous}")
    await connection.execute(f"ALTER SCHEMA {passing} RENAME TO {schemas.live}")


async def check_shape(connection: asyncpg.Connection, live: str, becoming: str) -> None:
    """Raises CannotSwitchError where a schema is not made as the live one is: what follows now could not fill it, or
    what is asked now could not be answered from it."""
    others = sorted({part for part, _ in await _parts(connection, live) ^ await _parts(connection, becoming)})
    if others:
        raise CannotSwitchError(
            f"{becoming} is of another version, and not as {live} has it: {_some_of(others)}. "
            "Go back with the version that made it, or make new tables with `verbatim projections rebuild`"
        )


def _some_of(parts: Sequence[str]) -> str:
    more = len(parts) - SHOWN_PARTS
    return ", ".join(parts[:SHOWN_PARTS]) + (f" and {more} more" if more > 0 else "")


PARTS = """
    SELECT 'the migration ' || migration_id AS part, '' AS made FROM _yoyo_migration
    UNION ALL
    SELECT 'the table ' || relname,
        concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid))
    FROM pg_class
    JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
    UNION ALL
    SELECT 'the index ' || relname, pg_get_indexdef(pg_class.oid, 0, true)
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'i'
    UNION ALL
    SELECT 'the function ' || proname,
        concat_ws(' ', pg_get_function_arguments(oid), pg_get_function_result(oid), provolatile, proparallel,
            coalesce(pg_get_function_sqlbody(oid), prosrc))
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    """
"""What the first schema of the search path has, and how it is made: without that schema's name in it."""


async def _parts(connection: asyncpg.Connection, schema: str) -> set[tuple[str, str]]:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL search_path = {schema}")
        return {(part, made) for part, made in await connection.fetch(PARTS)}


async def _check_covers(connection: asyncpg.Connection, live: str, becoming: str, *, although_behind: bool) -> None:
    here, there = await next_offsets(connection, live), await next_offsets(connection, becoming)
    behind = {place: offset - there.get(place, 0) for place, offset in here.items() if there.get(place, 0) < offset}
    if behind and not although_behind:
        raise CannotSwitchError(
            f"{becoming} lacks records that {live} has ({sum(behind.values())}): readers would go back. "
            "If the log itself went back, switch with --although-behind"
        )
    waiting = await connection.fetchval(f"SELECT count(*) FROM {becoming}.indexes_to_come")  # noqa: S608
    if waiting:
        raise CannotSwitchError(f"{becoming} is not finished: run `verbatim projections rebuild` again")
