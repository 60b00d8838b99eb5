"""A partition goes from writer to writer: nothing is lost, nothing is said twice, and the one before can do no harm."""

import asyncio

import pytest

from services.command.dispatching import Refused
from services.command.writing import metrics
from services.command.writing.partition_writer import Standing
from services.command.writing.serving import Writers
from shared.identifiers import StreamId
from shared.log.claim_rule import Claimed, Void, judge_record
from shared.log.positions import parse_position
from shared.log.records import NO_CLAIM
from shared.web.problems import OutcomeUnknown, Problem, Unavailable
from tests.writing.breaking import (
    HeldAppends,
    escape_the_fence,
    lose_next_reply,
    stop_flushing,
    stop_renewing,
    writer_of,
)
from tests.writing.conftest import Corner, until
from tests.writing.notes import PinNote, ReadNote, TakeNoteOff, asked


async def test_after_a_crash_everything_acknowledged_is_known_again(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    first = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await until(lambda: corner.flushed(board))
    stop_flushing(writers)
    second = await writers.dispatch(asked(PinNote(board, "bread", "buy some"), "k2"))
    await writers.dispatch(asked(TakeNoteOff(board, "milk"), "k3"))
    await corner.kill(writers)
    assert not await corner.flushed(board)

    again = await corner.writers()

    for key, before, name in (("k1", first, "milk"), ("k2", second, "bread")):
        repeat = await again.dispatch(asked(PinNote(board, name, "buy some"), key))
        assert (repeat.position, repeat.result, repeat.appended) == (before.position, before.result, False)
    assert await again.ask(ReadNote(board, "bread")) == {"text": "buy some"}
    with pytest.raises(Refused):
        await again.ask(ReadNote(board, "milk"))
    await again.dispatch(asked(PinNote(board, "salt", "buy some"), "k4"))
    assert [each.version for each in await corner.counted(board)] == [1, 2, 3, 4]


async def test_a_second_process_waits_and_takes_over_what_is_given_up(corner: Corner, board: StreamId) -> None:
    first = await corner.writers("one")
    accepted = await first.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    second = await corner.writers("two", waiting=True)
    await asyncio.sleep(1.5)
    assert not second.serving
    with pytest.raises(Unavailable):
        await second.dispatch(asked(PinNote(board, "bread", "buy some"), "k2"))

    corner.started.remove(first)
    await first.stop()

    await until(lambda: len(second.serving) == len(second.wanted), seconds=2.5)
    repeat = await second.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    assert repeat.position == accepted.position


async def succeeded(corner: Corner, board: StreamId) -> tuple[Writers, Writers]:
    """A first writer that has lost its leases without knowing, and its successor, which serves."""
    first = await corner.writers("one")
    await first.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await stop_renewing(first)
    second = await corner.writers("two")
    return first, second


async def test_a_writer_that_lost_its_partition_gives_no_answer_from_memory(corner: Corner, board: StreamId) -> None:
    first, second = await succeeded(corner, board)
    await second.dispatch(asked(PinNote(board, "milk", "no more"), "k2"))

    with pytest.raises(Unavailable):
        await first.ask(ReadNote(board, "milk"))

    assert writer_of(first, board).tenure is None
    assert await second.ask(ReadNote(board, "milk")) == {"text": "no more"}


async def test_a_fenced_append_is_refused_and_acknowledged_to_nobody(corner: Corner, board: StreamId) -> None:
    first, second = await succeeded(corner, board)
    fenced = metrics.FENCED_APPENDS._value.get()

    with pytest.raises(Unavailable):
        await first.dispatch(asked(PinNote(board, "bread", "by a zombie"), "k2"))

    assert metrics.FENCED_APPENDS._value.get() == fenced + 1
    assert writer_of(first, board).standing is Standing.WAITING
    assert len(await corner.counted(board)) == 1
    with pytest.raises(Unavailable):
        await first.dispatch(asked(PinNote(board, "bread", "by a zombie"), "k2"))
    await second.dispatch(asked(PinNote(board, "bread", "by its owner"), "k3"))
    assert len(await corner.counted(board)) == 2


async def test_an_append_that_was_on_its_way_is_not_acknowledged_after_the_claim(
    corner: Corner, board: StreamId
) -> None:
    first = await corner.writers("one")
    await stop_renewing(first)
    held = HeldAppends(first)
    parked = asyncio.create_task(
        first.dispatch(asked(PinNote(board, "bread", "parked"), "k1", deadline=in_seconds(30)))
    )
    await held.waiting.wait()
    second = await corner.writers("two")

    held.let_go()

    with pytest.raises(Unavailable):
        await parked
    assert await corner.counted(board) == []
    retried = await second.dispatch(asked(PinNote(board, "bread", "parked"), "k1"))
    assert retried.appended


async def test_where_the_brokers_fence_fails_the_rules_of_the_log_hold(corner: Corner, board: StreamId) -> None:
    first, second = await succeeded(corner, board)
    await escape_the_fence(first, board)
    accepted = await second.dispatch(asked(PinNote(board, "bread", "by its owner"), "k2"))

    with pytest.raises(Problem) as answered:
        await first.dispatch(asked(PinNote(board, "bread", "by a zombie"), "k3", deadline=in_seconds(3)))

    log = await corner.log_of(board)
    zombies = [record for record in log if b"by a zombie" in record.value]
    assert len(zombies) == 1, "the fence held after all: the fault did not bite"
    assert isinstance(answered.value, OutcomeUnknown | Unavailable)
    assert writer_of(first, board).tenure is None, "the offset check did not end the zombie's tenure"
    claims = [judge_record(each.offset, each.value, NO_CLAIM) for each in log[: zombies[0].offset] if each.key is None]
    assert isinstance(claims[-1], Claimed)
    in_force = claims[-1].claim
    assert isinstance(judge_record(zombies[0].offset, zombies[0].value, in_force), Void)
    # The owner does not know of the void record: its own next append lands elsewhere, and it takes over from itself.
    appended = await second.dispatch(asked(PinNote(board, "salt", "by its owner"), "k4"))
    assert appended.result == {"version": 3}
    assert [each.version for each in await corner.counted(board)] == [1, 2, 3]
    again = await second.dispatch(asked(PinNote(board, "bread", "by its owner"), "k2"))
    assert again.position == accepted.position
    retried = await second.dispatch(asked(PinNote(board, "eggs", "by a zombie"), "k5"))
    assert retried.appended


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_lost_answer_is_settled_by_looking_and_never_decided_again(
    corner: Corner, board: StreamId, *, arrives: bool
) -> None:
    writers = await corner.writers()
    unknown = metrics.UNKNOWN_APPENDS._value.get()
    lose_next_reply(writers, arrives=arrives)

    if arrives:
        accepted = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
        [record] = [each for each in await corner.log_of(board) if each.key]
        assert parse_position(accepted.position).offset == record.offset
        assert accepted.appended
    else:
        with pytest.raises(Unavailable):
            await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))

    assert metrics.UNKNOWN_APPENDS._value.get() == unknown + 1
    assert len(await corner.counted(board)) == int(arrives)
    await until(lambda: len(writers.serving) == len(writers.wanted))
    again = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    assert again.appended is not arrives
    assert len(await corner.counted(board)) == 1


