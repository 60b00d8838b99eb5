"""After a loss, a record that is found is told as appended by this request only if it is this group's own."""

import asyncio
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from services.command.dispatching import Accepted
from services.command.knowing import Row
from services.command.writing.appending import ProducerIdentity
from services.command.writing.clocks import MACHINE
from services.command.writing.decision_store import Codec, Fetched, KnownCommand
from services.command.writing.groups import Group, Phase, Rules, Waiting, command_place
from services.command.writing.partition_writer import PartitionWriter
from services.command.writing.tenure import Tenure
from shared.identifiers import StreamId, StreamKind
from shared.log.records import Claim
from tests.writing.notes import ANN, DECIDER, PinNote, asked

BOARD = StreamId("00000000-0000-4000-8000-00000000000c")
WOULD_BE_AT = 10


@pytest.mark.parametrize(
    ("found", "ours"),
    [
        ({"milk": (1, 10), "salt": (2, 11)}, True),
        ({"milk": (1, 12), "salt": (2, 13)}, False),  # after another's claim at 10 and a record of his
        ({"salt": (1, 11)}, False),  # after another's claim at 10: where it was to be, but as the first of his own
        ({"milk": (3, 10), "salt": (4, 11)}, False),  # where they were to be, but not what
    ],
)
async def test_a_record_that_another_try_left_is_not_told_as_ours(
    found: dict[str, tuple[int, int]], ours: bool
) -> None:
    writer, group = lost_with("milk", "salt")
    again = Tenure(Claim(20, 3), ProducerIdentity(1, 3), 21, 21, None, 0.0)
    for name, (version, offset) in found.items():
        submission = asked(PinNote(BOARD, name, "buy some"), name)
        row = Row(version, KnownCommand(submission.fingerprint, ANN, offset, {}))
        again.memory.rows[command_place(BOARD, submission.command_id)] = row

    await writer.settle(again)

    answer: Accepted = group.taken[-1].future.result()
    assert (answer.position, answer.appended) == (f"c0-{found['salt'][1]}", ours)


def lost_with(*names: str) -> tuple[PartitionWriter, Group]:
    """A writer that has lost a group: a note of each name, each in a record of its own."""
    rules = Rules.of(StreamKind.CONVERSATIONS, [DECIDER])
    group = Group(rules, 0, Claim(5, 1), WOULD_BE_AT, [])
    for index, name in enumerate(names):
        submission = asked(PinNote(BOARD, name, "buy some"), name)
        group.taken.append(Waiting(submission, asyncio.get_running_loop().create_future(), Phase.SENT))
        known = KnownCommand(submission.fingerprint, ANN, WOULD_BE_AT + index, {})
        group.copy.rows[command_place(BOARD, submission.command_id)] = Row(index + 1, known)
    group.appending.extend(group.taken)
    unasked: Any = Unasked()
    writer = PartitionWriter(TopicPartition("boards", 0), rules, Codec([DECIDER]), unasked, MACHINE, 10, 3600.0)
    writer.open_group = group
    return writer, group


class Unasked:
    """A store that has nothing: what is known stands in memory."""

    async def fetch(self, *_: Any) -> Fetched:
        return Fetched({}, {}, {})
