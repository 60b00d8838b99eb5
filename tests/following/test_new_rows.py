"""Many new rows are copied in, few are inserted, and either way a row that is there already stays as it is."""

import asyncpg
import pytest

from services.projector.new_rows import ROWS_TO_COPY, NewRows
from tests.fixtures.names import Database, somebody

new_names = NewRows("names_copied", key="user_id", user_id="uuid", name="text", place="bigint")


@pytest.fixture
async def table(database: Database) -> Database:
    await database.execute(
        "CREATE TABLE names_copied (user_id uuid PRIMARY KEY, name text NOT NULL, place bigint UNIQUE)"
    )
    return database


async def _add(database: Database, people: list[str], name: str, first_place: int) -> None:
    async with database.transaction():
        places = range(first_place, first_place + len(people))
        added = new_names.added([(each, name, place) for each, place in zip(people, places, strict=True)])
        await added.make(database)


@pytest.mark.parametrize("count", [3, ROWS_TO_COPY])
async def test_rows_that_are_there_already_stay_and_the_others_are_added(table: Database, count: int) -> None:
    people = [somebody() for _ in range(2 * count)]
    await _add(table, people[:count], "first", 0)
    await _add(table, people, "second", 1_000)

    found = await table.fetch("SELECT name, count(*) FROM names_copied GROUP BY name ORDER BY name")
    assert [tuple(row) for row in found] == [("first", count), ("second", count)]


@pytest.mark.parametrize("count", [3, ROWS_TO_COPY])
async def test_another_row_with_what_must_be_unique_is_refused_all_the_same(table: Database, count: int) -> None:
    await _add(table, [somebody() for _ in range(count)], "first", 0)
    with pytest.raises(asyncpg.UniqueViolationError):
        await _add(table, [somebody() for _ in range(count)], "second", 1)

    assert await table.fetchval("SELECT count(*) FROM names_copied") == count


async def test_many_rows_are_copied(table: Database) -> None:
    said: list[str] = []
    with table.query_logger(lambda query: said.append(query.query)):
        await _add(table, [somebody() for _ in range(ROWS_TO_COPY)], "many", 0)
        await _add(table, [somebody() for _ in range(ROWS_TO_COPY - 1)], "few", 1_000)

    assert len([each for each in said if "INSERT" in each]) == 1  # a copy is not among what is logged
    assert await table.fetchval("SELECT count(*) FILTER (WHERE name = 'many') FROM names_copied") == ROWS_TO_COPY
