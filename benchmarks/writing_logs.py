"""Writes events into the log of a corner as its writers would, but without deciding them: a large log in seconds."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiokafka.structs import TopicPartition

from benchmarks.apart import BrokenRunError
from benchmarks.world import Placed
from services.command.writing.appending import (
    Appended,
    Appender,
    BrokerAwayError,
    ProducerIdentity,
    Record,
    build_batch,
)
from services.command.writing.tenure import transactional_id_of
from shared.identifiers import StreamKind
from shared.log.records import Claim, PartitionClaimed, encode_claim, encode_record
from shared.log.topics import partition_of
from shared.settings import Settings

RECORDS_AT_ONCE = 1_000
WRITER = "benchmarks"
COORDINATOR_SECONDS = 60.0


async def write_log(settings: Settings, events: Iterable[Placed]) -> int:
    """Appends them, in their order in each partition, and gives how many there were.

    It fences and claims each partition that it writes to, so that services take over from it as from each other.
    """
    writing = _Writing(settings)
    for number, (kind, recorded) in enumerate(events, 1):
        place = partition_of(recorded.stream_id, settings.partitions)
        page = await writing.page(TopicPartition(settings.topic(kind), place))
        page.waiting.append((recorded.stream_id.encode(), encode_record(recorded, page.claim)))
        if len(page.waiting) == RECORDS_AT_ONCE:
            await writing.flush(page)
        written = number
    await writing.finish()
    return written


@dataclass(slots=True)
class _Page:
    """One partition: under which claim it is written, and what waits to be."""

    partition: TopicPartition
    node: int
    producer: ProducerIdentity
    claim: Claim
    sequence: int = 1
    waiting: list[Record] = field(default_factory=list)


class _Writing:
    def __init__(self, settings: Settings) -> None:
        topics = [settings.topic(kind) for kind in StreamKind]
        self._settings = settings
        self._appender = Appender(settings.kafka_bootstrap_servers, topics, "verbatim-benchmarks")
        self._pages: dict[TopicPartition, _Page] = {}

    async def page(self, partition: TopicPartition) -> _Page:
        if partition not in self._pages:
            self._pages[partition] = await self._claimed(partition)
        return self._pages[partition]

    async def _claimed(self, partition: TopicPartition) -> _Page:
        node = await self._appender.leader(partition)
        producer = await patiently_fenced(self._appender, transactional_id_of(self._settings, partition))
        value = encode_claim(PartitionClaimed(WRITER, producer.epoch, datetime.now(UTC)))
        offset = await self._append(partition, node, build_batch([(None, value)], producer, 0, _now()))
        return _Page(partition, node, producer, Claim(offset, producer.epoch))

    async def flush(self, page: _Page) -> None:
        if page.waiting:
            batch = build_batch(page.waiting, page.producer, page.sequence, _now())
            await self._append(page.partition, page.node, batch)
            page.sequence += len(page.waiting)
            page.waiting = []

    async def _append(self, partition: TopicPartition, node: int, batch: bytes) -> int:
        outcome = (await self._appender.append(node, {partition: batch}))[partition]
        if not isinstance(outcome, Appended):
            raise BrokenRunError(f"the log could not be written: {outcome.reason}")
        return outcome.offset

    async def finish(self) -> None:
        for page in self._pages.values():
            await self.flush(page)
        await self._appender.reset()


async def patiently_fenced(appender: Appender, transactional_id: str) -> ProducerIdentity:
    """Asks for the next epoch of this id until it is given: a new broker has no coordinator for a while."""
    async with asyncio.timeout(COORDINATOR_SECONDS):
        while True:
            try:
                return await appender.fence(transactional_id)
            except BrokerAwayError:
                await asyncio.sleep(0.1)


def _now() -> int:
    return int(time.time() * 1000)
