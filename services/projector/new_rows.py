"""Rows that a table has not had: many are copied in, by far the quickest way; a few, or known ones, are inserted."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from services.projector.projection import Connection

ROWS_TO_COPY = 50
"""Below that, the savepoint around a copy costs more than the copy saves."""


class NewRows:
    """What is added to a table, named column by column with each one's type; `key` is the table's primary key.

    A row that is there already stays as it is, so that adding is harmless twice.
    """

    def __init__(self, table: str, *, key: str, **types: str) -> None:
        self._table = table
        self._names = list(types)
        arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types.values(), 1))
        self._insert = f"""
            INSERT INTO {table} ({", ".join(types)}) SELECT * FROM unnest({arrays}) ON CONFLICT ({key}) DO NOTHING
            """  # noqa: S608  # names of ours

    async def add(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Adds rows, at least one. Part of the caller's transaction."""
        if len(rows) < ROWS_TO_COPY or not await self._copied(connection, rows):
            await connection.execute(self._insert, *zip(*rows, strict=True))

    async def _copied(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> bool:
        """False: a row was there already, and nothing was copied."""
        try:
            async with connection.transaction():
                await connection.copy_records_to_table(self._table, columns=self._names, records=rows)
        except asyncpg.UniqueViolationError:
            return False
        return True
