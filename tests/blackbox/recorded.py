"""What the log says, read by a reader of its own that knows nothing but the published form of a record."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

KINDS = ("conversations", "users")
CLAIMED = "verbatim.partition.claimed.v1"
LIMIT_SECONDS = 60.0
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that counts."""

    kind: str
    partition: int
    offset: int
    key: str
    envelope: Mapping[str, Any]

    @property
    def position(self) -> str:
        """As clients are told it."""
        return f"{self.kind[0]}{self.partition}-{self.offset}"

    @property
    def type(self) -> str:
        """Without what all of them have."""
        return str(self.envelope["type"]).removeprefix("verbatim.").removesuffix(".v1")

    @property
    def stream(self) -> str:
        return str(self.envelope["subject"])

    @property
    def version(self) -> int:
        return int(self.envelope["sequence"])

    @property
    def command(self) -> str:
        return str(self.envelope["id"]).split(".")[0]

    @property
    def index(self) -> int:
        """Its place among the events of its command."""
        return int(str(self.envelope["id"]).split(".")[1])

    @property
    def actor(self) -> str:
        return str(self.envelope["actor"])

    @property
    def data(self) -> Mapping[str, Any]:
        recorded: Mapping[str, Any] = self.envelope["data"]
        return recorded

    @property
    def time(self) -> datetime:
        """When it was recorded, in UTC."""
        return datetime.fromisoformat(self.envelope["time"])

    @property
    def seconds(self) -> float:
        """When it was recorded, in seconds since 1970."""
        return self.time.timestamp()


@dataclass(slots=True)
class RecordedLog:
    """The events that count, in order. `began`: where each partition ended before the first wish."""

    places: dict[Place, list[Entry]] = field(default_factory=dict)
    began: dict[Place, int] = field(default_factory=dict)
    void: int = 0

    def entries(self) -> Iterable[Entry]:
        """All of them, each partition in order."""
        return (entry for place in self.places.values() for entry in place)

    def by_command(self) -> dict[str, list[Entry]]:
        """The events of each command."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries():
            found.setdefault(entry.command, []).append(entry)
        return found


def add_records(log: RecordedLog, place: Place, records: Iterable[tuple[int, bytes | None, bytes | None]]) -> None:
    """Adds (offset, key, value) of one partition from its first record on, those alone that count."""
    in_force, (kind, partition) = None, place
    entries = log.places.setdefault(place, [])
    for offset, key, value in records:
        envelope = json.loads(value or b"{}")
        if envelope["type"] == CLAIMED:
            in_force = f"{offset}-{envelope['data']['epoch']}"
        elif envelope["claim"] == in_force:
            entries.append(Entry(kind, partition, offset, (key or b"").decode(), envelope))
        else:
            log.void += 1


async def read_log(bootstrap_servers: str, topics: Mapping[str, str]) -> RecordedLog:
    """Both topics, by their kinds, from the first record to the last."""
    log = RecordedLog()
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    async with asyncio.timeout(LIMIT_SECONDS):
        await consumer.start()
        try:
            for kind in KINDS:
                for partition, end in (await _ends(consumer, topics[kind])).items():
                    records = await _records(consumer, TopicPartition(topics[kind], partition), end)
                    add_records(log, (kind, partition), records)
        finally:
            await consumer.stop()
    return log


async def log_ends(bootstrap_servers: str, topics: Mapping[str, str]) -> dict[Place, int]:
    """Where each partition ends now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    async with asyncio.timeout(LIMIT_SECONDS):
        await consumer.start()
        try:
            return {(kind, n): end for kind in KINDS for n, end in (await _ends(consumer, topics[kind])).items()}
        finally:
            await consumer.stop()


async def raw_records(
    bootstrap_servers: str, topic: str, partition: int
) -> list[tuple[int, bytes | None, bytes | None]]:
    """(offset, key, value) of everything in a partition, claims and what is void included."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    async with asyncio.timeout(LIMIT_SECONDS):
        await consumer.start()
        try:
            end = (await _ends(consumer, topic))[partition]
            return await _records(consumer, TopicPartition(topic, partition), end)
        finally:
            await consumer.stop()


async def _ends(consumer: AIOKafkaConsumer, topic: str) -> dict[int, int]:
    consumer.assign([TopicPartition(topic, 0)])  # else it knows nothing of the topic
    await consumer.end_offsets([TopicPartition(topic, 0)])
    partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
    ends = await consumer.end_offsets(partitions)
    return {each.partition: ends[each] for each in partitions}


async def _records(
    consumer: AIOKafkaConsumer, partition: TopicPartition, end: int
) -> list[tuple[int, bytes | None, bytes | None]]:
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    records: list[tuple[int, bytes | None, bytes | None]] = []
    while await consumer.position(partition) < end:
        for got in (await consumer.getmany(timeout_ms=500)).values():
            records += [(each.offset, each.key, each.value) for each in got if each.offset < end]
    return records
