"""Kafka in memory, as far as a writer of ours meets it: fences, appends judged by producer, epoch and sequence, error
codes that say nothing, and a leader that changes."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from aiokafka.errors import KafkaError
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.structs import ConsumerRecord, TopicPartition

from services.command.writing.appending import BrokerAwayError, Outcome, ProducerIdentity, Unknown, judge
from shared.log.consuming import LogUnreachableError
from tests.simulation.net import Net

T = TypeVar("T")
NODES = (1, 2)
APPEND = "append"
"""What may be held up on its way to the brokers, by name."""
PATIENCE_SECONDS = 1.5
READ_AT_ONCE = 5
NO_ERROR, NOT_LEADER, TIMED_OUT, TOO_FEW_REPLICAS, TOO_FEW_AFTER_APPEND = 0, 6, 7, 19, 20
OUT_OF_ORDER, OLD_EPOCH = 45, 47
SAID_IN_VAIN = (TIMED_OUT, TOO_FEW_AFTER_APPEND)
"""Errors with which a broker answers although the batch is in its log."""


@dataclass(frozen=True)
class Producer:
    """What a leader knows of a producer: the newest epoch it saw, and the last sequence number of it."""

    epoch: int
    sequence: int


@dataclass(frozen=True)
class Stored:
    """One record of a log, and the producer that it came from, as of this record."""

    key: bytes | None
    value: bytes
    producer_id: int
    producer: Producer


@dataclass
class PartitionLog:
    """One partition, at its leader."""

    records: list[Stored] = field(default_factory=list)
    producers: dict[int, Producer] = field(default_factory=dict)
    forgetful: bool = False
    leader: int = NODES[0]

    def append(self, batch: bytes) -> tuple[int, int]:
        """Appends a batch, or does not; gives the error code and the offset of its first record."""
        parsed = DefaultRecordBatch(batch)
        known = self.producers.get(parsed.producer_id)
        if known is not None and parsed.producer_epoch < known.epoch:
            return OLD_EPOCH, -1
        if known is not None and parsed.base_sequence != self._due(known, parsed.producer_epoch):
            return OUT_OF_ORDER, -1
        offset = len(self.records)
        for sequence, record in enumerate(parsed, parsed.base_sequence):
            producer = Producer(parsed.producer_epoch, sequence)
            self.records.append(Stored(record.key, record.value, parsed.producer_id, producer))
            if not self.forgetful:
                self.producers[parsed.producer_id] = producer
        return NO_ERROR, offset

    def go_back(self, length: int, others: Sequence[bytes]) -> None:
        """Loses all from an offset on, and has others' records there instead; producers are known from what is left."""
        del self.records[length:]
        self.producers = {stored.producer_id: stored.producer for stored in self.records}
        self.records.extend(Stored(b"", value, -1, Producer(0, 0)) for value in others)

    @staticmethod
    def _due(known: Producer, epoch: int) -> int:
        return known.sequence + 1 if epoch == known.epoch else 0


@dataclass
class Brokers:
    """The cluster. Where the fence fails, each gets a new producer id; leaders may forget all producers at once."""

    fence_fails: bool = False
    leaders_forget: bool = False
    partitions: dict[TopicPartition, PartitionLog] = field(default_factory=dict)
    identities: dict[str, ProducerIdentity] = field(default_factory=dict)
    given: int = 0

    def log(self, partition: TopicPartition) -> PartitionLog:
        """The log of a partition."""
        return self.partitions.setdefault(partition, PartitionLog(forgetful=self.leaders_forget))

    def fence(self, transactional_id: str) -> ProducerIdentity:
        """The next epoch of this id."""
        known = self.identities.get(transactional_id)
        if known is None or self.fence_fails:
            self.given += 1
            identity = ProducerIdentity(1_000 + self.given, 0)
        else:
            identity = ProducerIdentity(known.producer_id, known.epoch + 1)
        self.identities[transactional_id] = identity
        return identity

    def produce(self, node: int, batches: Mapping[TopicPartition, bytes]) -> dict[TopicPartition, tuple[int, int]]:
        """Has a broker append batches; what it does not lead it refuses."""
        answers = {}
        for partition, batch in batches.items():
            log = self.log(partition)
            answers[partition] = log.append(batch) if log.leader == node else (NOT_LEADER, -1)
        return answers


@dataclass
class AppenderInMemory:
    """What a process has of the brokers. Appends are sent once; the answer is judged as the real appender judges it."""

    brokers: Brokers
    net: Net
    connected: bool = True

    async def probe(self) -> bool:
        return True

    async def reset(self) -> None:
        pass

    async def leader(self, partition: TopicPartition) -> int:
        return await self._asked(lambda: self.brokers.log(partition).leader)

    async def fence(self, transactional_id: str) -> ProducerIdentity:
        return await self._asked(lambda: self.brokers.fence(transactional_id))

    async def _asked(self, act: Callable[[], T]) -> T:
        try:
            return await self.net.call(self.net.kafka, act, PATIENCE_SECONDS)
        except (KafkaError, TimeoutError) as error:
            raise BrokerAwayError("no broker answers") from error

    async def append(self, node: int, batches: Mapping[TopicPartition, bytes]) -> dict[TopicPartition, Outcome]:
        net = self.net
        try:
            answers = await net.call(net.kafka, lambda: self._produced(node, dict(batches)), PATIENCE_SECONDS, APPEND)
        except TimeoutError as error:
            return dict.fromkeys(batches, Unknown(f"no answer from the broker: {error!r}"))
        missing = Unknown("the partition is missing in the answer")
        return {each: judge(*answers[each]) if each in answers else missing for each in batches}

    def _produced(self, node: int, batches: dict[TopicPartition, bytes]) -> dict[TopicPartition, tuple[int, int]]:
        """What a broker answers: now and then that it did not do what it did, or nothing about a partition."""
        net = self.net
        refused = [each for each in batches if net.happens(net.kafka.refused)]
        answers = self.brokers.produce(node, {each: batch for each, batch in batches.items() if each not in refused})
        for each in list(answers):
            if net.happens(net.kafka.refused):
                answers[each] = (net.chance.choice(SAID_IN_VAIN), -1)
            elif net.happens(net.kafka.refused):
                del answers[each]
        return answers | dict.fromkeys(refused, (net.chance.choice((TOO_FEW_REPLICAS, TIMED_OUT)), -1))


@dataclass
class ReaderInMemory:
    """Reads the brokers' logs."""

    brokers: Brokers
    net: Net

    async def read_range(self, partition: TopicPartition, start: int, end: int) -> AsyncGenerator[ConsumerRecord]:
        log = self.brokers.log(partition)
        last = min(end, await self._asked(lambda: len(log.records)))
        while start < last:
            stop = min(last, start + READ_AT_ONCE)
            for offset, stored in enumerate(await self._asked(partial(_slice, log, start, stop)), start):
                yield _consumed(partition, offset, stored)
            start = stop

    async def _asked(self, act: Callable[[], T]) -> T:
        try:
            return await self.net.call(self.net.kafka, act, PATIENCE_SECONDS)
        except TimeoutError as error:
            raise LogUnreachableError("the log could not be read") from error

    async def close(self) -> None:
        pass


def _slice(log: PartitionLog, start: int, stop: int) -> list[Stored]:
    return log.records[start:stop]


def _consumed(partition: TopicPartition, offset: int, stored: Stored) -> ConsumerRecord:
    return ConsumerRecord(
        *partition, offset, 0, 1, stored.key, stored.value, None, len(stored.key or b""), len(stored.value), ()
    )
