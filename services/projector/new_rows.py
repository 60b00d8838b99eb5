"""Rows that a table has not had: many are copied in, by far the quickest way; a few, or known ones, are inserted."""

from collections.abc import Sequence
from dataclasses import dataclass
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
        self.table = table
        self.names = list(types)
        arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types.values(), 1))
        self.insert = f"""
            INSERT INTO {table} ({", ".join(types)}) SELECT * FROM unnest({arrays}) ON CONFLICT ({key}) DO NOTHING
            """  # noqa: S608  # names of ours

    def added(self, rows: Sequence[tuple[Any, ...]]) -> "Addition":
        """The change that adds rows, at least one."""
        return Addition(self, rows)


@dataclass(frozen=True, slots=True)
class Addition:
    """Rows to be added to a table."""

    to: NewRows
    rows: Sequence[tuple[Any, ...]]

    async def make(self, connection: Connection) -> None:
        """Adds them. Part of the caller's transaction."""
        if len(self.rows) < ROWS_TO_COPY or not await self._copied(connection):
            await connection.execute(self.to.insert, *zip(*self.rows, strict=True))

    async def _copied(self, connection: Connection) -> bool:
        """False: a row was there already, and nothing was copied."""
        try:
            async with connection.transaction():
                await connection.copy_records_to_table(self.to.table, columns=self.to.names, records=self.rows)
        except asyncpg.UniqueViolationError:
            return False
        return True
