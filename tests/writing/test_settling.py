"""After a loss, a record that is found is told as appended by this request only if it is this group's own."""

import asyncio
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from services.command.dispatching import Accepted
from services.command.knowing import Row
from services.command.writing.appending import ProducerIdentity
from services.command.writing.clocks import MACHINE
from services.command.writing.decision_store import Codec, KnownCommand
from services.command.writing.groups import Group, Phase, Rules, Waiting, command_place
from services.command.writing.partition_writer import PartitionWriter
from services.command.writing.tenure import Tenure
from shared.identifiers import StreamId, StreamKind
from shared.log.records import Claim
from tests.writing.notes import ANN, DECIDER, PinNote, asked

BOARD = StreamId("00000000-0000-4000-8000-00000000000c")
WOULD_BE_AT = 10


@pytest.mark.parametrize(("found_at", "ours"), [(WOULD_BE_AT, True), (WOULD_BE_AT + 2, False)])
async def test_a_record_found_elsewhere_is_that_of_another_try(found_at: int, ours: bool) -> None:
    submission = asked(PinNote(BOARD, "milk", "buy some"), "k1")
    place = command_place(BOARD, submission.command_id)
    waiting: Waiting = Waiting(submission, asyncio.get_running_loop().create_future(), Phase.SENT)
    rules = Rules.of(StreamKind.CONVERSATIONS, [DECIDER])
    group = Group(rules, 0, Claim(5, 1), WOULD_BE_AT, [waiting])
    group.copy.rows[place] = Row(1, KnownCommand(submission.fingerprint, ANN, WOULD_BE_AT, {}))
    unasked: Any = None  # what is known stands in memory
    partition = TopicPartition("boards", 0)
    writer = PartitionWriter(partition, rules, Codec([DECIDER]), unasked, MACHINE, 10, 3600.0)
    writer.open_group = group
    again = Tenure(Claim(20, 3), ProducerIdentity(1, 3), 21, 21, None, 0.0)
    again.memory.rows[place] = Row(1, KnownCommand(submission.fingerprint, ANN, found_at, {}))

    await writer.settle(again)

    answer: Accepted = waiting.future.result()
    assert (answer.position, answer.appended) == (f"c0-{found_at}", ours)
