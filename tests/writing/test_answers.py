"""What a command is answered, and that it is in the log when it is said to be."""

import pytest

from services.command.deciding import Stream
from services.command.dispatching import Accepted, KeyUsedForOther, NothingRecorded, Refused
from shared.identifiers import StreamId, StreamKind
from shared.log.positions import parse_position
from shared.web.problems import Unavailable
from tests.writing.conftest import Corner, until
from tests.writing.notes import ANN, BEN, NoSuchNote, PinNote, ReadBoard, ReadNote, TakeNoteOff, asked


async def test_what_was_accepted_is_in_the_log_at_its_position(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()

    accepted = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))

    [counted] = await corner.counted(board)
    assert accepted.appended
    assert accepted.result == {"version": 1}
    assert counted.command_id == accepted.command_id
    [record] = [record for record in await corner.log_of(board) if record.key == board.encode()]
    assert parse_position(accepted.position).offset == record.offset


async def test_a_repeat_is_answered_the_same_and_appends_nothing(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    first = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    await writers.dispatch(asked(PinNote(board, "milk", "no more"), "k2"))

    again = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))

    assert not again.appended
    assert (again.position, again.result) == (first.position, first.result)
    assert len(await corner.counted(board)) == 2


async def test_a_key_used_for_another_content_is_refused(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))

    with pytest.raises(Refused) as refused:
        await writers.dispatch(asked(PinNote(board, "milk", "something else"), "k1"))

    assert isinstance(refused.value.refusal, KeyUsedForOther)
    assert refused.value.status == 422
    assert len(await corner.counted(board)) == 1


async def test_a_command_is_looked_up_by_its_owner_alone(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    first = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))
    stream = Stream(StreamKind.CONVERSATIONS, board)

    found = await writers.look_up(stream, first.command_id, ANN)

    assert (found.position, found.result, found.appended) == (first.position, first.result, False)
    for actor, key in ((BEN, "k1"), (ANN, "k2")):
        with pytest.raises(Refused) as refused:
            await writers.look_up(stream, asked(PinNote(board, "", ""), key).command_id, actor)
        assert isinstance(refused.value.refusal, NothingRecorded)


async def test_a_refusal_and_no_change_leave_no_event(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    first = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k1"))

    with pytest.raises(Refused) as refused:
        await writers.dispatch(asked(TakeNoteOff(board, "bread"), "k2"))
    same = await writers.dispatch(asked(PinNote(board, "milk", "buy some"), "k3"))

    assert isinstance(refused.value.refusal, NoSuchNote)
    assert (same.appended, same.position) == (False, first.position)
    assert len(await corner.counted(board)) == 1


async def test_a_question_sees_what_was_answered_before_and_what_is_gone(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    for name in ("milk", "bread", "salt"):
        await writers.dispatch(asked(PinNote(board, name, f"buy {name}"), name))
    await until(lambda: corner.flushed(board))
    await writers.dispatch(asked(TakeNoteOff(board, "bread"), "off"))
    await writers.dispatch(asked(PinNote(board, "milk", "no more"), "more"))

    assert await writers.ask(ReadNote(board, "milk")) == {"text": "no more"}
    assert await writers.ask(ReadBoard(board)) == {"milk": "no more", "salt": "buy salt", "pinned": 4}
    await until(lambda: corner.flushed(board))
    assert await writers.ask(ReadBoard(board)) == {"milk": "no more", "salt": "buy salt", "pinned": 4}


async def test_all_events_of_a_command_are_answered_at_the_last_of_them(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()

    accepted = await writers.dispatch(asked(PinNote(board, "milk", "buy some", copies=3), "k1"))

    assert accepted.result == {"version": 3}
    assert parse_position(accepted.position).offset == (await corner.log_of(board))[-1].offset
    assert [each.version for each in await corner.counted(board)] == [1, 2, 3]


async def test_many_pass_the_doors_together_and_each_gets_its_own_answer(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers()
    notes = [PinNote(board, f"note {number}", "text") for number in range(20)]
    commands = [asked(note, note.name) for note in notes]
    commands[7] = asked(TakeNoteOff(board, "none"), "k7")
    commands.append(commands[3])

    answers = await writers.dispatch_all(commands)

    refused = answers[7]
    assert isinstance(refused, Refused)
    assert isinstance(refused.refusal, NoSuchNote)
    accepted = [each for each in answers if isinstance(each, Accepted)]
    assert [each.result["version"] for each in accepted] == [*range(1, 20), 4]
    assert [each.appended for each in accepted] == [True] * 19 + [False]
    assert len(await corner.counted(board)) == 19


async def test_of_many_those_that_find_no_place_are_told_so(corner: Corner, board: StreamId) -> None:
    writers = await corner.writers(queue_limit=5)

    answers = await writers.dispatch_all(
        [asked(PinNote(board, f"{number}", "text"), f"{number}") for number in range(8)]
    )

    assert [type(each) for each in answers] == [Accepted] * 5 + [Unavailable] * 3
    assert len(await corner.counted(board)) == 5
