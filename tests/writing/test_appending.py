"""What each answer of a real broker means for a batch that was sent once, and what is used of aiokafka's inside."""

import inspect
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import aiokafka
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest, InitProducerIdResponse_v0
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.structs import TopicPartition

from services.command.writing.appending import (
    AIOKAFKA_VERSION,
    DEFINITE_NO,
    Appended,
    Appender,
    NotAppended,
    Outcome,
    ProducerIdentity,
    Unknown,
    build_batch,
    judge,
)
from shared.log.reading import LogReader
from tests.writing.conftest import until

HOUR_MS = 3_600_000


@dataclass
class Bench:
    """A topic with settings of the test's own, an appender and a reader."""

    bootstrap: str
    appender: Appender
    reader: LogReader
    partition: TopicPartition

    async def fence(self, name: str = "one") -> ProducerIdentity:
        return await self.appender.fence(f"{self.partition.topic}.{name}")

    async def append(self, batch: bytes) -> Outcome:
        node = await self.appender.leader(self.partition)
        return (await self.appender.append(node, {self.partition: batch}))[self.partition]

    async def end(self) -> int:
        return (await self.reader.end_offsets([self.partition]))[self.partition]


async def bench_with(kafka_bootstrap: str, topic: str, configuration: dict[str, str]) -> Bench:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1, topic_configs=configuration)])
    await admin.close()
    made = Bench(
        kafka_bootstrap,
        Appender(kafka_bootstrap, [topic], "bench"),
        LogReader(kafka_bootstrap),
        TopicPartition(topic, 0),
    )

    async def led() -> bool:
        try:
            await made.appender.leader(made.partition)
        except Exception:  # noqa: BLE001  # a new topic has no leader at first
            return False
        return True

    await until(led)
    return made


@pytest.fixture
async def configuration(request: pytest.FixtureRequest) -> dict[str, str]:
    """What the test's topic is configured with."""
    return dict(getattr(request, "param", {}))


@pytest.fixture
async def bench(kafka_bootstrap: str, configuration: dict[str, str]) -> AsyncIterator[Bench]:
    """A topic of the test's own."""
    made = await bench_with(kafka_bootstrap, f"bench-{uuid4().hex[:12]}", configuration)
    yield made
    await made.appender.reset()
    await made.reader.close()


def batch_of(
    producer: ProducerIdentity,
    sequence: int = 0,
    *,
    size: int = 20,
    key: bytes | None = b"k",
    timestamp: int | None = None,
) -> bytes:
    return build_batch([(key, b"x" * size)], producer, sequence, timestamp or int(time.time() * 1000))


async def test_a_batch_is_appended_at_the_offset_that_is_told(bench: Bench) -> None:
    producer = await bench.fence()
    assert await bench.append(batch_of(producer)) == Appended(0)
    assert await bench.append(batch_of(producer, 1)) == Appended(1)
    assert await bench.end() == 2


async def test_the_next_fence_of_the_same_id_has_a_higher_epoch(bench: Bench) -> None:
    first, second = await bench.fence(), await bench.fence()
    assert (second.producer_id, second.epoch) == (first.producer_id, first.epoch + 1)


async def test_an_older_epoch_is_refused_after_the_newer_ones_first_append(bench: Bench) -> None:
    old, new = await bench.fence(), await bench.fence()
    await bench.append(batch_of(new))
    assert await bench.append(batch_of(old)) == NotAppended("INVALID_PRODUCER_EPOCH", fenced=True)
    assert await bench.end() == 1


async def test_a_gap_in_the_sequence_is_refused(bench: Bench) -> None:
    producer = await bench.fence()
    await bench.append(batch_of(producer))
    assert await bench.append(batch_of(producer, 5)) == NotAppended("OUT_OF_ORDER_SEQUENCE_NUMBER", fenced=False)
    assert await bench.end() == 1


async def test_a_damaged_batch_is_refused(bench: Bench) -> None:
    batch = bytearray(batch_of(await bench.fence()))
    batch[-5] ^= 0xFF
    assert await bench.append(bytes(batch)) == NotAppended("CORRUPT_MESSAGE", fenced=False)
    assert await bench.end() == 0


@pytest.mark.parametrize("configuration", [{"max.message.bytes": "1000"}], indirect=True)
async def test_a_batch_that_is_too_large_is_refused(bench: Bench) -> None:
    assert await bench.append(batch_of(await bench.fence(), size=2_000)) == NotAppended(
        "MESSAGE_TOO_LARGE", fenced=False
    )
    assert await bench.end() == 0


