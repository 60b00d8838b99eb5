"""Reads a topic from its first record to where it ended when it was asked, one partition after the other."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.operator.verifying.plain_records import RawRecord

SILENCE_SECONDS = 30.0
POLL_MS = 500
BATCH = 5_000


class LogIsSilentError(RuntimeError):
    """Kafka stopped answering in the middle."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The offsets of a partition: the first that is there, and the one that the next record will have."""

    begin: int
    end: int


@dataclass(slots=True)
class Going:
    """How far the reading is, in records."""

    total: int = 0
    done: int = 0
    since: float = field(default_factory=monotonic)

    @property
    def per_second(self) -> float:
        """The rate so far."""
        return self.done / max(monotonic() - self.since, 0.001)

    @property
    def seconds_left(self) -> float:
        """The time that the rest takes at this rate."""
        return (self.total - self.done) / max(self.per_second, 0.001)


class LogReader:
    """A consumer without a group. Use as an async context manager. It tells `going` what it has read."""

    def __init__(self, bootstrap_servers: str, going: Going) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._going = going

    async def __aenter__(self) -> Self:
        # Made here: the client wants a running loop.
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap_servers,
            group_id=None,
            enable_auto_commit=False,
            fetch_max_wait_ms=50,
            max_partition_fetch_bytes=4_194_304,
        )
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                await self._consumer.start()
        except BaseException:
            await self._consumer.stop()  # else it complains that nobody did
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with asyncio.timeout(SILENCE_SECONDS):
            await self._consumer.stop()

    async def extents(self, topic: str) -> dict[int, Extent]:
        """What each partition of a topic holds now. Empty when there is no such topic."""
        async with asyncio.timeout(SILENCE_SECONDS):
            partitions = [TopicPartition(topic, number) for number in await self._numbers_of(topic)]
            if not partitions:
                return {}
            self._consumer.assign(partitions)  # else it knows nothing of the topic
            begins = await self._consumer.beginning_offsets(partitions)
            ends = await self._consumer.end_offsets(partitions)
        return {each.partition: Extent(begins[each], ends[each]) for each in partitions}

    async def _numbers_of(self, topic: str) -> list[int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap_servers)
        await admin.start()
        try:
            (described,) = await admin.describe_topics([topic])
        finally:
            await admin.close()
        return sorted(each["partition"] for each in described["partitions"])

    async def batches(self, topic: str, number: int, extent: Extent) -> AsyncIterator[list[RawRecord]]:
        """Every record of the extent, in order. Raises LogIsSilentError."""
        partition = TopicPartition(topic, number)
        self._consumer.assign([partition])
        self._consumer.seek(partition, extent.begin)
        position, silent_since = extent.begin, asyncio.get_running_loop().time()
        while position < extent.end:
            got = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH)
            records = [record for each in got.values() for record in each if record.offset < extent.end]
            reached = await self._consumer.position(partition)
            if reached > position:
                silent_since = asyncio.get_running_loop().time()
            elif asyncio.get_running_loop().time() > silent_since + SILENCE_SECONDS:
                raise LogIsSilentError(f"{topic}/{number} gave nothing behind offset {position}")
            position = reached
            self._going.done += len(records)
            yield [RawRecord(topic, number, each.offset, each.key, each.value, tuple(each.headers)) for each in records]
