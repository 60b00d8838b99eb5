"""Own Produce requests over aiokafka's client: all that Verbatim uses below aiokafka's public API stands here.

aiokafka's producer retries by itself and so cannot tell what became of an append; here a batch is sent once, and the
answer says for each partition whether it is in the log, certainly not, or unknown. Pinned to the version below.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiokafka
from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.errors import KafkaError, NodeNotReadyError
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.structs import TopicPartition

from shared.log.records import CONTENT_TYPE_HEADER

AIOKAFKA_VERSION = "0.14.0"
APPEND_TIMEOUT_MS = 3_000
REQUEST_TIMEOUT_MS = 5_000
BATCH_BYTES = 3_145_728
COMPRESS_FROM_BYTES = 16_384
ZSTD = 4
MAGIC = 2
PROBE_SECONDS = 3.0
RETRY_SECONDS = 0.3

DEFINITE_NO = {
    2: "CORRUPT_MESSAGE",
    10: "MESSAGE_TOO_LARGE",
    19: "NOT_ENOUGH_REPLICAS",
    32: "INVALID_TIMESTAMP",
    45: "OUT_OF_ORDER_SEQUENCE_NUMBER",
    47: "INVALID_PRODUCER_EPOCH",
    87: "INVALID_RECORD",
    90: "PRODUCER_FENCED",
}
"""Error codes after which a batch that was sent once is not in the log and never will be. Others leave it unknown."""
FENCED = frozenset({47, 90})


@dataclass(frozen=True, slots=True)
class Appended:
    """The batch is in the log; its first record is at this offset."""

    offset: int


@dataclass(frozen=True, slots=True)
class NotAppended:
    """The batch is not in the log and never will be. `fenced`: because another writer has taken over."""

    reason: str
    fenced: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """The batch may be in the log, now or later."""

    reason: str


Outcome = Appended | NotAppended | Unknown


@dataclass(frozen=True, slots=True)
class ProducerIdentity:
    """What a fence gives: older epochs of the same id are refused from the first append of this one on."""

    producer_id: int
    epoch: int


NO_PRODUCER, NO_SEQUENCE = ProducerIdentity(-1, -1), -1
"""Of a batch that nobody is fenced from writing: where it does not matter who writes, or whether it is there twice."""
SURPRISES = (KafkaError, OSError, TimeoutError, AssertionError, RuntimeError, KeyError)
"""What aiokafka raises when a broker does not answer, or when it is dead itself; uvloop adds RuntimeError."""


class BrokerAwayError(Exception):
    """Kafka cannot be reached, or does not know the partition's leader; nothing was sent."""


def _check_aiokafka() -> None:
    if aiokafka.__version__ != AIOKAFKA_VERSION:
        raise RuntimeError(
            f"aiokafka is {aiokafka.__version__}: read appending.py again before another than {AIOKAFKA_VERSION}"
        )
    if not DefaultRecordBatchBuilder.__module__.endswith("_crecords.default_records"):
        raise RuntimeError("aiokafka's C extension is missing: install it from a wheel")


Record = tuple[bytes | None, bytes]
"""A key and a value."""
Tombstone = tuple[bytes, None]
"""A key of which a compacted topic is to keep nothing."""
Header = tuple[str, bytes]


def build_batch(
    records: Sequence[Record | Tombstone],
    producer: ProducerIdentity,
    sequence: int,
    timestamp_ms: int,
    header: Header = CONTENT_TYPE_HEADER,
) -> bytes:
    """One record batch, written by this producer from this sequence number on. Large ones are compressed.

    Raises ValueError when it is larger than a batch may be.
    """
    size = sum(len(value or b"") for _, value in records)
    builder = DefaultRecordBatchBuilder(
        MAGIC,
        ZSTD if size >= COMPRESS_FROM_BYTES else 0,
        0,
        producer.producer_id,
        producer.epoch,
        sequence,
        BATCH_BYTES,
    )
    for place, (key, value) in enumerate(records):
        if builder.append(place, timestamp_ms, key, value, [header]) is None:
            msg = f"a batch of {size} bytes is larger than the {BATCH_BYTES} it may have"
            raise ValueError(msg)
    return bytes(builder.build())


