"""What a commit loop sets aside, so that partitions which lack nothing need not wait for the decision store."""

import asyncio
import warnings
from typing import Any

from aiokafka.structs import TopicPartition

from services.command.writing.appending import ProducerIdentity
from services.command.writing.clocks import MACHINE
from services.command.writing.committing import CommitLoop
from services.command.writing.decision_store import Codec, Fetched
from services.command.writing.groups import Rules, Waiting
from services.command.writing.partition_writer import PartitionWriter
from services.command.writing.tenure import Tenure
from shared.identifiers import StreamId, StreamKind
from shared.log.records import Claim
from tests.writing.conftest import until
from tests.writing.notes import DECIDER, PinNote, asked

BOARD = StreamId("00000000-0000-4000-8000-00000000000c")


async def test_what_was_set_aside_and_has_not_begun_ends_with_the_loop() -> None:
    store: Any = Asked()
    loop, writer = CommitLoop(1, store, store, MACHINE), serving(store)
    writer.enqueue(Waiting(asked(PinNote(BOARD, "milk", "buy some"), "k1"), asyncio.get_running_loop().create_future()))
    running = asyncio.create_task(loop.run())
    await asyncio.sleep(0)  # now it waits for something to do

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        running.cancel()
        await loop.commit([writer])  # memory has nothing: the group is set aside, behind the end of the loop
        await until(lambda: running.done() and not loop._aside)

    assert (store.times, [str(each.message) for each in warned]) == (0, [])


def serving(store: Any) -> PartitionWriter:
    """A writer that has just taken its partition over, and knows nothing of it."""
    rules = Rules.of(StreamKind.CONVERSATIONS, [DECIDER])
    writer = PartitionWriter(TopicPartition("boards", 0), rules, Codec([DECIDER]), store, MACHINE, 10, 3600.0)
    writer.serve(Tenure(Claim(5, 1), ProducerIdentity(1, 1), 6, 6, None, MACHINE.boot_seconds()), 1)
    return writer


class Asked:
    """A store that counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    async def fetch(self, *_: Any) -> Fetched:
        self.times += 1
        return Fetched({}, {}, {})