async def test_the_deadline_says_whether_anything_was_sent(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    held = HeldAppends(writers)
    sent = asyncio.create_task(writers.dispatch(asked(PinNote(board, "milk", "sent"), "k1", deadline=in_seconds(0.5))))
    await held.waiting.wait()
    queued = asyncio.create_task(writers.dispatch(asked(PinNote(board, "salt", "not"), "k2", deadline=in_seconds(0.5))))

    answers = await asyncio.gather(sent, queued, return_exceptions=True)

    assert [type(answer) for answer in answers] == [OutcomeUnknown, Unavailable]
    held.let_go()
    again = await writers.dispatch(asked(PinNote(board, "milk", "sent"), "k1"))
    assert not again.appended
    assert len(await corner.counted(board)) == 1


async def test_an_old_claim_is_renewed_and_nobody_notices(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers(claim_hours=1 / 3600)
    answers = []
    for number in range(24):
        answers.append(await writers.dispatch(asked(PinNote(board, f"n{number}", "text"), f"k{number}")))
        await asyncio.sleep(0.1)

    claims = [each for each in await corner.log_of(board) if each.key is None]
    assert len(claims) >= 3
    assert [each.result["version"] for each in answers] == list(range(1, 25))


def in_seconds(seconds: float) -> float:
    """A deadline, on the event loop's clock."""
    return asyncio.get_running_loop().time() + seconds
