"""Rows are found by their keys in whatever streams have them, and by an index of their kind's own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
import pytest

from services.command.deciding import RowKey, RowKind
from services.command.writing.finding import ROWS_AT_ONCE, Finder
from shared.identifiers import StreamId, derived_id
from shared.postgres import BY_KEY, Pool, close_pool, open_pool
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Number:
    number: int


ATTACHMENT = RowKind("attachment", Number, lambda _: (), lambda row, *_: row)
FILE = RowKind("file", Number, lambda _: (), lambda row, *_: row)
PARTICIPANT = RowKind("participant", Number, lambda _: (), lambda row, *_: row)
ONE, OTHER = StreamId(derived_id("one")), StreamId(derived_id("other"))
ANN = RowKey(PARTICIPANT, "ann")


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """One connection, as the service has many."""
    pool = await open_pool(Settings(database_url=database_url, database_pool_size=1), server_settings=BY_KEY)
    yield pool
    await close_pool(pool)


@pytest.fixture
async def finder(kafka_bootstrap: str, pool: Pool) -> AsyncIterator[Finder]:
    """The finder, over this pool."""
    finder = Finder(Settings(kafka_bootstrap_servers=kafka_bootstrap), pool)
    yield finder
    await finder.close()


async def put(pool: Pool, stream: StreamId, kind: RowKind[Number], *keys: str) -> None:
    """Rows with these keys, each with its place as its number."""
    rows = [(stream, kind.name, key, 1, msgspec.json.encode(Number(number))) for number, key in enumerate(keys)]
    await pool.executemany(
        "INSERT INTO decisions.rows (stream_id, kind, key, version, value) VALUES ($1, $2, $3, $4, $5)", rows
    )


async def test_rows_of_a_kind_are_found_by_key_in_all_streams(pool: Pool, finder: Finder) -> None:
    await put(pool, ONE, ATTACHMENT, "f m1", "f m3", "g m1")
    await put(pool, OTHER, ATTACHMENT, "e m9", "f m2", "fa m1")
    await put(pool, OTHER, FILE, "f", "f m2")

    attached, files = await finder.rows(ATTACHMENT, "f ", "f!"), await finder.rows(FILE, "f", "f ")

    assert [(each.stream_id, each.key, each.value) for each in attached] == [
        (ONE, "f m1", Number(0)),
        (OTHER, "f m2", Number(1)),
        (ONE, "f m3", Number(1)),
    ]
    assert [(each.stream_id, each.key) for each in files] == [(OTHER, "f")]


async def test_beside_a_row_only_streams_that_have_it_are_found(pool: Pool, finder: Finder) -> None:
    for stream, person in ((ONE, "ann"), (OTHER, "ben")):
        await put(pool, stream, ATTACHMENT, f"f {person}")
        await put(pool, stream, PARTICIPANT, person)

    assert [each.stream_id for each in await finder.rows(ATTACHMENT, "f ", "f!", ANN)] == [ONE]


async def test_so_many_are_found_at_once_and_the_rest_from_the_last_on(pool: Pool, finder: Finder) -> None:
    keys = [f"f {number:04}" for number in range(ROWS_AT_ONCE + 1)]
    await put(pool, ONE, ATTACHMENT, *keys)

    first = await finder.rows(ATTACHMENT, "f ", "f!")
    rest = await finder.rows(ATTACHMENT, f"{first[-1].key} ", "f!")

    assert [each.key for each in [*first, *rest]] == keys
    assert len(first) == ROWS_AT_ONCE


@pytest.mark.parametrize("kind", [FILE, ATTACHMENT], ids=lambda kind: kind.name)
async def test_it_is_the_index_of_files_that_finds_them(pool: Pool, finder: Finder, kind: RowKind[Number]) -> None:
    await put(pool, ONE, kind, "f 1")
    before = await scans(pool)

    await finder.rows(kind, "f ", "f!", ANN)

    assert await scans(pool) == before + 1


async def scans(pool: Pool) -> int:
    await pool.execute("SELECT pg_stat_force_next_flush()")
    found: int = await pool.fetchval("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'rows_of_files'")
    return found
