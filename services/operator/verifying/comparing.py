"""Compares what a table holds with what the fold says it must hold, row by row."""

from collections.abc import AsyncIterable

from services.operator.verifying.findings import Report
from services.operator.verifying.people_fold import Row, Rows
from services.operator.verifying.read_tables import Key, Table


async def compare(
    table: Table, live: AsyncIterable[tuple[Key, Row]], expected: Rows, parked: set[str], report: Report
) -> None:
    """Says of every row that is altered, not there, or there without reason. Uses `expected` up."""
    async for key, row in live:
        report.count(f"rows of {table.name}")
        wanted = expected.pop(key, None)
        if _stream_of(table, key, row) in parked:
            continue
        if wanted is None:
            report.find("row", _place(table, key), "it is there, and nothing in the log says so")
        elif row != wanted:
            report.find("row", _place(table, key), f"it differs from the log in {', '.join(_differing(row, wanted))}")
    for key, row in expected.items():
        if _stream_of(table, key, row) not in parked:
            report.find("row", _place(table, key), "it is not there, and the log says that it must be")


def _stream_of(table: Table, key: Key, row: Row) -> object:
    return key[table.key.index(table.stream)] if table.stream in table.key else row[table.stream]


def _place(table: Table, key: Key) -> str:
    return f"{table.name} {', '.join(f'{name}={value}' for name, value in zip(table.key, key, strict=True))}"


def _differing(row: Row, wanted: Row) -> list[str]:
    # The names alone: what people wrote does not belong into a report.
    return sorted(name for name in row.keys() | wanted.keys() if name not in row or row[name] != wanted.get(name, row))
