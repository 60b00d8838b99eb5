"""R1: the tables are what a second, naive reading of the log comes to."""

from collections.abc import Iterator

import asyncpg

from tests.blackbox.finding import Finding
from tests.blackbox.folding import Fold
from tests.blackbox.recorded import RecordedLog
from tests.blackbox.tables import COLUMNS, Tables, no_rows


async def read_tables(database_url: str, schema: str) -> Tables:
    """The tables as they are now."""
    tables = no_rows()
    connection = await asyncpg.connect(database_url)
    try:
        await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str)
        for name, (key, others) in COLUMNS.items():
            rows = await connection.fetch(f"SELECT {', '.join((*key, *others))} FROM {schema}.{name}")
            tables[name] = {
                " ".join(str(row[each]) for each in key): {each: row[each] for each in others} for row in rows
            }
    finally:
        await connection.close()
    return tables


def tables_are_the_log(log: RecordedLog, tables: Tables) -> Iterator[Finding]:
    """Row by row."""
    folded = naively_folded(log)
    for name in COLUMNS:
        expected, found = folded[name], tables[name]
        for key in expected.keys() - found.keys():
            yield Finding("R1", f"{name} {key}", "the row is missing")
        for key in found.keys() - expected.keys():
            yield Finding("R1", f"{name} {key}", "there should be no such row")
        for key in expected.keys() & found.keys():
            if expected[key] != found[key]:
                yield Finding("R1", f"{name} {key}", f"it is {found[key]}, and should be {expected[key]}")


def naively_folded(log: RecordedLog) -> Tables:
    """One event after the other."""
    fold = Fold()
    for entry in log.entries():
        fold.add(entry)
    return fold.finish()
