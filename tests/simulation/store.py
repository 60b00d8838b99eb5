"""The decision store and the leases in memory: one database, whose transactions may come late, fail, or be undone."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from aiokafka.structs import TopicPartition

from services.command.knowing import Row, RowPlace
from services.command.writing.decision_store import (
    Codec,
    Coverage,
    Fetched,
    Flush,
    PartitionRow,
    RowIn,
    StreamIn,
)
from services.command.writing.remembering import Unflushed
from shared.identifiers import StreamId
from shared.log.records import NO_CLAIM
from tests.simulation.net import Net

T = TypeVar("T")
QUERY_SECONDS = 1.0
FLUSH_SECONDS = 2.0
FILLED_AT_ONCE = 2
FENCE, FETCH, FLUSH = "fence", "fetch", "flush"
"""What may be held up on its way to the database, by name."""
NEW = PartitionRow(-1, 0, NO_CLAIM, None, 0)


@dataclass(frozen=True)
class Lease:
    """Who has a partition, and until when."""

    instance: str
    incarnation: int
    renewed_at: float


@dataclass
class Tables:
    """All that is in the database. A stream is its partition, version and parts; a row its version and value."""

    partitions: dict[TopicPartition, PartitionRow] = field(default_factory=dict)
    streams: dict[StreamId, tuple[TopicPartition, int, bytes]] = field(default_factory=dict)
    rows: dict[RowPlace, tuple[int, bytes]] = field(default_factory=dict)
    leases: dict[TopicPartition, Lease] = field(default_factory=dict)

    def copied(self) -> "Tables":
        return Tables(dict(self.partitions), dict(self.streams), dict(self.rows), dict(self.leases))


@dataclass
class Database:
    """The tables, and those that a crash may go back to: what was committed since a commit waited for the disk."""

    now: Callable[[], float]
    forgets_leases: Callable[[], bool] = lambda: False
    on_flush: Callable[[TopicPartition], None] = lambda _: None
    tables: Tables = field(default_factory=Tables)
    undoable: list[Tables] = field(default_factory=list)

    def partition(self, partition: TopicPartition) -> PartitionRow:
        return self.tables.partitions.setdefault(partition, NEW)

    def on_disk(self) -> None:
        """A commit that waits for the disk: it and all before it are safe."""
        self.undoable.clear()

    def crash(self, choose: Callable[[Sequence[Tables]], Tables]) -> bool:
        """Goes back to an earlier moment, if there is one to go back to."""
        if not self.undoable:
            return False
        self.tables = choose(self.undoable).copied()
        self.undoable.clear()
        return True

    def fence(self, partition: TopicPartition, claim_offset: int) -> bool:
        row = self.tables.partitions.get(partition)
        if row is None or row.fence >= claim_offset:
            return False
        self.tables.partitions[partition] = replace(row, fence=claim_offset)
        self.on_disk()
        return True

    def unfence(self, partition: TopicPartition) -> None:
        if partition in self.tables.partitions:
            self.tables.partitions[partition] = replace(self.partition(partition), fence=-1)
            self.on_disk()

    def forget(self, partition: TopicPartition, claim_offset: int, stored_format: int) -> bool:
        row = self.tables.partitions.get(partition)
        if row is None or row.fence != claim_offset:
            return False
        tables = self.tables
        tables.partitions[partition] = PartitionRow(row.fence, 0, NO_CLAIM, None, stored_format)
        gone = {each for each, (where, _, _) in tables.streams.items() if where == partition}
        tables.rows = {place: row for place, row in tables.rows.items() if place[0] not in gone}
        tables.streams = {each: stream for each, stream in tables.streams.items() if each not in gone}
        self.on_disk()
        return True

    def may_flush(self, row: PartitionRow, fence: int, start: int) -> bool:
        """The condition of a flush."""
        return row.fence == fence and row.next_offset == start

    def flush(self, partition: TopicPartition, fence: int, start: int, new: PartitionRow, changed: "Changed") -> bool:
        row = self.tables.partitions.get(partition)
        if row is None or not self.may_flush(row, fence, start):
            return False
        self.undoable.append(self.tables.copied())
        self.tables.partitions[partition] = replace(new, fence=row.fence)
        for stream_id, (version, parts) in changed.streams.items():
            self.tables.streams[stream_id] = (partition, version, parts)
        for place, kept in changed.rows.items():
            if kept is None:
                self.tables.rows.pop(place, None)
            else:
                self.tables.rows[place] = kept
        self.on_flush(partition)
        return True

    def renew(
        self, wanted: Sequence[TopicPartition], mine: Lease, lease_seconds: float, *, starting: bool
    ) -> frozenset[TopicPartition]:
        """Renews what is held and takes what is free."""
        held = []
        for partition in wanted:
            lease = self.tables.leases.get(partition)
            if (
                lease is None
                or self.forgets_leases()
                or lease.incarnation == mine.incarnation
                or lease.renewed_at < self.now() - lease_seconds
                or (starting and lease.instance == mine.instance)
            ):
                self.tables.leases[partition] = replace(mine, renewed_at=self.now())
                held.append(partition)
        self.on_disk()
        return frozenset(held)

    def release(self, incarnation: int) -> None:
        leases = self.tables.leases
        self.tables.leases = {each: lease for each, lease in leases.items() if lease.incarnation != incarnation}
        self.on_disk()


@dataclass(frozen=True)
class Changed:
    """What a flush writes, as it is stored. None: a row that is no more."""

    streams: dict[StreamId, tuple[int, bytes]]
    rows: dict[RowPlace, tuple[int, bytes] | None]

    @classmethod
    def of(cls, changed: Unflushed, codec: Codec) -> "Changed":
        rows = {
            place: None if row.value is None else (row.version, codec.encode(row.value))
            for place, row in changed.rows.items()
        }
        streams = {each: (state.version, codec.encode(state.parts)) for each, state in changed.streams.items()}
        return cls(streams, rows)


@dataclass
class Asking:
    """A process's way to the database. Every question may raise TimeoutError, and be answered all the same."""

    database: Database
    net: Net

    async def asked(self, act: Callable[[], T], patience: float = QUERY_SECONDS, what: str = "") -> T:
        if self.net.happens(self.net.postgres.refused):
            raise ConnectionRefusedError("the database is away")
        return await self.net.call(self.net.postgres, act, patience, what)


