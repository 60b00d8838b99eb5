"""A Kafka consumer that is thrown away at the first surprise: aiokafka's die silently, or with a cancellation."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import aiokafka.record._crecords  # noqa: F401  # without the compiled part it is silently forty times slower
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord, TopicPartition

STOP_SECONDS = 2.0
SURPRISES = (KafkaError, OSError, TimeoutError, AssertionError, RuntimeError)
"""What aiokafka raises when it cannot go on, or is dead without saying so."""

Answer = TypeVar("Answer")


class LogUnreachableError(Exception):
    """The log could not be read now. Its consumer is of no more use: close it, and make another one."""


class LogConsumer:
    """Reads partitions without a group. Everything but `close` raises LogUnreachableError; `close` it in any case.

    `fetch_wait_ms`: how long the broker waits for records when there are none. `answer_seconds`: how long we wait.
    """

    def __init__(self, bootstrap_servers: str, client_id: str, *, fetch_wait_ms: int, answer_seconds: float) -> None:
        self._answer_seconds = answer_seconds
        self._asked: asyncio.Future[Any] | None = None
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap_servers,
            client_id=client_id,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=fetch_wait_ms,
            request_timeout_ms=int(answer_seconds * 1000),
            retry_backoff_ms=100,
            check_crcs=True,
        )

    async def open(self) -> None:
        """Connects."""
        await self._answer(self._consumer.start())

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset that the next record of each partition will have."""
        return await self._answer(end_offsets(self._consumer, list(partitions)))

    def start_at(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Reads these partitions from now on, each from its offset."""
        self._consumer.assign(list(offsets))
        for partition, offset in offsets.items():
            self._consumer.seek(partition, offset)

    def pause(self, partition: TopicPartition) -> None:
        """Reads nothing more of a partition."""
        self._consumer.pause(partition)

    async def records(self, wait_ms: int, max_records: int | None = None) -> dict[TopicPartition, list[ConsumerRecord]]:
        """What came next, of each partition in order; nothing if nothing came for so long."""
        try:
            return await self._answer(self._consumer.getmany(timeout_ms=wait_ms, max_records=max_records))
        except asyncio.CancelledError:
            if self._asked is not None:
                self._asked.cancel()  # it only waits: nothing is being opened
            raise

    def log_end(self, partition: TopicPartition) -> int:
        """The end of a partition's log as the last records said it, 0 where none came."""
        return self._consumer.highwater(partition) or 0

    def connections(self) -> frozenset[Any]:
        """The connections to brokers."""
        return connections_of(self._consumer)

    async def close(self) -> None:
        """Throws the consumer away, as `end_consumer` does."""
        if self._asked is not None:
            await _ended(self._asked)  # what is being opened is finished first: aiokafka would forget it, open as it is
        await end_consumer(self._consumer)

    async def _answer(self, asked: Coroutine[Any, Any, Answer]) -> Answer:
        # In a task of its own: aiokafka hands the cancellation of its own dying tasks to whoever waits for them, where
        # it could not be told from ours, and would end for good whoever reads.
        task = asyncio.ensure_future(asked)
        self._asked = task
        await asyncio.wait([task], timeout=self._answer_seconds)
        if not task.done():
            raise LogUnreachableError(f"Kafka did not answer within {self._answer_seconds} seconds")
        if task.cancelled():
            raise LogUnreachableError("a client of Kafka died of its own cancellation")
        try:
            answer: Answer = task.result()
        except SURPRISES as error:
            raise LogUnreachableError(f"Kafka cannot be read: {error!r}") from error
        return answer


async def end_offsets(consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """The offset that the next record of each partition will have, as aiokafka's consumer tells it.

    It is told of the topics first. Without, it asks, fails, asks which topics there are, and waits for a tenth of a
    second before it asks again, twice.
    """
    for topic in {each.topic for each in partitions}:
        await consumer._client.add_topic(topic)  # noqa: SLF001  # there is no public way, but for those of a group
    found: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
    return found


def connections_of(consumer: AIOKafkaConsumer) -> frozenset[Any]:
    """A consumer's connections to brokers; aiokafka offers no public way to see that one was lost."""
    connections = consumer._client._conns.items()  # noqa: SLF001  # see above
    return frozenset(each for name, each in connections if not str(name[0]).startswith("bootstrap"))


async def end_consumer(consumer: AIOKafkaConsumer) -> None:
    """Throws a consumer away, in whatever state it is, within seconds; none of its connections stays open.

    Never raises, unless who calls is told to end: then it is cut off at once.
    """
    client = consumer._client  # noqa: SLF001  # there is no public way to what `stop` may leave open
    try:
        # It fails, or hangs, with any of its own tasks; those behind that one are then never ended.
        for end in (consumer.stop, client.close):
            await _ended(asyncio.ensure_future(end()))
    finally:
        for each in list(client._conns.values()):  # noqa: SLF001  # see above
            each.close()


async def _ended(task: asyncio.Future[Any]) -> None:
    """Waits for its end, a while. Whatever comes of it, nobody wants to know.

    It may raise the CancelledError of a task of aiokafka's own, which must not be taken for ours.
    """
    try:
        await asyncio.wait([task], timeout=STOP_SECONDS)
    finally:
        if task.done() and not task.cancelled():
            task.exception()
        task.cancel()
