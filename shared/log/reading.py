"""Reads stretches of the log with clients of its own, which are thrown away when anything surprises."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord, TopicPartition

START_SECONDS = 5.0
ANSWER_SECONDS = 5.0
SILENCE_SECONDS = 10.0
POLL_MS = 250
RECORDS_AT_ONCE = 2_000
AT_ONCE = 4
SURPRISES = (KafkaError, OSError, TimeoutError, AssertionError, RuntimeError)
"""What aiokafka raises when it cannot go on, or is dead without saying so."""


class LogUnreachableError(Exception):
    """The log could not be read now."""


class LogReader:
    """Reads any partition of the log; several at once, each with a client of its own. `close` it at the end."""

    def __init__(self, bootstrap_servers: str, client_id: str = "verbatim-reader", at_once: int = AT_ONCE) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._client_id = client_id
        self._places = asyncio.Semaphore(at_once)
        self._idle: list[AIOKafkaConsumer] = []

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset that the next record of each partition will have. Raises LogUnreachableError."""
        async with self._consumer() as consumer:
            return await _end_offsets(consumer, list(partitions))

    async def read_range(self, partition: TopicPartition, start: int, end: int) -> AsyncGenerator[ConsumerRecord]:
        """The records from offset `start` up to and without `end`, or to where the log ended when this began.

        Raises LogUnreachableError. Whoever stops early closes the iterator (`contextlib.aclosing`).
        """
        if start >= end:
            return
        async with self._consumer() as consumer:
            last = min(end, (await _end_offsets(consumer, [partition]))[partition])
            if start >= last:
                return
            consumer.assign([partition])
            consumer.seek(partition, start)
            async with aclosing(_records(consumer, partition, last)) as records:
                async for record in records:
                    yield record
            consumer.pause(partition)

    async def close(self) -> None:
        """Closes every client."""
        while self._idle:
            await _stop(self._idle.pop())

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        async with self._places:
            consumer = self._idle.pop() if self._idle else await self._started()
            try:
                yield consumer
            except SURPRISES as error:
                await _stop(consumer)
                raise LogUnreachableError(f"the log could not be read: {error!r}") from error
            except BaseException:
                await _stop(consumer)
                raise
            self._idle.append(consumer)

    async def _started(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap_servers,
            client_id=self._client_id,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=50,
            request_timeout_ms=int(ANSWER_SECONDS * 1000),
            retry_backoff_ms=100,
            check_crcs=True,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                await consumer.start()
        except SURPRISES as error:
            await _stop(consumer)
            msg = f"Kafka at {self._bootstrap_servers} cannot be reached: {error!r}"
            raise LogUnreachableError(msg) from error
        return consumer


async def _end_offsets(consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    async with asyncio.timeout(ANSWER_SECONDS):
        found: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
        return found


async def _records(consumer: AIOKafkaConsumer, partition: TopicPartition, end: int) -> AsyncGenerator[ConsumerRecord]:
    loop = asyncio.get_running_loop()
    heard = loop.time()
    while True:
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await consumer.getmany(partition, timeout_ms=POLL_MS, max_records=RECORDS_AT_ONCE)
        for record in found.get(partition, ()):
            if record.offset < end:
                yield record
            if record.offset >= end - 1:
                return
        if found:
            heard = loop.time()
        elif loop.time() - heard > SILENCE_SECONDS:
            msg = f"nothing came from {partition.topic}-{partition.partition} for {SILENCE_SECONDS} seconds"
            raise TimeoutError(msg)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    try:
        async with asyncio.timeout(2):
            await consumer.stop()
    except SURPRISES:
        return