@pytest.mark.parametrize("configuration", [{"message.timestamp.type": "CreateTime"}], indirect=True)
async def test_a_batch_from_the_far_future_is_refused(bench: Bench) -> None:
    late = int(time.time() * 1000) + 5 * HOUR_MS
    assert await bench.append(batch_of(await bench.fence(), timestamp=late)) == NotAppended(
        "INVALID_TIMESTAMP", fenced=False
    )
    assert await bench.end() == 0


@pytest.mark.parametrize("configuration", [{"cleanup.policy": "compact"}], indirect=True)
async def test_a_record_that_the_topic_does_not_take_is_refused(bench: Bench) -> None:
    assert await bench.append(batch_of(await bench.fence(), key=None)) == NotAppended("INVALID_RECORD", fenced=False)
    assert await bench.end() == 0


async def test_the_same_batch_again_is_unknown_or_told_where_it_is(bench: Bench) -> None:
    producer = await bench.fence()
    batch = batch_of(producer)
    assert await bench.append(batch) == Appended(0)
    assert await bench.append(batch) in (Appended(0), Unknown("error 0, offset -1"), Unknown("error 46, offset -1"))
    assert await bench.end() == 1


async def test_a_partition_that_is_not_there_is_unknown(bench: Bench) -> None:
    node = await bench.appender.leader(bench.partition)
    elsewhere = TopicPartition(bench.partition.topic, 7)
    outcomes = await bench.appender.append(node, {elsewhere: batch_of(await bench.fence())})
    assert isinstance(outcomes[elsewhere], Unknown)


async def test_partitions_of_one_request_are_judged_one_by_one(bench: Bench) -> None:
    node = await bench.appender.leader(bench.partition)
    elsewhere = TopicPartition(bench.partition.topic, 7)
    batch = batch_of(await bench.fence())
    outcomes = await bench.appender.append(node, {elsewhere: batch, bench.partition: batch})
    assert isinstance(outcomes[elsewhere], Unknown)
    assert outcomes[bench.partition] == Appended(0)


@pytest.mark.parametrize("code", [-1, 3, 5, 6, 7, 8, 14, 20, 29, 46, 56, 59, 67, 88, 120])
def test_every_other_code_leaves_it_unknown(code: int) -> None:
    assert isinstance(judge(code, -1), Unknown)
    assert isinstance(judge(0, -1), Unknown)


def test_exactly_these_codes_are_a_definite_no() -> None:
    # NOT_ENOUGH_REPLICAS (19) needs a cluster: with one broker, Kafka 4 takes one replica for enough whatever is set.
    assert set(DEFINITE_NO) == {2, 10, 19, 32, 45, 47, 87, 90}


def test_the_parts_of_aiokafka_below_its_public_api_are_as_they_were() -> None:
    assert aiokafka.__version__ == AIOKAFKA_VERSION, "read appending.py again with the new version"
    assert DefaultRecordBatchBuilder.__module__ == "aiokafka.record._crecords.default_records"
    assert parameters(AIOKafkaClient.send) == ["self", "node_id", "request", "group"]
    assert parameters(AIOKafkaClient.coordinator_lookup) == ["self", "coordinator_type", "coordinator_key"]
    assert parameters(AIOKafkaClient.bootstrap) == ["self"]
    assert parameters(AIOKafkaClient.set_topics) == ["self", "topics"]
    assert parameters(AIOKafkaClient.force_metadata_update) == ["self"]
    assert parameters(ProduceRequest.__init__) == ["self", "transactional_id", "required_acks", "timeout", "topics"]
    assert parameters(InitProducerIdRequest.__init__) == ["self", "transactional_id", "transaction_timeout_ms"]
    assert InitProducerIdResponse_v0.SCHEMA.names == ("throttle_time_ms", "error_code", "producer_id", "producer_epoch")
    assert hasattr(CoordinationType, "TRANSACTION")
    assert hasattr(ConnectionGroup, "COORDINATION")


def test_a_request_that_could_not_be_sent_is_told_by_an_error_of_its_own() -> None:
    source = inspect.getsource(AIOKafkaClient.send)
    assert source.index("raise NodeNotReadyError") < source.index(".send(")


def parameters(function: object) -> list[str]:
    """The names of a function's parameters."""
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]
