"""What the writers of a process reach outside it: log, decision store, leases, time. A simulation gives its own."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from aiokafka.structs import ConsumerRecord, TopicPartition

from services.command.knowing import Row
from services.command.writing.appending import Appender, Outcome, ProducerIdentity
from services.command.writing.clocks import MACHINE, Clocks
from services.command.writing.decision_store import Codec, DecisionStore, Fetched, Flush, PartitionRow, RowIn, StreamIn
from services.command.writing.leases import LeaseRows, LeaseTable
from services.command.writing.row_filter import RowFilter
from shared.identifiers import StreamId, StreamKind
from shared.log.reading import LogReader
from shared.log.topics import ensure_topics, partitions_of
from shared.postgres import Pool
from shared.settings import Settings


class LogAppender(Protocol):
    """Appends and fences. See Appender for what each of these promises."""

    @property
    def connected(self) -> bool: ...

    async def probe(self) -> bool: ...

    async def reset(self) -> None: ...

    async def leader(self, partition: TopicPartition) -> int: ...

    async def fence(self, transactional_id: str) -> ProducerIdentity: ...

    async def append(self, node: int, batches: Mapping[TopicPartition, bytes]) -> dict[TopicPartition, Outcome]: ...


class LogReading(Protocol):
    """Reads the log. See LogReader."""

    def read_range(self, partition: TopicPartition, start: int, end: int) -> AsyncGenerator[ConsumerRecord]: ...

    async def close(self) -> None: ...


class Store(Protocol):
    """What the rules need to know, behind the log. See DecisionStore."""

    async def partition_row(self, partition: TopicPartition) -> PartitionRow: ...

    async def fence(self, partition: TopicPartition, claim_offset: int) -> bool: ...

    async def forget(self, partition: TopicPartition, claim_offset: int, stored_format: int) -> bool: ...

    async def unfence(self, partition: TopicPartition) -> None: ...

    async def fetch(
        self,
        streams: Mapping[StreamIn, Codec],
        rows: Mapping[RowIn, Codec],
        partitions: Iterable[TopicPartition],
    ) -> Fetched: ...

    async def all_rows(self, stream_id: StreamId, kind: str, codec: Codec) -> dict[str, Row]: ...

    async def flush(self, partition: TopicPartition, codec: Codec, flush: Flush) -> bool: ...

    async def fill(self, partition: TopicPartition, made: RowFilter) -> None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All of it, as one process has it. `ensure_topics` raises UnusableTopicError, or what Kafka raises when away."""

    appender: LogAppender
    reader: LogReading
    store: Store
    leases: LeaseRows
    ensure_topics: Callable[[], Awaitable[None]]
    clocks: Clocks


def kafka_and_postgres(settings: Settings, pool: Pool) -> Surroundings:
    """The real ones."""
    topics = [settings.topic(kind) for kind in StreamKind]
    wanted = [each for kind in StreamKind for each in partitions_of(settings, kind)]
    return Surroundings(
        Appender(settings.kafka_bootstrap_servers, topics, settings.instance_name),
        LogReader(settings.kafka_bootstrap_servers, f"{settings.instance_name}-catching-up"),
        DecisionStore(pool, settings.schema("decisions")),
        LeaseTable(pool, settings, wanted),
        partial(ensure_topics, settings),
        MACHINE,
    )