@dataclass
class StoreInMemory(Asking):
    """The decision store, as DecisionStore promises it."""

    async def partition_row(self, partition: TopicPartition) -> PartitionRow:
        return await self.asked(lambda: self.database.partition(partition))

    async def fence(self, partition: TopicPartition, claim_offset: int) -> bool:
        return await self.asked(lambda: self.database.fence(partition, claim_offset), FLUSH_SECONDS, FENCE)

    async def forget(self, partition: TopicPartition, claim_offset: int, stored_format: int) -> bool:
        return await self.asked(lambda: self.database.forget(partition, claim_offset, stored_format), FLUSH_SECONDS)

    async def unfence(self, partition: TopicPartition) -> None:
        await self.asked(lambda: self.database.unfence(partition), FLUSH_SECONDS)

    async def fetch(
        self, streams: Mapping[StreamIn, Codec], rows: Mapping[RowIn, Codec], partitions: Iterable[TopicPartition]
    ) -> Fetched:
        owned = list(partitions)
        return await self.asked(lambda: self._found(dict(streams), dict(rows), owned), what=FETCH)

    def _found(
        self, streams: Mapping[StreamIn, Codec], rows: Mapping[RowIn, Codec], owned: Sequence[TopicPartition]
    ) -> Fetched:
        tables = self.database.tables
        known = {each: tables.streams[each[1]] for each in streams if self._is_in(each)}
        known_rows = {
            (topic, place): tables.rows[place]
            for topic, place in rows
            if place in tables.rows and self._is_in((topic, place[0]))
        }
        covered = {each: tables.partitions[each] for each in owned if each in tables.partitions}
        return Fetched(
            {each: streams[each].stream(version, parts) for each, (_, version, parts) in known.items()},
            {each: rows[each].row(each[1][1], version, value) for each, (version, value) in known_rows.items()},
            {each: Coverage(row.fence, row.next_offset) for each, row in covered.items()},
        )

    def _is_in(self, stream: StreamIn) -> bool:
        topic, stream_id = stream
        found = self.database.tables.streams.get(stream_id)
        return found is not None and found[0].topic == topic

    async def all_rows(self, stream_id: StreamId, kind: str, codec: Codec) -> dict[str, Row]:
        return await self.asked(
            lambda: {
                key: codec.row(kind, version, value)
                for (stream, its_kind, key), (version, value) in sorted(self.database.tables.rows.items())
                if stream == stream_id and its_kind == kind
            }
        )

    async def flush(self, partition: TopicPartition, codec: Codec, flush: Flush) -> bool:
        new = PartitionRow(flush.fence, flush.end, flush.claim, flush.last_record, codec.format)
        written = Changed.of(flush.changed, codec)
        return await self.asked(
            lambda: self.database.flush(partition, flush.fence, flush.start, new, written), FLUSH_SECONDS, FLUSH
        )

    async def fill(self, partition: TopicPartition, made: Any) -> None:
        places = await self.asked(lambda: self._places(partition), FLUSH_SECONDS)
        for start in range(0, len(places), FILLED_AT_ONCE):
            for place in places[start : start + FILLED_AT_ONCE]:
                made.add(place)
            await asyncio.sleep(self.net.soon())

    def _places(self, partition: TopicPartition) -> list[RowPlace]:
        tables = self.database.tables
        return sorted(place for place in tables.rows if tables.streams[place[0]][0] == partition)


@dataclass
class LeasesInMemory(Asking):
    """The leases of one process, as LeaseRows promises them."""

    wanted: Sequence[TopicPartition]
    instance: str
    incarnation: int
    lease_seconds: float

    async def renew(self, *, starting: bool) -> frozenset[TopicPartition]:
        mine = Lease(self.instance, self.incarnation, 0)
        return await self.asked(lambda: self.database.renew(self.wanted, mine, self.lease_seconds, starting=starting))

    async def holders(self) -> dict[TopicPartition, str]:
        return await self.asked(
            lambda: {
                each: lease.instance
                for each, lease in self.database.tables.leases.items()
                if lease.renewed_at >= self.database.now() - self.lease_seconds
            }
        )

    async def release(self) -> None:
        await self.asked(lambda: self.database.release(self.incarnation))
