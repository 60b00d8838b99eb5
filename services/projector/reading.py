"""Reads the log ahead of the tables: records, judged by the claim rule, in stretches without a gap."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import aiokafka.record._crecords  # noqa: F401  # without the compiled part it is silently forty times slower
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord, TopicPartition

from services.projector.checkpoints import Checkpoint, Move
from services.projector.metrics import VOID_RECORDS
from shared.events.domain_event import Recorded
from shared.log.claim_rule import Claimed, Counts, Undecodable, Void, judge_record
from shared.log.identity import identity_of
from shared.log.records import Claim
from shared.settings import Settings

POLL_MS = 500
FETCH_WAIT_MS = 100
START_SECONDS = 10.0
STOP_SECONDS = 2.0
RECORDS_AT_A_TIME = 500


class LogAwayError(Exception):
    """Kafka cannot be read now; what was read so far stands, and another reader is needed."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A record that counts, with its place. `recorded` is None where this version cannot read it; `reason` says why."""

    partition: TopicPartition
    offset: int
    value: bytes | None
    claim: Claim
    recorded: Recorded | None
    stream_id: str | None
    reason: str = ""


@dataclass(slots=True)
class Stretch:
    """The records of one partition from `start` up to `end.next_offset`, with what counts among them."""

    partition: TopicPartition
    start: int
    end: Checkpoint
    records: int = 0
    events: list[Placed] = field(default_factory=list)
    undecodable: list[Placed] = field(default_factory=list)

    @property
    def move(self) -> Move:
        """How the partition's checkpoint moves when this stretch is applied."""
        return Move(self.partition, self.start, self.end)

    def go_on_with(self, later: "Stretch") -> None:
        """Takes in the stretch that begins where this one ends."""
        self.end = later.end
        self.records += later.records
        self.events += later.events
        self.undecodable += later.undecodable


