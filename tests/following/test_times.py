"""Following tells Postgres times as numbers: what comes to stand there is what its driver would have told."""

from datetime import UTC, datetime, timedelta, timezone

import asyncpg

from services.projector.read_model import times_as_numbers
from tests.fixtures.names import Database

WEST, EAST = timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(hours=14))
TIMES = [
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(2000, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1969, 7, 20, 20, 17, 40, 5, tzinfo=UTC),
    datetime(2026, 3, 2, 23, 30, 0, 123_456, tzinfo=WEST),
    datetime(2026, 3, 2, 0, 30, 0, 123_456, tzinfo=EAST),
    datetime(2, 1, 1, tzinfo=EAST),
    datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=WEST),
    None,
]


async def test_times_are_the_same_in_postgres_and_back_however_they_are_told(
    database_url: str, database: Database
) -> None:
    following = await asyncpg.connect(database_url)
    try:
        await times_as_numbers(following)
        found = await following.fetch("SELECT at, at::text AS said FROM unnest($1::timestamptz[]) AS at", TIMES)
        said = await database.fetch("SELECT at::text AS said FROM unnest($1::timestamptz[]) AS at", TIMES)
        alone = [await following.fetchval("SELECT $1::timestamptz", each) for each in TIMES]
    finally:
        await following.close()

    assert [row["said"] for row in found] == [row["said"] for row in said]
    assert [row["at"] for row in found] == alone == TIMES
