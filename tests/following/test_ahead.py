"""What waits for Postgres: enough for a batch is planned at once, less may grow until it is taken."""

import asyncio
import gc
from weakref import WeakSet

import pytest
from aiokafka.structs import TopicPartition

from services.projector import ahead as of_ahead
from services.projector.ahead import Ahead
from services.projector.checkpoints import Checkpoint
from services.projector.reading import Stretch
from shared.log.records import NO_CLAIM

BATCH, BATCH_BYTES = 10, 1_000
Plans = list[list[tuple[int, int, int]]]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_ahead, "BATCH_RECORDS", BATCH)
    monkeypatch.setattr(of_ahead, "BATCH_BYTES", BATCH_BYTES)


class Made:
    """What a plan comes to."""


def stretch(partition: int, start: int, records: int, size: int = 0) -> Stretch:
    end = Checkpoint(start + records, NO_CLAIM, None)
    return Stretch(TopicPartition("t", partition), start, end, records, size)


def told(stretches: list[Stretch]) -> list[tuple[int, int, int]]:
    return [(each.partition.partition, each.start, each.end.next_offset) for each in stretches]


def planning(plans: Plans) -> Ahead[int]:
    """Each plan is the number of those before it."""

    async def plan(stretches: list[Stretch]) -> int:
        plans.append(told(stretches))
        return len(plans) - 1

    return Ahead(plan)


async def _taken(ahead: Ahead[int]) -> tuple[list[tuple[int, int, int]], int]:
    stretches, plan = await asyncio.wait_for(ahead.take(), 1.0)
    return told(stretches), await plan


async def test_less_than_a_batch_grows_until_it_is_taken() -> None:
    plans: Plans = []
    ahead = planning(plans)
    await ahead.put([stretch(0, 0, 4)])
    await ahead.put([stretch(0, 4, 3), stretch(1, 7, 2)])
    await asyncio.sleep(0)
    assert plans == []

    assert await _taken(ahead) == ([(0, 0, 7), (1, 7, 9)], 0)
    assert ahead.empty


async def test_enough_for_a_batch_is_planned_before_it_is_taken_and_grows_no_more() -> None:
    plans: Plans = []
    ahead = planning(plans)
    await ahead.put([stretch(0, 0, 6)])
    await ahead.put([stretch(1, 0, 6)])
    await ahead.put([stretch(1, 6, 2)])
    await asyncio.sleep(0)
    assert plans == [[(0, 0, 6), (1, 0, 6)]]

    assert await _taken(ahead) == ([(0, 0, 6), (1, 0, 6)], 0)
    assert await _taken(ahead) == ([(1, 6, 8)], 1)


async def test_a_batch_has_one_stretch_of_a_partition_without_a_gap() -> None:
    ahead = planning([])
    await ahead.put([stretch(0, 0, 9)])
    await ahead.put([stretch(0, 9, 9)])

    assert [(await _taken(ahead))[0] for _ in range(2)] == [[(0, 0, 9)], [(0, 9, 18)]]


async def test_what_is_read_waits_where_there_is_enough_and_goes_on_when_a_batch_is_taken() -> None:
    ahead = planning([])
    await ahead.put([stretch(0, 0, BATCH)])
    await ahead.put([stretch(0, BATCH, BATCH)])
    waiting = asyncio.create_task(ahead.put([stretch(0, 2 * BATCH, 1)]))
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done

    await _taken(ahead)
    await asyncio.wait_for(waiting, 1.0)
    assert [(await _taken(ahead))[0] for _ in range(2)] == [[(0, 10, 20)], [(0, 20, 21)]]


async def test_of_long_records_few_make_a_batch() -> None:
    plans: Plans = []
    ahead = planning(plans)
    await ahead.put([stretch(0, 0, 1, 600), stretch(1, 0, 1, 600)])
    await ahead.put([stretch(0, 1, 1, 600)])
    await ahead.put([stretch(0, 2, 1, 600)])
    waiting = asyncio.create_task(ahead.put([stretch(1, 1, 2, 10)]))
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done

    assert await _taken(ahead) == ([(0, 0, 1), (1, 0, 1)], 0)
    await asyncio.wait_for(waiting, 1.0)
    assert await _taken(ahead) == ([(0, 1, 2)], 1)
    assert await _taken(ahead) == ([(0, 2, 3), (1, 1, 3)], 2)


async def test_as_many_bytes_wait_as_were_put_and_not_taken() -> None:
    plans: Plans = []
    ahead = planning(plans)
    for start in range(5):
        await ahead.put([stretch(0, 2 * start, 1, 450)])
        await ahead.put([stretch(0, 2 * start + 1, 1, 450)])
        await asyncio.sleep(0)
        assert len(plans) == start
        await _taken(ahead)

    await ahead.put([stretch(0, 10, 1, BATCH_BYTES)])
    await asyncio.sleep(0)
    assert plans[-1] == [(0, 10, 11)]


async def test_who_takes_waits_until_there_is_something() -> None:
    ahead = planning([])
    taking = asyncio.create_task(_taken(ahead))
    done, _ = await asyncio.wait([taking], timeout=0.05)
    assert not done

    await ahead.put([stretch(3, 0, 1)])
    assert (await taking)[0] == [(3, 0, 1)]


async def test_what_went_wrong_with_a_plan_is_raised_to_who_takes_it() -> None:
    async def plan(_: list[Stretch]) -> int:
        raise ValueError("an event's fault")

    ahead = Ahead(plan)
    await ahead.put([stretch(0, 0, BATCH)])
    _, planned = await ahead.take()
    with pytest.raises(ValueError, match="an event's fault"):
        await planned


async def test_a_plan_that_nobody_takes_any_more_ends() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def plan(_: list[Stretch]) -> int:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return 0

    ahead = Ahead(plan)
    await ahead.put([stretch(0, 0, BATCH)])
    await asyncio.wait_for(begun.wait(), 1.0)
    ahead.stop()
    await asyncio.wait_for(ended.wait(), 1.0)


async def test_of_what_was_taken_two_batches_are_kept_and_one_as_soon_as_more_is_put() -> None:
    kept: WeakSet[Made] = WeakSet()

    async def plan(_: list[Stretch]) -> Made:
        made = Made()
        kept.add(made)
        return made

    ahead = Ahead(plan)
    for number in range(5):
        await ahead.put([stretch(0, number, 1)])
        await (await ahead.take())[1]
        gc.collect()
        assert len(kept) == min(number + 1, 2)
    await ahead.put([])
    gc.collect()
    assert len(kept) == 1
