"""How far the live tables are, as this process knows it. What it knows is never more than what is committed."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from aiokafka.structs import TopicPartition

from services.projector.checkpoints import Checkpoint, Move
from services.projector.metrics import FOLLOWING, LAG, PARKED_RECORDS, PARKED_STREAMS, WENT_BACK


@dataclass
class Progress:
    """Following tells it; /health, /metrics and questions with a minimum position read it."""

    next_offsets: dict[TopicPartition, int] = field(default_factory=dict)
    log_ends: dict[TopicPartition, int] = field(default_factory=dict)
    went_back: dict[TopicPartition, str] = field(default_factory=dict)
    parked_records: int = 0
    parked_streams: int = 0
    following: bool = False
    filled: bool = False
    kafka_connected: bool = False
    database_connected: bool = False
    trouble: str = ""
    applied_events: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def stands_at(self, checkpoints: Mapping[TopicPartition, Checkpoint]) -> None:
        """Takes what the tables say as a new beginning."""
        self.next_offsets = {partition: each.next_offset for partition, each in checkpoints.items()}
        self.tell()

    def moved(self, moves: Iterable[Move], events: int) -> None:
        """A batch was committed."""
        for each in moves:
            self.next_offsets[each.partition] = each.to.next_offset
        self.applied_events += events
        self.tell()

    def note_filled(self) -> None:
        """The tables have had everything that was in the log, once."""
        self.filled = True
        self.tell()

    def note_parked(self, records: int, streams: int) -> None:
        """How much is parked."""
        self.parked_records, self.parked_streams = records, streams
        PARKED_RECORDS.set(records)
        PARKED_STREAMS.set(streams)

    def note_reading(self, log_ends: Mapping[TopicPartition, int], went_back: Mapping[TopicPartition, str]) -> None:
        """Where the log ends, and where it went back."""
        self.kafka_connected = True
        self.log_ends, self.went_back = dict(log_ends), dict(went_back)
        for partition, records in self.lag.items():
            LAG.labels(f"{partition.topic}-{partition.partition}").set(records)
        WENT_BACK.set(len(went_back))

    @property
    def lag(self) -> dict[TopicPartition, int]:
        """How many records of each partition's log are not in the tables."""
        return {
            partition: max(0, end - self.next_offsets.get(partition, 0))
            for partition, end in self.log_ends.items()
            if partition not in self.went_back
        }

    def note_following(self, *, following: bool) -> None:
        """Whether this process is the one that follows."""
        self.following = following
        FOLLOWING.set(following)
        self.tell()

    def reaches(self, wanted: Mapping[TopicPartition, int]) -> bool:
        """Whether the record at each of these offsets has been applied."""
        return all(self.next_offsets.get(partition, 0) > offset for partition, offset in wanted.items())

    @property
    def caught_up(self) -> bool:
        """Whether everything that was seen in the log is in the tables."""
        return bool(self.log_ends) and not any(self.lag.values())

    async def wait_for_change(self, seconds: float) -> None:
        """Waits until something was committed, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    def tell(self) -> None:
        """Wakes whoever waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()
