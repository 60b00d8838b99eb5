"""The floor of reading: the whole log of a corner, by the client and with the settings that the projector has."""

from time import perf_counter

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from benchmarks.apart import answer_job, apart
from services.projector.reading import FETCH_WAIT_MS, POLL_MS
from shared.identifiers import StreamKind
from shared.log.consuming import end_offsets
from shared.log.topics import partitions_of
from shared.settings import Settings


class Reading(msgspec.Struct, frozen=True):
    """What to read: whole topics, by their names and partitions."""

    bootstrap_servers: str
    partitions: list[tuple[str, int]]


class Read(msgspec.Struct, frozen=True):
    """From connecting to the last record, in seconds."""

    seconds: float
    records: int


async def bare_read(settings: Settings) -> Read:
    """Measures in a process of its own."""
    partitions = [(each.topic, each.partition) for kind in StreamKind for each in partitions_of(settings, kind)]
    return await apart("floors.bare_read", Reading(settings.kafka_bootstrap_servers, partitions), Read)


async def _measure(job: Reading) -> Read:
    partitions = [TopicPartition(*each) for each in job.partitions]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=job.bootstrap_servers,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )
    began = perf_counter()
    await consumer.start()
    left = sum((await end_offsets(consumer, partitions)).values())
    consumer.assign(partitions)
    for each in partitions:
        consumer.seek(each, 0)
    records = 0
    while records < left:
        found = await consumer.getmany(timeout_ms=POLL_MS)
        records += sum(len(each) for each in found.values())
    seconds = perf_counter() - began
    await consumer.stop()
    return Read(seconds, records)


if __name__ == "__main__":
    answer_job(Reading, _measure)
