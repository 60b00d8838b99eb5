"""Tells operators how far the log was followed: the group's offsets in Kafka, where lag tools look, and a metric."""

import asyncio
from collections.abc import Mapping

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from services.command.expiration.metrics import LAG

TELL_SECONDS = 5.0
ANSWER_SECONDS = 1.0
log = structlog.get_logger()


class Progress:
    """What one member of the group has told. It is told for information only: the schedule goes by its own table."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._told: dict[TopicPartition, int] = {}
        self._tell_at = 0.0

    async def tell(self, next_offsets: Mapping[TopicPartition, int]) -> None:
        """What the schedule covers by now: everything before these offsets. Kafka is told every few seconds."""
        for partition, next_offset in next_offsets.items():
            end = self._consumer.highwater(partition) or 0
            LAG.labels(f"{partition.topic}-{partition.partition}").set(max(end - next_offset, 0))
        news = {each: offset for each, offset in next_offsets.items() if self._told.get(each) != offset}
        now = asyncio.get_running_loop().time()
        if news and now >= self._tell_at:
            self._tell_at = now + TELL_SECONDS
            await self._commit(news)

    async def _commit(self, news: dict[TopicPartition, int]) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._consumer.commit(news)
        except (KafkaError, OSError, TimeoutError, AssertionError) as error:
            log.info("the group's offsets could not be committed yet", error=repr(error))
        else:
            self._told.update(news)
