"""What stands in the topic of presence, and what a test writes there itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from shared.identifiers import UserId
from shared.log.presence import decode_last_seen, encode_last_seen, presence_partition
from shared.log.reading import LogReader
from shared.settings import Settings

Said = list[tuple[UserId, datetime | None]]


async def said(settings: Settings) -> Said:
    """All that was ever said, as far as it was not compacted away."""
    partition, reader = presence_partition(settings), LogReader(settings.kafka_bootstrap_servers)
    try:
        end = (await reader.end_offsets([partition]))[partition]
        return [decode_last_seen(each.key, each.value) async for each in reader.read_range(partition, 0, end)]
    finally:
        await reader.close()


async def end_of(settings: Settings) -> int:
    """The offset that the next record will have."""
    partition, reader = presence_partition(settings), LogReader(settings.kafka_bootstrap_servers)
    try:
        return (await reader.end_offsets([partition]))[partition]
    finally:
        await reader.close()


async def said_of(settings: Settings, user_id: str) -> list[datetime | None]:
    """What was said of somebody, in its order."""
    return [seen_at for each, seen_at in await said(settings) if each == user_id]


class Topic:
    """The topic, to be written to."""

    def __init__(self, settings: Settings, producer: AIOKafkaProducer) -> None:
        self._partition = presence_partition(settings)
        self._producer = producer

    async def say(self, user_id: str, seen_at: datetime | None) -> int:
        """Says when somebody was seen, or that they are forgotten. Gives the offset."""
        return await self.write(user_id.encode(), None if seen_at is None else encode_last_seen(seen_at))

    async def write(self, key: bytes | None, value: bytes | None) -> int:
        """Appends any bytes. Gives the offset."""
        sent = await self._producer.send_and_wait(
            self._partition.topic, value, key=key, partition=self._partition.partition
        )
        return int(sent.offset)


@asynccontextmanager
async def writing_presence(settings: Settings) -> AsyncIterator[Topic]:
    """Opens the topic."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    await producer.start()
    try:
        yield Topic(settings, producer)
    finally:
        await producer.stop()


async def delete_topic(settings: Settings) -> None:
    """Takes the topic away, with all that is in it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([presence_partition(settings).topic])
    finally:
        await admin.close()