class Appender:
    """A connection to the brokers that appends and fences. It is thrown away and made anew when anything surprises.

    `connected` is as of the last probe.
    """

    def __init__(self, bootstrap_servers: str, topics: Sequence[str], client_id: str) -> None:
        _check_aiokafka()
        self._bootstrap_servers = bootstrap_servers
        self._topics = tuple(topics)
        self._client_id = client_id
        self._client: Any = None
        self._opening = asyncio.Lock()
        self._retry_at = 0.0
        self.connected = False

    async def _ready_client(self) -> Any:
        async with self._opening:
            if self._client is None:
                self._client = await self._opened()
        return self._client

    async def _opened(self) -> Any:
        loop = asyncio.get_running_loop()
        if loop.time() < self._retry_at:
            raise BrokerAwayError(f"Kafka at {self._bootstrap_servers} could not be reached a moment ago")
        client = AIOKafkaClient(
            bootstrap_servers=self._bootstrap_servers,
            client_id=self._client_id,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            metadata_max_age_ms=60_000,
            retry_backoff_ms=100,
            connections_max_idle_ms=None,
        )
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_MS / 1000):
                await client.bootstrap()
                await client.set_topics(self._topics)
        except SURPRISES as error:
            await _close(client)
            self._retry_at = loop.time() + RETRY_SECONDS
            msg = f"Kafka at {self._bootstrap_servers} cannot be reached: {error!r}"
            raise BrokerAwayError(msg) from error
        return client

    async def reset(self) -> None:
        """Throws the connection away; the next use makes a new one."""
        client, self._client = self._client, None
        if client is not None:
            await _close(client)

    async def refresh(self) -> None:
        """Asks who leads which partition. Raises BrokerAwayError."""
        client = await self._ready_client()
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                if await client.force_metadata_update():
                    return
        except SURPRISES as error:
            raise BrokerAwayError(f"no broker answers: {error!r}") from error
        raise BrokerAwayError("no broker answers")

    async def probe(self) -> bool:
        """Whether Kafka answers now; if not, the connection is thrown away."""
        try:
            await self.refresh()
        except BrokerAwayError:
            self.connected = False
            await self.reset()
        else:
            self.connected = True
        return self.connected

    async def leader(self, partition: TopicPartition) -> int:
        """The broker that leads a partition, as Kafka says now. Raises BrokerAwayError."""
        await self.refresh()
        client = await self._ready_client()
        node = client.cluster.leader_for_partition(partition)
        if node is None or node < 0:
            msg = f"no leader is known for {partition.topic}-{partition.partition}"
            raise BrokerAwayError(msg)
        return int(node)

    async def fence(self, transactional_id: str) -> ProducerIdentity:
        """Asks for the next epoch of this id. It is used for its epoch only: no transaction follows.

        Raises BrokerAwayError when the coordinator cannot give one now.
        """
        client = await self._ready_client()
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_MS / 1000):
                node = await client.coordinator_lookup(CoordinationType.TRANSACTION, transactional_id)
                request = InitProducerIdRequest(transactional_id=transactional_id, transaction_timeout_ms=60_000)
                answer = await client.send(node, request, group=ConnectionGroup.COORDINATION)
        except SURPRISES as error:
            msg = f"the writer's epoch could not be asked for: {error!r}"
            raise BrokerAwayError(msg) from error
        if answer.error_code:
            msg = f"the coordinator gives no epoch now: error {answer.error_code}"
            raise BrokerAwayError(msg)
        return ProducerIdentity(answer.producer_id, answer.producer_epoch)

    async def append(self, node: int, batches: Mapping[TopicPartition, bytes]) -> dict[TopicPartition, Outcome]:
        """Sends the batches of a broker's partitions in one request, once, and says what became of each."""
        topics: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
        for partition, batch in batches.items():
            topics[partition.topic].append((partition.partition, batch))
        request = ProduceRequest(
            transactional_id=None, required_acks=-1, timeout=APPEND_TIMEOUT_MS, topics=list(topics.items())
        )
        client = self._client
        if client is None:
            return dict.fromkeys(batches, NotAppended("the broker is away", fenced=False))
        try:
            async with asyncio.timeout(2 * REQUEST_TIMEOUT_MS / 1000):
                answer = await client.send(node, request)
        except NodeNotReadyError:  # raised before anything is sent
            return dict.fromkeys(batches, NotAppended("the broker is away", fenced=False))
        except Exception as error:  # noqa: BLE001  # whatever surprised, the batch may be on its way
            if self._client is client and not isinstance(error, KafkaError | TimeoutError):
                await self.reset()
            return dict.fromkeys(batches, Unknown(f"no answer from the broker: {error!r}"))
        return _judged(answer, batches)


async def _close(client: Any) -> None:
    try:
        async with asyncio.timeout(2):
            await client.close()
    except SURPRISES:
        return


def _judged(answer: Any, batches: Mapping[TopicPartition, bytes]) -> dict[TopicPartition, Outcome]:
    found: dict[TopicPartition, Outcome] = dict.fromkeys(batches, Unknown("the partition is missing in the answer"))
    for topic, partitions in answer.topics:
        for number, code, offset, *_ in partitions:
            found[TopicPartition(topic, number)] = judge(code, offset)
    return found


def judge(code: int, offset: int) -> Outcome:
    """What a partition's error code and base offset in a Produce answer mean for a batch that was sent once."""
    if code in DEFINITE_NO:
        return NotAppended(DEFINITE_NO[code], fenced=code in FENCED)
    if code != 0 or offset < 0:
        return Unknown(f"error {code}, offset {offset}")
    return Appended(offset)
