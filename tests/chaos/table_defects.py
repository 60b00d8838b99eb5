"""Defects of each table, for R1: a row that is missing, one too many, and each of its columns with another value."""

from collections.abc import Callable, Iterator

from tests.blackbox.tables import COLUMNS
from tests.chaos.handmade import HandmadeRun

Tamper = Callable[[HandmadeRun], None]


def _defects_of(table: str) -> Iterator[Tamper]:
    def missing_row(run: HandmadeRun) -> None:
        del run.tables[table][next(iter(run.tables[table]))]

    def extra_row(run: HandmadeRun) -> None:
        rows = run.tables[table]
        rows[f"{next(iter(rows))} more"] = dict(next(iter(rows.values())))

    for each in (missing_row, extra_row):
        yield _named(f"{each.__name__}_of_{table}", each)
    for column in COLUMNS[table].others:
        yield _stale(table, column)


def _stale(table: str, column: str) -> Tamper:
    def stale(run: HandmadeRun) -> None:
        next(iter(run.tables[table].values()))[column] = "as it was"

    return _named(f"stale_{column}_of_{table}", stale)


def _named(name: str, tamper: Tamper) -> Tamper:
    tamper.__name__ = name
    return tamper


TABLE_DEFECTS = tuple(defect for table in COLUMNS for defect in _defects_of(table))
