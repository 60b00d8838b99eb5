"""The store is asked only for what may be there: what was never made is known without it, and what was made is met."""

from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from services.command.dispatching import Refused
from services.command.writing.serving import Writers
from services.command.writing.supervising import recall_rows
from shared.identifiers import StreamId
from shared.web.problems import Unavailable
from tests.writing.breaking import writer_of
from tests.writing.conftest import Corner, until
from tests.writing.notes import PinNote, TakeNoteOff, asked


async def test_a_stream_in_memory_goes_on_while_the_store_is_away(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    first = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await _rows_recalled(writers, board)
    fetch = writers._store.fetch
    writers._store.fetch = _away  # type: ignore[method-assign, assignment]

    second = await writers.dispatch(asked(PinNote(board, "bread", "buy some"), "k2"))
    repeat = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    with pytest.raises(Unavailable):  # whether this is still the partition's writer cannot be told
        await writers.dispatch(asked(TakeNoteOff(board, "salt"), "k3"))
    with pytest.raises(Unavailable):  # what is known of that stream is not in memory
        await writers.dispatch(asked(PinNote(_another(corner, board), "milk", "buy some"), "k4"))

    assert (second.appended, second.result) == (True, {"version": 2})
    assert (repeat.appended, repeat.position) == (False, first.position)
    writers._store.fetch = fetch  # type: ignore[method-assign]
    with pytest.raises(Refused):
        await writers.dispatch(asked(TakeNoteOff(board, "salt"), "k3"))
    await until(lambda: corner.flushed(board))
    assert [each.version for each in await corner.counted(board)] == [1, 2]


async def test_what_was_made_before_this_tenure_is_met(corner: Corner, board: StreamId) -> None:
    before = await corner.writers()
    first = await before.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await before.stop()
    corner.started.remove(before)

    writers = await corner.writers()
    await _rows_recalled(writers, board)
    repeat = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    taken_off = await writers.dispatch(asked(TakeNoteOff(board, "milk"), "k2"))

    assert (repeat.appended, repeat.position) == (False, first.position)
    assert taken_off.appended


async def test_a_store_that_went_back_is_not_believed(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await until(lambda: corner.flushed(board))
    await _rows_recalled(writers, board)
    writer, partition = writer_of(writers, board), corner.partition(board)
    tenure, parts = writer.tenure, writers._supervisors[partition].parts

    await _go_back(corner, partition)
    await recall_rows(parts, tenure)

    assert not tenure.memory.made_is_whole


async def _rows_recalled(writers: Writers, board: str) -> None:
    await until(lambda: writer_of(writers, board).tenure.memory.made_is_whole)


async def _away(*_: Any) -> Any:
    raise OSError("the test keeps the store away")


def _another(corner: Corner, board: str) -> StreamId:
    """Another board of the same partition."""
    numbers = (f"{number:08x}-0000-4000-8000-000000000000" for number in range(1_000))
    return StreamId(next(each for each in numbers if corner.partition(each) == corner.partition(board)))


async def _go_back(corner: Corner, partition: TopicPartition) -> None:
    await corner.pool.execute(
        "UPDATE decisions.partitions SET next_offset = next_offset - 1 WHERE topic = $1 AND partition = $2", *partition
    )
