"""Compares two read schemas row by row, in one snapshot in which both stand at the same offsets."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass

import asyncpg

from services.projector.projection import Projection

SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """One table: how many rows are the same, differ, or are in one schema only; and keys of some that differ."""

    table: str
    same: int
    different: int
    missing: int
    extra: int
    examples: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows were compared."""
        return self.same + self.different + self.missing + self.extra

    @property
    def equal(self) -> bool:
        """Whether the tables hold the same."""
        return not (self.different or self.missing or self.extra)


class CannotCompareError(RuntimeError):
    """A table has another shape, or no primary key to compare by."""


def tables_of(projections: Sequence[Projection]) -> list[str]:
    """Every table of the projections, in the order in which they are compared."""
    return sorted({table for each in projections for table in each.tables})


async def compare_tables(
    connection: asyncpg.Connection, projections: Sequence[Projection], live: str, other: str
) -> AsyncGenerator[Compared]:
    """Compares every table of the projections, `other` against `live`. The caller holds the snapshot."""
    for table in tables_of(projections):
        yield await _compare(connection, table, live, other)


async def rows_about(connection: asyncpg.Connection, projections: Sequence[Projection], schema: str) -> int:
    """How many rows a schema's tables have, as Postgres estimates it."""
    rows: int = await connection.fetchval(
        """
        SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint
        FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relname = ANY ($2)
        """,
        schema,
        tables_of(projections),
    )
    return rows


async def _compare(connection: asyncpg.Connection, table: str, live: str, other: str) -> Compared:
    columns, key = await _columns(connection, live, table), await _key(connection, live, table)
    if columns != await _columns(connection, other, table):
        raise CannotCompareError(f"{table} has other columns in {other} than in {live}")
    if not key:
        raise CannotCompareError(f"{table} has no primary key to compare by")
    joined = f"{live}.{table} AS here FULL JOIN {other}.{table} AS there USING ({_list('', key)})"
    here, there = f"here.{_quoted(key[0])} IS NULL", f"there.{_quoted(key[0])} IS NULL"
    differs = f"ROW({_list('here.', columns)}) IS DISTINCT FROM ROW({_list('there.', columns)})"
    row = await connection.fetchrow(
        f"""
        SELECT count(*) FILTER (WHERE NOT ({differs})),
               count(*) FILTER (WHERE {differs} AND NOT {here} AND NOT {there}),
               count(*) FILTER (WHERE {there}), count(*) FILTER (WHERE {here})
        FROM {joined}
        """  # noqa: S608  # names from the catalogue
    )
    examples = await connection.fetch(
        f"SELECT concat_ws(' ', {_list('', key)}) AS key FROM {joined} WHERE {differs} ORDER BY 1 LIMIT {SHOWN_ROWS}"  # noqa: S608
    )
    same, different, missing, extra = row or (0, 0, 0, 0)
    return Compared(table, same, different, missing, extra, tuple(each["key"] for each in examples))


async def _columns(connection: asyncpg.Connection, schema: str, table: str) -> list[str]:
    rows = await connection.fetch(
        """
        SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2
        ORDER BY column_name
        """,
        schema,
        table,
    )
    return [row["column_name"] for row in rows]


async def _key(connection: asyncpg.Connection, schema: str, table: str) -> list[str]:
    rows = await connection.fetch(
        """
        SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
        WHERE indisprimary AND indrelid = to_regclass($1) ORDER BY array_position(indkey::smallint[], attnum)
        """,
        f"{schema}.{table}",
    )
    return [row["attname"] for row in rows]


def _quoted(name: str) -> str:
    return f'"{name}"'


def _list(prefix: str, names: Iterable[str]) -> str:
    return ", ".join(f"{prefix}{_quoted(name)}" for name in names)