class LogReader:
    """Reads partitions from their checkpoints on. It is thrown away at the first surprise, and another one made.

    Before it gives anything of a partition it compares the record before the checkpoint with the one in the log; a
    partition whose log went back stands in `went_back` and gives nothing. With `until`, it gives nothing beyond.
    """

    def __init__(
        self,
        settings: Settings,
        checkpoints: Mapping[TopicPartition, Checkpoint],
        until: Mapping[TopicPartition, int] | None = None,
    ) -> None:
        self._ends = dict(checkpoints)
        self._until = until
        self._unchecked = {each for each, end in checkpoints.items() if end.last_record is not None}
        self._connections: frozenset[Any] = frozenset()
        self.log_ends: dict[TopicPartition, int] = {}
        self.went_back: dict[TopicPartition, str] = {}
        self._connecting: asyncio.Future[dict[TopicPartition, int]] | None = None
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=settings.kafka_bootstrap_servers,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=FETCH_WAIT_MS,
            request_timeout_ms=10_000,
            retry_backoff_ms=100,
        )

    async def __aenter__(self) -> Self:
        """Connects and takes its place. Raises LogAwayError."""
        # Whoever ends us meanwhile: connecting is finished all the same, for aiokafka forgets what it was opening.
        self._connecting = asyncio.ensure_future(self._connect())
        try:
            self.log_ends = await asyncio.wait_for(asyncio.shield(self._connecting), START_SECONDS)
        except BaseException as error:
            await self._close()
            if isinstance(error, KafkaError | OSError | TimeoutError | AssertionError):
                raise LogAwayError(f"Kafka cannot be reached: {type(error).__name__}") from error
            raise
        self._take_place()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def _connect(self) -> dict[TopicPartition, int]:
        await self._consumer.start()
        return dict(await self._consumer.end_offsets(list(self._ends)))

    def _take_place(self) -> None:
        for partition, end in self._ends.items():
            if self.log_ends[partition] < end.next_offset:
                self._note_gone_back(partition)
        following = [each for each in self._ends if each not in self.went_back]
        self._consumer.assign(following)
        for partition in following:
            # One record before the checkpoint, where there is one: it is compared and passed over.
            self._consumer.seek(partition, self._ends[partition].next_offset - (partition in self._unchecked))

    def _note_gone_back(self, partition: TopicPartition) -> None:
        self.went_back[partition] = (
            f"the log of {partition.topic}-{partition.partition} went back: the record at offset "
            f"{self._ends[partition].next_offset - 1} is not the one that the tables were made from. Nothing more of "
            "this partition is projected. Restore the log, or make the tables anew with `verbatim projections rebuild`"
        )

    async def read(self) -> list[Stretch]:
        """What came next: at most one stretch a partition, none if nothing came within half a second.

        Raises LogAwayError when a connection was lost, even if it came back: the log may have gone back meanwhile.
        """
        if not self._consumer.assignment():
            await asyncio.sleep(POLL_MS / 1000)
            return []
        try:
            async with asyncio.timeout(START_SECONDS):
                found = await self._consumer.getmany(timeout_ms=POLL_MS)
        except (KafkaError, OSError, TimeoutError, AssertionError) as error:
            raise LogAwayError(f"Kafka cannot be read: {type(error).__name__}") from error
        self._check_connections()
        self._note_log_ends()
        stretches = [await self._judge(partition, records) for partition, records in found.items()]
        return [each for each in stretches if each is not None]

    def _check_connections(self) -> None:
        connections = broker_connections(self._consumer)
        if any(not each.connected() for each in connections):
            raise LogAwayError("the connection to Kafka was lost")
        known = frozenset(connections)
        if self._connections - known:
            raise LogAwayError("the connection to Kafka was lost and made anew")
        self._connections = known

    def _note_log_ends(self) -> None:
        for partition in self._consumer.assignment():
            self.log_ends[partition] = max(self.log_ends[partition], self._consumer.highwater(partition) or 0)

    async def _judge(self, partition: TopicPartition, records: Sequence[ConsumerRecord]) -> Stretch | None:
        records = self._wanted(partition, records)
        if not records or partition in self.went_back:
            return None
        end = self._ends[partition]
        stretch, claim = Stretch(partition, end.next_offset, end, len(records)), end.claim
        for index, record in enumerate(records):
            if index % RECORDS_AT_A_TIME == RECORDS_AT_A_TIME - 1:
                await asyncio.sleep(0)  # others in this process have their turn
            claim = _judge_into(stretch, record, claim)
        stretch.end = Checkpoint(records[-1].offset + 1, claim, identity_of(records[-1].value))
        self._ends[partition] = stretch.end
        return stretch

    def _wanted(self, partition: TopicPartition, records: Sequence[ConsumerRecord]) -> Sequence[ConsumerRecord]:
        if partition in self._unchecked:
            end = self._ends[partition]
            self._unchecked.discard(partition)
            if records[0].offset != end.next_offset - 1 or identity_of(records[0].value) != end.last_record:
                self._note_gone_back(partition)
                self._consumer.pause(partition)
            records = records[1:]
        if self._until is not None:
            records = [each for each in records if each.offset < self._until[partition]]
        return records

    async def _close(self) -> None:
        """Throws the consumer away, in whatever state it is.

        Its `stop` may raise the CancelledError of one of its own tasks, which must not be taken for ours: it would end
        following for good. It leaves its connections open then.
        """
        if self._connecting is not None and not self._connecting.done():
            await asyncio.wait([self._connecting], timeout=STOP_SECONDS)
            self._connecting.cancel()
        for ending in (self._consumer.stop, self._consumer._client.close):  # noqa: SLF001  # see above
            task = asyncio.ensure_future(ending())
            await asyncio.wait([task], timeout=STOP_SECONDS)
            if task.done() and not task.cancelled():
                task.exception()  # whatever it was, it is thrown away too
            task.cancel()


def _judge_into(stretch: Stretch, record: ConsumerRecord, claim: Claim) -> Claim:
    """Puts a record where it belongs; gives the claim in force after it."""
    match judge_record(record.offset, record.value, claim):
        case Counts(recorded):
            stretch.events.append(
                Placed(stretch.partition, record.offset, record.value, claim, recorded, recorded.stream_id)
            )
        case Undecodable(reason, stream_id):
            stretch.undecodable.append(
                Placed(stretch.partition, record.offset, record.value, claim, None, stream_id, reason)
            )
        case Claimed(newer):
            return newer
        case Void():
            VOID_RECORDS.inc()
    return claim


def broker_connections(consumer: AIOKafkaConsumer) -> list[Any]:
    """The connections that a consumer has to brokers. aiokafka offers no public way to see that one was lost."""
    return [each for name, each in consumer._client._conns.items() if not str(name[0]).startswith("bootstrap")]  # noqa: SLF001
