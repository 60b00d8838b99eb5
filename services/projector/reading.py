"""Reads the log ahead of the tables: records, judged by the claim rule, in stretches without a gap."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import msgspec
from aiokafka.structs import ConsumerRecord, TopicPartition

from services.projector.checkpoints import Checkpoint, Move
from services.projector.metrics import VOID_RECORDS
from shared.events.domain_event import Recorded
from shared.log.claim_rule import Claimed, Undecodable, judge_record
from shared.log.consuming import LogConsumer, LogUnreachableError
from shared.log.identity import identity_of
from shared.log.records import Claim
from shared.settings import Settings

POLL_MS = 500
FETCH_WAIT_MS = 100
CLIENT_ID = "verbatim-following"
ANSWER_SECONDS = 10.0
RECORDS_AT_ONCE = 500
RECORDS_AT_A_TIME = 100


class Placed(msgspec.Struct, frozen=True, gc=False):
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
    """The records of one partition from `start` up to `end.next_offset`.

    `size`: how long the values of all of them are, in bytes. `events`: what counts among them; of each, `offsets`,
    `values` and `claims` (in force there) say what its place is. They are lists apart, and not one of Placed, since
    hardly any place is ever asked for.
    """

    partition: TopicPartition
    start: int
    end: Checkpoint
    records: int = 0
    size: int = 0
    events: list[Recorded] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    values: list[bytes | None] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    undecodable: list[Placed] = field(default_factory=list)

    @property
    def move(self) -> Move:
        """How the partition's checkpoint moves when this stretch is applied."""
        return Move(self.partition, self.start, self.end)

    def placed(self) -> Iterator[Placed]:
        """The events, each with its place."""
        for offset, value, claim, recorded in zip(self.offsets, self.values, self.claims, self.events, strict=True):
            yield Placed(self.partition, offset, value, claim, recorded, recorded.stream_id)

    def go_on_with(self, later: "Stretch") -> None:
        """Takes in the stretch that begins where this one ends."""
        self.end = later.end
        self.records += later.records
        self.size += later.size
        self.events += later.events
        self.offsets += later.offsets
        self.values += later.values
        self.claims += later.claims
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
        self._following: dict[TopicPartition, int] = {}
        self._until = until
        self._unchecked = {each for each, end in checkpoints.items() if end.last_record is not None}
        self._connections: frozenset[Any] = frozenset()
        self.log_ends: dict[TopicPartition, int] = {}
        self.went_back: dict[TopicPartition, str] = {}
        self._consumer = LogConsumer(
            settings.kafka_bootstrap_servers, CLIENT_ID, fetch_wait_ms=FETCH_WAIT_MS, answer_seconds=ANSWER_SECONDS
        )

    async def __aenter__(self) -> Self:
        """Connects and takes its place. Raises LogUnreachableError."""
        try:
            await self._consumer.open()
            self.log_ends = await self._consumer.end_offsets(self._ends)
        except BaseException:
            await self._consumer.close()
            raise
        self._take_place()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.close()

    def _take_place(self) -> None:
        for partition, end in self._ends.items():
            if self.log_ends[partition] < end.next_offset:
                self._note_gone_back(partition)
        # One record before the checkpoint, where there is one: it is compared and passed over.
        self._following = {
            partition: end.next_offset - (partition in self._unchecked)
            for partition, end in self._ends.items()
            if partition not in self.went_back
        }
        self._consumer.start_at(self._following)

    def _note_gone_back(self, partition: TopicPartition) -> None:
        self.went_back[partition] = (
            f"the log of {partition.topic}-{partition.partition} went back: the record at offset "
            f"{self._ends[partition].next_offset - 1} is not the one that the tables were made from. Nothing more of "
            "this partition is projected. Restore the log, or make the tables anew with `verbatim projections rebuild`"
        )

    async def read(self) -> list[Stretch]:
        """What came next: at most one stretch a partition, none if nothing came within half a second.

        Raises LogUnreachableError when a connection was lost, even if it came back: the log may have gone back
        meanwhile.
        """
        if not self._following:
            await asyncio.sleep(POLL_MS / 1000)
            return []
        found = await self._consumer.records(POLL_MS, RECORDS_AT_ONCE)
        self._check_connections()
        for partition in self._following:
            self.log_ends[partition] = max(self.log_ends[partition], self._consumer.log_end(partition))
        stretches = [await self._judge(partition, records) for partition, records in found.items()]
        return [each for each in stretches if each is not None]

    def _check_connections(self) -> None:
        connections = self._consumer.connections()
        if any(not each.connected() for each in connections):
            raise LogUnreachableError("the connection to Kafka was lost")
        if self._connections - connections:
            raise LogUnreachableError("the connection to Kafka was lost and made anew")
        self._connections = connections

    async def _judge(self, partition: TopicPartition, records: Sequence[ConsumerRecord]) -> Stretch | None:
        records = self._wanted(partition, records)
        if not records or partition in self.went_back:
            return None
        end = self._ends[partition]
        size = sum([len(each.value or b"") for each in records])
        stretch, claim = Stretch(partition, end.next_offset, end, len(records), size), end.claim
        for start in range(0, len(records), RECORDS_AT_A_TIME):
            if start:
                await asyncio.sleep(0)  # others in this process have their turn
            claim = _judge_into(stretch, records[start : start + RECORDS_AT_A_TIME], claim)
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


def _judge_into(stretch: Stretch, records: Sequence[ConsumerRecord], claim: Claim) -> Claim:
    """Puts records where they belong; gives the claim in force after them."""
    for record in records:
        offset, value = record.offset, record.value
        judged = judge_record(offset, value, claim)
        if isinstance(judged, Recorded):
            stretch.events.append(judged)
            stretch.offsets.append(offset)
            stretch.values.append(value)
            stretch.claims.append(claim)
        elif isinstance(judged, Claimed):
            claim = judged.claim
        elif isinstance(judged, Undecodable):
            stretch.undecodable.append(
                Placed(stretch.partition, offset, value, claim, None, judged.stream_id, judged.reason)
            )
        else:
            VOID_RECORDS.inc()
    return claim
