"""What every decision store promises: the one on Postgres, and the one in memory that a simulation has in its place."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from services.command.knowing import Row, RowPlace, StreamState
from services.command.writing.decision_store import Codec, Coverage, DecisionStore, Flush, PartitionRow
from services.command.writing.remembering import Unflushed
from services.command.writing.row_filter import RowFilter
from services.command.writing.surroundings import Store
from shared.identifiers import StreamId
from shared.log.records import NO_CLAIM, Claim
from shared.postgres import open_pool
from shared.settings import Settings
from tests.simulation.net import Net, Weather
from tests.simulation.store import Database, StoreInMemory
from tests.writing.notes import DECIDER, Board, Note

CODEC = Codec([DECIDER])
BOARDS, OTHER_BOARDS = TopicPartition("boards", 0), TopicPartition("boards", 1)
ANNS, BENS = (StreamId(f"00000000-0000-4000-8000-00000000000{letter}") for letter in "ab")
MILK, SALT = (ANNS, "note", "milk"), (ANNS, "note", "salt")
CLAIM = 5


@dataclass
class Owned:
    """A store, and one partition of it that a claim at the offset 5 owns."""

    store: Store

    async def flush(
        self,
        start: int,
        end: int,
        streams: dict[StreamId, int] | None = None,
        rows: dict[RowPlace, Row] | None = None,
        *,
        fence: int = CLAIM,
        partition: TopicPartition = BOARDS,
    ) -> bool:
        """Flushes streams, of which the version is given, and rows."""
        states = {each: StreamState(version, {"board": Board(version)}) for each, version in (streams or {}).items()}
        changed = Unflushed(states, rows or {})
        made = Flush(changed, fence=fence, start=start, end=end, claim=Claim(fence, 1), last_record=b"%d" % end)
        return await self.store.flush(partition, CODEC, made)

    async def found(self, *places: RowPlace, topic: str = "boards") -> dict[RowPlace, Row]:
        """Those of the rows that are there."""
        fetched = await self.store.fetch({}, {(topic, place): CODEC for place in places}, [])
        return {place: row for (_, place), row in fetched.rows.items()}


def note(text: str, version: int) -> Row:
    """A note as of a version."""
    return Row(version, Note(text, datetime(2026, 1, 1, tzinfo=UTC)))


@pytest.fixture
async def store_in_memory() -> Store:
    """What the simulation has, in fair weather."""
    loop: Any = asyncio.get_running_loop()
    return StoreInMemory(Database(loop.time), Net(loop, Random(1), Weather(), Weather()))


@pytest.fixture
async def store_on_postgres(database_url: str) -> AsyncIterator[Store]:
    """What a command service has."""
    pool = await open_pool(Settings(database_url=database_url))
    yield DecisionStore(pool, "decisions")
    await pool.close()


@pytest.fixture(params=["store_in_memory", pytest.param("store_on_postgres", marks=pytest.mark.servers)])
def store(request: pytest.FixtureRequest) -> Store:
    """Each of them."""
    found: Store = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def owned(store: Store) -> Owned:
    """Each of them, with a partition that somebody has claimed."""
    await store.partition_row(BOARDS)
    assert await store.fence(BOARDS, CLAIM)
    return Owned(store)


async def test_of_a_new_partition_nothing_is_covered(store: Store) -> None:
    assert await store.partition_row(BOARDS) == PartitionRow(-1, 0, NO_CLAIM, None, 0)


async def test_what_has_no_row_belongs_to_nobody(store: Store) -> None:
    assert not await store.fence(BOARDS, CLAIM)
    assert not await store.forget(BOARDS, -1, 1)
    assert not await Owned(store).flush(0, 1, fence=-1)
    await store.unfence(BOARDS)

    assert (await store.fetch({}, {}, [BOARDS])).covered == {}


async def test_the_fence_only_grows(owned: Owned) -> None:
    assert not await owned.store.fence(BOARDS, CLAIM)
    assert not await owned.store.fence(BOARDS, CLAIM - 1)
    assert await owned.store.fence(BOARDS, CLAIM + 1)

    assert await owned.store.partition_row(BOARDS) == PartitionRow(CLAIM + 1, 0, NO_CLAIM, None, 0)


async def test_an_operator_may_let_an_older_claim_fence_again(owned: Owned) -> None:
    await owned.store.unfence(BOARDS)

    assert await owned.store.fence(BOARDS, CLAIM - 1)


async def test_a_flush_moves_the_offset_and_leaves_the_fence(owned: Owned) -> None:
    assert await owned.flush(0, 7)

    assert await owned.store.partition_row(BOARDS) == PartitionRow(CLAIM, 7, Claim(CLAIM, 1), b"7", CODEC.format)


@pytest.mark.parametrize(("fence", "start"), [(CLAIM - 1, 7), (CLAIM + 1, 7), (CLAIM, 6), (CLAIM, 8), (CLAIM, 0)])
async def test_only_the_owner_flushes_and_only_from_where_the_store_stands(
    owned: Owned, fence: int, start: int
) -> None:
    await owned.flush(0, 7, {ANNS: 1}, {MILK: note("buy", 1)})
    before = await owned.store.partition_row(BOARDS)

    assert not await owned.flush(start, 9, {ANNS: 2, BENS: 1}, {MILK: Row(2, None), SALT: note("buy", 2)}, fence=fence)

    assert await owned.store.partition_row(BOARDS) == before
    assert await owned.found(MILK, SALT) == {MILK: note("buy", 1)}
    fetched = await owned.store.fetch({("boards", ANNS): CODEC, ("boards", BENS): CODEC}, {}, [])
    assert fetched.streams == {("boards", ANNS): StreamState(1, {"board": Board(1)})}


async def test_what_is_flushed_takes_the_place_of_what_was_there(owned: Owned) -> None:
    await owned.flush(0, 7, {ANNS: 2}, {MILK: note("buy", 1), SALT: note("buy", 2)})

    await owned.flush(7, 9, {ANNS: 4}, {MILK: note("bought", 3), SALT: Row(4, None)})

    assert await owned.found(MILK, SALT) == {MILK: note("bought", 3)}
    assert await owned.store.all_rows(ANNS, "note", CODEC) == {"milk": note("bought", 3)}
    fetched = await owned.store.fetch({("boards", ANNS): CODEC}, {}, [])
    assert fetched.streams["boards", ANNS] == StreamState(4, {"board": Board(4)})


async def test_a_stream_of_another_topic_is_none(owned: Owned) -> None:
    await owned.flush(0, 7, {ANNS: 1}, {MILK: note("buy", 1)})

    fetched = await owned.store.fetch({("people", ANNS): CODEC}, {}, [])

    assert fetched.streams == {}
    assert await owned.found(MILK, topic="people") == {}


async def test_who_owns_a_partition_and_how_far_it_is_covered_comes_with_what_is_found(owned: Owned) -> None:
    await owned.flush(0, 7)
    await owned.store.partition_row(OTHER_BOARDS)

    both = await owned.store.fetch({}, {}, [BOARDS, OTHER_BOARDS, TopicPartition("people", 0)])
    one = await owned.store.fetch({}, {}, [OTHER_BOARDS])

    assert both.covered == {BOARDS: Coverage(CLAIM, 7), OTHER_BOARDS: Coverage(-1, 0)}
    assert one.covered == {OTHER_BOARDS: Coverage(-1, 0)}


async def test_all_that_one_query_finds_is_as_of_one_moment(owned: Owned) -> None:
    last = 60
    await owned.flush(0, 1, {ANNS: 1}, {MILK: note("1", 1)})

    async def flush_on() -> None:
        for version in range(2, last + 1):
            assert await owned.flush(version - 1, version, {ANNS: version}, {MILK: note(f"{version}", version)})

    flushing = asyncio.create_task(flush_on())
    seen = set()
    while last not in seen:
        found = await owned.store.fetch({("boards", ANNS): CODEC}, {("boards", MILK): CODEC}, [BOARDS])
        version = found.covered[BOARDS].next_offset
        assert found.streams["boards", ANNS].version == version
        assert found.rows["boards", MILK] == note(f"{version}", version)
        seen.add(version)

    await flushing
    assert len(seen) > 2, "nothing was flushed between two queries"


async def test_all_rows_are_those_of_one_stream_and_kind(owned: Owned) -> None:
    rows = {MILK: note("buy", 1), SALT: note("buy", 2), (BENS, "note", "eggs"): note("buy", 1)}
    await owned.flush(0, 7, {ANNS: 2, BENS: 1}, rows)

    assert await owned.store.all_rows(ANNS, "note", CODEC) == {"milk": note("buy", 1), "salt": note("buy", 2)}
    assert await owned.store.all_rows(ANNS, "command", CODEC) == {}


async def two_partitions(owned: Owned) -> None:
    """Ann's board in one of them, Ben's in the other."""
    await owned.flush(0, 7, {ANNS: 1}, {MILK: note("buy", 1)})
    await owned.store.partition_row(OTHER_BOARDS)
    await owned.store.fence(OTHER_BOARDS, CLAIM)
    await owned.flush(0, 3, {BENS: 1}, {(BENS, "note", "eggs"): note("buy", 1)}, partition=OTHER_BOARDS)


async def test_only_the_owner_has_a_partition_forgotten(owned: Owned) -> None:
    await two_partitions(owned)
    before = await owned.store.partition_row(BOARDS)

    assert not await owned.store.forget(BOARDS, CLAIM - 1, 77)
    assert not await owned.store.forget(BOARDS, CLAIM + 1, 77)

    assert await owned.store.partition_row(BOARDS) == before
    assert await owned.found(MILK) == {MILK: note("buy", 1)}


async def test_a_partition_is_forgotten_and_no_other(owned: Owned) -> None:
    await two_partitions(owned)

    assert await owned.store.forget(BOARDS, CLAIM, 77)

    assert await owned.store.partition_row(BOARDS) == PartitionRow(CLAIM, 0, NO_CLAIM, None, 77)
    bens = (BENS, "note", "eggs")
    assert await owned.found(MILK, bens) == {bens: note("buy", 1)}
    fetched = await owned.store.fetch({("boards", ANNS): CODEC, ("boards", BENS): CODEC}, {}, [OTHER_BOARDS])
    assert set(fetched.streams) == {("boards", BENS)}
    assert fetched.covered == {OTHER_BOARDS: Coverage(CLAIM, 3)}


async def test_a_filter_gets_every_row_of_a_partition_and_of_no_other(owned: Owned) -> None:
    await two_partitions(owned)
    made = RowFilter()

    await owned.store.fill(BOARDS, made)

    assert made.may_have(MILK)
    assert not made.may_have((BENS, "note", "eggs"))
