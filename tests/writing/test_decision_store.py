"""The decision store: a cache of the log. It catches up, is made anew, and notices when one of the two went back."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.structs import TopicPartition

from services.command.writing import metrics
from services.command.writing.decision_store import Flush
from services.command.writing.partition_writer import Standing
from services.command.writing.rebuilding import CannotRebuildError, rebuild_partitions
from services.command.writing.remembering import Unflushed
from services.operator.verifying.log_reading import Going
from shared.identifiers import StreamId, StreamKind
from shared.log.records import Claim
from shared.log.topics import partitions_of
from shared.web.problems import Unavailable
from tests.writing.breaking import stop_flushing, writer_of
from tests.writing.conftest import Corner, until
from tests.writing.notes import DECIDER, Board, PinNote, ReadBoard, TakeNoteOff, asked


async def test_a_log_that_went_back_stops_the_partition_until_an_operator_accepts_it(
    corner: Corner, board: StreamId
) -> None:
    writers = await corner.writers()
    await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await until(lambda: corner.flushed(board))
    await corner.kill(writers)
    partition = corner.partition(board)
    await corner.pool.execute(
        "UPDATE decisions.partitions SET last_record = '\\x00' WHERE topic = $1 AND partition = $2", *partition
    )
    before = len(await corner.log_of(board))

    stopped = await corner.writers(waiting=True)

    name = f"{partition.topic}-{partition.partition}"
    await until(lambda: name in stopped.trouble and len(stopped.serving) == len(stopped.wanted) - 1)
    assert "went back" in stopped.trouble[name]
    assert writer_of(stopped, board).standing is Standing.STOPPED
    with pytest.raises(Unavailable):
        await stopped.dispatch(asked(PinNote(board, "bread", "buy some"), "k2"))
    assert len(await corner.log_of(board)) == before

    with pytest.raises(CannotRebuildError, match="stop the command service"):
        await rebuild(corner)
    corner.started.remove(stopped)
    await stopped.stop()
    assert await rebuild(corner) == len(stopped.wanted)
    again = await corner.writers()
    assert not again.trouble
    assert await again.ask(ReadBoard(board)) == {"milk": "buy some", "pinned": 1}
    await again.dispatch(asked(PinNote(board, "bread", "buy some"), "k2"))


async def test_a_log_that_is_shorter_than_the_store_stops_the_partition(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await until(lambda: corner.flushed(board))
    await corner.kill(writers)
    await corner.pool.execute(
        "UPDATE decisions.partitions SET next_offset = 1000, fence = 990 WHERE topic = $1 AND partition = $2",
        *corner.partition(board),
    )

    stopped = await corner.writers(waiting=True)

    await until(lambda: bool(stopped.trouble))
    corner.started.remove(stopped)
    await stopped.stop()
    await rebuild(corner)
    again = await corner.writers()
    assert await again.ask(ReadBoard(board)) == {"milk": "buy some", "pinned": 1}


async def test_states_of_another_form_are_made_anew_from_the_log(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await until(lambda: corner.flushed(board))
    await writers.stop()
    corner.started.remove(writers)

    @dataclass(frozen=True)
    class CountedBoard(Board):
        letters: int = 7

    newer = replace(DECIDER, state=CountedBoard, empty=CountedBoard())
    again = await corner.writers(deciders=(newer,))

    assert writer_of(again, board).codec.format != writer_of(writers, board).codec.format
    await again.dispatch(asked(PinNote(board, "bread", "buy some"), "k2"))
    await until(lambda: corner.flushed(board))
    assert (await corner.store_row(board))["format"] == writer_of(again, board).codec.format
    assert [each.version for each in await corner.counted(board)] == [1, 2]


async def test_what_nobody_with_the_claim_wrote_is_passed_over(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    stop_flushing(writers)
    await corner.kill(writers)
    [genuine] = [record for record in await corner.log_of(board) if record.key]
    partition = corner.partition(board)
    await produce(corner, partition, [b"no json", b"{}", b"", genuine.value.replace(b'"claim":"0-', b'"claim":"7-')])
    void = metrics.VOID_RECORDS._value.get()

    again = await corner.writers()

    assert metrics.VOID_RECORDS._value.get() >= void + 4
    assert await again.ask(ReadBoard(board)) == {"milk": "buy some", "pinned": 1}
    accepted = await again.dispatch(asked(TakeNoteOff(board, "milk"), "k2"))
    assert accepted.result == {"version": 2}


async def test_a_flush_is_written_only_by_the_owner_and_only_from_where_the_store_stands(
    corner: Corner, board: StreamId
) -> None:
    writers = await corner.writers()
    await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await until(lambda: corner.flushed(board))
    writer, row = writer_of(writers, board), await corner.store_row(board)
    claim = Claim(row["claim_offset"], row["claim_epoch"])

    async def flush(fence: int, start: int) -> bool:
        nothing = Flush(Unflushed({}, {}), fence=fence, start=start, end=999, claim=claim, last_record=b"")
        done: bool = await writer.store.flush(corner.partition(board), writer.codec, nothing)
        return done

    assert not await flush(row["fence"] - 1, row["next_offset"])
    assert not await flush(row["fence"] + 1, row["next_offset"])
    assert not await flush(row["fence"], row["next_offset"] - 1)
    assert await corner.store_row(board) == row


async def test_a_flush_that_was_committed_without_an_answer_loses_nothing(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    store, flush = writers._store, writers._store.flush
    unanswered = 0

    async def without_answer(*args: object, **more: object) -> bool:
        nonlocal unanswered
        done = await flush(*args, **more)  # type: ignore[arg-type]
        if unanswered < 3:
            unanswered += 1
            raise TimeoutError("the test lost the answer")
        return done

    store.flush = without_answer  # type: ignore[method-assign]
    for number in range(20):
        await writers.dispatch(asked(PinNote(board, f"n{number}", "text"), f"k{number}"))
        await asyncio.sleep(0.03)

    await until(lambda: corner.flushed(board))
    assert unanswered == 3
    assert len(writers.serving) == len(writers.wanted)
    rows = await corner.pool.fetchval("SELECT count(*) FROM decisions.rows WHERE stream_id = $1", board)
    assert rows == 40


async def test_a_store_that_lost_a_flush_is_noticed_and_caught_up(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await until(lambda: corner.flushed(board))
    before = await corner.store_row(board)
    stream: Any = await corner.pool.fetchrow("SELECT version, parts FROM decisions.streams WHERE stream_id = $1", board)
    await writers.dispatch(asked(TakeNoteOff(board, "milk"), "k2"))
    await until(lambda: corner.flushed(board))
    # As after a crash of Postgres, which acknowledges flushes before they are safe: rows and offset go back together.
    async with corner.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE decisions.partitions SET next_offset = $3, last_record = $4 WHERE topic = $1 AND partition = $2",
            *corner.partition(board),
            before["next_offset"],
            before["last_record"],
        )
        await connection.execute(
            "UPDATE decisions.streams SET version = $2, parts = $3 WHERE stream_id = $1",
            board,
            stream["version"],
            stream["parts"],
        )
        await connection.execute(
            "INSERT INTO decisions.rows VALUES ($1, 'note', 'milk', 1, $2)",
            board,
            b'{"text":"buy some","written_at":"2026-01-01T00:00:00Z"}',
        )

    with pytest.raises(Unavailable):
        await writers.ask(ReadBoard(board))

    await until(lambda: len(writers.serving) == len(writers.wanted))
    assert await writers.ask(ReadBoard(board)) == {"pinned": 1}


async def rebuild(corner: Corner) -> int:
    """Makes every partition's store anew, as `verbatim decisions rebuild` does; gives how many partitions."""
    chosen = [each for kind in StreamKind for each in partitions_of(corner.settings, kind)]
    going = Going()
    done = rebuild_partitions(corner.settings, corner.pool, (DECIDER,), chosen, f"operator-{uuid4()}", going)
    partitions = len([each async for each in done])
    assert 0 < going.done <= going.total
    return partitions


async def produce(corner: Corner, partition: TopicPartition, values: list[bytes]) -> None:
    """Appends values with a client that is no writer."""
    producer = AIOKafkaProducer(bootstrap_servers=corner.settings.kafka_bootstrap_servers)
    await producer.start()
    for value in values:
        await producer.send_and_wait(partition.topic, value, partition=partition.partition)
    await producer.stop()
