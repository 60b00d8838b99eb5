"""How many bytes of the log a message takes."""

from collections.abc import Iterable
from pathlib import Path

import aiokafka
from aiokafka.structs import ConsumerRecord

from benchmarks.apart import BrokenRunError
from benchmarks.figures import Bar, Figure
from benchmarks.load import Load, put_load
from benchmarks.part import Bench, Part
from benchmarks.world import asking_in, life_of, rooms_of
from benchmarks.writing_logs import write_log
from shared.events.messages import MessageSent
from shared.identifiers import StreamKind
from shared.log.consuming import end_offsets
from shared.log.records import DecodedEvent, decode_record
from shared.log.topics import partitions_of
from shared.settings import Settings

ROOMS = 64
CONNECTIONS = 64
BAR = Bar(550.0)


async def measure(bench: Bench) -> list[Figure]:
    """Key, value and header of messages of 60 characters, and what the log grows by."""
    corner = await bench.servers.corner("size")
    rooms = rooms_of(ROOMS)
    await write_log(corner, life_of(rooms, 0))
    async with bench.servers.services(corner) as services:
        before = _bytes_of_log(bench.servers.kafka.folder, corner)
        load = Load(
            url=services.command.url,
            asking=asking_in(rooms, corner),
            connections=CONNECTIONS,
            seconds=bench.plan.load_seconds,
        )
        await put_load(load)
        grown = _bytes_of_log(bench.servers.kafka.folder, corner) - before
    sizes = [size_of(each) for each in await _messages(corner)]
    return [
        Figure(
            "bytes of a 60-character message in the log",
            "bytes",
            tuple(float(each) for each in (min(sizes), *sizes, max(sizes))),
            f"key, value and header of {len(sizes):,} messages that the command service recorded, uncompressed; the "
            "range is over messages",
            BAR,
        ),
        Figure(
            "growth of the log's files for a message under load",
            "bytes",
            (grown / len(sizes),),
            f"{CONNECTIONS} connections, frames of records and batches included, large batches compressed as always",
        ),
    ]


def _bytes_of_log(kafka: Path, corner: Settings) -> int:
    topic = corner.topic(StreamKind.CONVERSATIONS)
    return sum(each.stat().st_size for each in (kafka / "data").glob(f"{topic}-*/*.log"))


def size_of(record: ConsumerRecord) -> int:
    """Bytes of a record's key, value and headers."""
    parts: Iterable[bytes] = (record.key or b"", record.value or b"")
    return sum(map(len, parts)) + sum(len(name.encode()) + len(value) for name, value in record.headers)


async def _messages(corner: Settings) -> list[ConsumerRecord]:
    partitions = partitions_of(corner, StreamKind.CONVERSATIONS)
    consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=corner.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        left = sum((await end_offsets(consumer, partitions)).values())
        consumer.assign(partitions)
        records: list[ConsumerRecord] = []
        while len(records) < left:
            found = await consumer.getmany(timeout_ms=500)
            records += [record for some in found.values() for record in some]
    finally:
        await consumer.stop()
    messages = [each for each in records if _is_message(each)]
    if not messages:
        raise BrokenRunError("no message came into the log")
    return messages


def _is_message(record: ConsumerRecord) -> bool:
    decoded = decode_record(record.value)
    return isinstance(decoded, DecodedEvent) and isinstance(decoded.recorded.event, MessageSent)


PART = Part("f", "How many bytes does a message take?", measure)
