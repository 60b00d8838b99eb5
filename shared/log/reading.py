"""Reads stretches of the log, several at once, with clients of its own."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager

from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.log.consuming import LogConsumer, LogUnreachableError

FETCH_WAIT_MS = 50
ANSWER_SECONDS = 5.0
SILENCE_SECONDS = 10.0
POLL_MS = 250
RECORDS_AT_ONCE = 2_000
AT_ONCE = 4


class LogReader:
    """Reads any partition of the log; several at once, each with a client of its own. `close` it at the end."""

    def __init__(self, bootstrap_servers: str, client_id: str = "verbatim-reader", at_once: int = AT_ONCE) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._client_id = client_id
        self._places = asyncio.Semaphore(at_once)
        self._idle: list[LogConsumer] = []

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset that the next record of each partition will have. Raises LogUnreachableError."""
        async with self._consumer() as consumer:
            return await consumer.end_offsets(partitions)

    async def read_range(self, partition: TopicPartition, start: int, end: int) -> AsyncGenerator[ConsumerRecord]:
        """The records from offset `start` up to and without `end`, or to where the log ended when this began.

        Raises LogUnreachableError. Whoever stops early closes the iterator (`contextlib.aclosing`).
        """
        if start >= end:
            return
        async with self._consumer() as consumer:
            last = min(end, (await consumer.end_offsets([partition]))[partition])
            if start >= last:
                return
            consumer.start_at({partition: start})
            async with aclosing(_records(consumer, partition, last)) as records:
                async for record in records:
                    yield record
            consumer.pause(partition)

    async def close(self) -> None:
        """Closes every client."""
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[LogConsumer]:
        async with self._places:
            consumer = self._idle.pop() if self._idle else await self._opened()
            try:
                yield consumer
            except BaseException:
                await consumer.close()
                raise
            self._idle.append(consumer)

    async def _opened(self) -> LogConsumer:
        consumer = LogConsumer(
            self._bootstrap_servers, self._client_id, fetch_wait_ms=FETCH_WAIT_MS, answer_seconds=ANSWER_SECONDS
        )
        try:
            await consumer.open()
        except BaseException:
            await consumer.close()
            raise
        return consumer


async def _records(consumer: LogConsumer, partition: TopicPartition, end: int) -> AsyncGenerator[ConsumerRecord]:
    loop = asyncio.get_running_loop()
    heard = loop.time()
    while True:
        found = await consumer.records(POLL_MS, RECORDS_AT_ONCE)
        for record in found.get(partition, ()):
            if record.offset < end:
                yield record
            if record.offset >= end - 1:
                return
        if found:
            heard = loop.time()
        elif loop.time() - heard > SILENCE_SECONDS:
            msg = f"nothing came from {partition.topic}-{partition.partition} for {SILENCE_SECONDS} seconds"
            raise LogUnreachableError(msg)
