"""The decision store: what the rules need to know, in Postgres, behind the log. A cache of the log with an offset."""

# ruff: noqa: S608 - what stands in the SQL is the schema's name from the settings, never what somebody sent

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import asyncpg
import msgspec
from aiokafka.structs import TopicPartition

from services.command.deciding import Decider, RowKind
from services.command.knowing import Row, RowPlace, StreamState
from services.command.writing.remembering import Unflushed
from services.command.writing.row_filter import RowFilter
from shared.identifiers import StreamId
from shared.log.records import Claim
from shared.postgres import Pool

QUERY_SECONDS = 2.0
FLUSH_SECONDS = 10.0
FORGET_SECONDS = 600.0
FILL_SECONDS = 600.0
FILL_ROWS = 1_000
FILL_PAUSE_SECONDS = 0.01
StoreAway = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""What asyncpg raises when Postgres cannot answer now."""


class KnownCommand(msgspec.Struct, frozen=True, gc=False):
    """A command that is in the log: what was asked, by whom, where its last record is and what it was answered."""

    fingerprint: str
    actor: str
    offset: int
    result: Mapping[str, Any]


COMMAND_KIND = "command"


@dataclass(frozen=True, slots=True)
class PartitionRow:
    """How far the store covers a partition's log, and who may write to it. See the migration for the columns."""

    fence: int
    next_offset: int
    claim: Claim
    last_record: bytes | None
    format: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who may write to the store for a partition, and up to which offset it was done, as of the moment of a query."""

    fence: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class Flush:
    """What has changed from the offset `start` up to `end`, written by the owner whose claim is `fence`.

    `claim` is the one in force at `end`, `last_record` the identity of the record before it.
    """

    changed: Unflushed
    fence: int
    start: int
    end: int
    claim: Claim
    last_record: bytes | None


StreamIn = tuple[str, StreamId]
"""A stream in a topic. Anybody may name the id of a user as a conversation's: that is no stream of that topic."""
RowIn = tuple[str, RowPlace]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one query found, all as of one moment. What is not here is not in the store."""

    streams: Mapping[StreamIn, StreamState]
    rows: Mapping[RowIn, Row]
    covered: Mapping[TopicPartition, Coverage]


class Codec:
    """How the states of one kind of stream are stored. `format` changes when their form does, in any way."""

    def __init__(self, deciders: Sequence[Decider]) -> None:
        self._parts = {each.name: (msgspec.json.Decoder(each.state), each.empty) for each in deciders}
        kinds: list[RowKind] = [kind for each in deciders for kind in each.rows]
        self._rows: dict[str, msgspec.json.Decoder[Any]] = {k.name: msgspec.json.Decoder(k.type) for k in kinds}
        self._rows[COMMAND_KIND] = msgspec.json.Decoder(KnownCommand)
        self._encoder = msgspec.json.Encoder()
        self._raw_parts = msgspec.json.Decoder(dict[str, msgspec.Raw])
        self.format = _format_of(
            {f"part {each.name}": each.state for each in deciders} | {f"row {kind.name}": kind.type for kind in kinds}
        )

    def encode(self, value: Any) -> bytes:
        """A row's value or a stream's parts, as bytes."""
        return self._encoder.encode(value)

    def stream(self, version: int, parts: bytes) -> StreamState:
        """A stream's state from its bytes."""
        raw = self._raw_parts.decode(parts)
        return StreamState(version, {name: decoder.decode(raw[name]) for name, (decoder, _) in self._parts.items()})

    def row(self, kind: str, version: int, value: bytes) -> Row:
        """A row from its bytes."""
        return Row(version, self._rows[kind].decode(value))


def _format_of(types: Mapping[str, Any]) -> int:
    schemas, components = msgspec.json.schema_components([types[name] for name in sorted(types)])
    text = msgspec.json.encode([sorted(types), schemas, components], order="deterministic")
    return int.from_bytes(blake2b(text, digest_size=4).digest(), "big", signed=True)


class DecisionStore:
    """The tables of the schema `decisions`."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self._pool = pool
        self._schema = schema
        self._filling = asyncio.Lock()

    @asynccontextmanager
    async def _connection(self, seconds: float) -> AsyncIterator[Any]:
        """A connection for so long at most, however Postgres hangs; the pool gets it back in as long again."""
        async with asyncio.timeout(seconds), self._pool.acquire(timeout=seconds) as connection:
            yield connection

    async def partition_row(self, partition: TopicPartition) -> PartitionRow:
        """The partition's row; it is made when there is none."""
        async with self._connection(QUERY_SECONDS) as connection:
            found = await connection.fetchrow(
                f"""
                INSERT INTO {self._schema}.partitions (topic, partition) VALUES ($1, $2)
                ON CONFLICT (topic, partition) DO UPDATE SET topic = excluded.topic
                RETURNING fence, next_offset, claim_offset, claim_epoch, last_record, format
                """,
                *partition,
            )
        fence, next_offset, claim_offset, claim_epoch, last_record, stored_format = found
        return PartitionRow(fence, next_offset, Claim(claim_offset, claim_epoch), last_record, stored_format)

    async def fence(self, partition: TopicPartition, claim_offset: int) -> bool:
        """Shuts out everybody whose claim is older. False: a newer claim already stands there."""
        async with self._connection(FLUSH_SECONDS) as connection:
            done = await connection.execute(
                f"UPDATE {self._schema}.partitions SET fence = $3 WHERE topic = $1 AND partition = $2 AND fence < $3",
                *partition,
                claim_offset,
            )
        return bool(done == "UPDATE 1")

    async def forget(self, partition: TopicPartition, claim_offset: int, stored_format: int) -> bool:
        """Removes all that is kept of a partition, so that it is made anew from offset 0. False: it is another's."""
        async with self._connection(FORGET_SECONDS) as connection, connection.transaction():
            done = await connection.execute(
                f"""
                UPDATE {self._schema}.partitions
                SET next_offset = 0, claim_offset = -1, claim_epoch = -1, last_record = NULL, format = $4
                WHERE topic = $1 AND partition = $2 AND fence = $3
                """,
                *partition,
                claim_offset,
                stored_format,
            )
            if done != "UPDATE 1":
                return False
            await connection.execute(
                f"""
                DELETE FROM {self._schema}.rows WHERE stream_id IN
                    (SELECT stream_id FROM {self._schema}.streams WHERE topic = $1 AND partition = $2)
                """,
                *partition,
            )
            await connection.execute(
                f"DELETE FROM {self._schema}.streams WHERE topic = $1 AND partition = $2", *partition
            )
            return True

    async def unfence(self, partition: TopicPartition) -> None:
        """Lets an older claim's offset fence again: only for an operator who accepts that the log went back."""
        async with self._connection(FLUSH_SECONDS) as connection:
            await connection.execute(
                f"UPDATE {self._schema}.partitions SET fence = -1 WHERE topic = $1 AND partition = $2", *partition
            )

    async def fetch(
        self,
        streams: Mapping[StreamIn, Codec],
        rows: Mapping[RowIn, Codec],
        partitions: Iterable[TopicPartition],
    ) -> Fetched:
        """One query for everything that is missing, the partitions' own rows included. Raises one of StoreAway."""
        places, owners = list(rows), list(partitions)
        async with self._connection(QUERY_SECONDS) as connection:
            found = await connection.fetch(
                f"""
                SELECT 1 AS what, topic, stream_id::text AS stream, '' AS kind, '' AS key, version, parts AS value,
                    0 AS covered
                FROM unnest($1::uuid[], $7::text[]) AS wanted (stream_id, topic)
                JOIN {self._schema}.streams USING (stream_id, topic)
                UNION ALL
                SELECT 2, topic, r.stream_id::text, r.kind, r.key, r.version, r.value, 0
                FROM unnest($2::uuid[], $3::text[], $4::text[], $8::text[]) AS wanted (stream_id, kind, key, topic)
                CROSS JOIN LATERAL (
                    -- OFFSET 0: each row by its whole key; else all rows of a stream may be read to find a few
                    SELECT * FROM {self._schema}.rows r
                    WHERE r.stream_id = wanted.stream_id AND r.kind = wanted.kind AND r.key = wanted.key OFFSET 0
                ) AS r
                JOIN {self._schema}.streams USING (topic)
                WHERE streams.stream_id = r.stream_id
                UNION ALL
                SELECT 3, p.topic, NULL, '', p.partition::text, p.fence, NULL, p.next_offset
                FROM unnest($5::text[], $6::integer[]) AS owned (topic, partition)
                JOIN {self._schema}.partitions p USING (topic, partition)
                """,
                [stream for _, stream in streams],
                [place[0] for _, place in places],
                [place[1] for _, place in places],
                [place[2] for _, place in places],
                [each.topic for each in owners],
                [each.partition for each in owners],
                [topic for topic, _ in streams],
                [topic for topic, _ in places],
            )
        return _fetched(found, streams, rows)

    async def all_rows(self, stream_id: StreamId, kind: str, codec: Codec) -> dict[str, Row]:
        """Every row of a kind in a stream, by key. Raises one of StoreAway."""
        async with self._connection(QUERY_SECONDS) as connection:
            found = await connection.fetch(
                f"SELECT key, version, value FROM {self._schema}.rows WHERE stream_id = $1 AND kind = $2",
                stream_id,
                kind,
            )
        return {key: codec.row(kind, version, value) for key, version, value in found}

    async def flush(self, partition: TopicPartition, codec: Codec, flush: Flush) -> bool:
        """Writes what changed and moves the offset, all or nothing.

        False: the partition is somebody else's, or an earlier flush was committed after all; read the row again.
        """
        streams = list(flush.changed.streams.items())
        kept = [(place, row) for place, row in flush.changed.rows.items() if row.value is not None]
        gone = [place for place, row in flush.changed.rows.items() if row.value is None]
        async with self._connection(FLUSH_SECONDS) as connection:
            owned = await connection.fetchval(
                f"""
                WITH owned AS (
                    UPDATE {self._schema}.partitions
                    SET next_offset = $5, claim_offset = $6, claim_epoch = $7, last_record = $8, format = $9
                    WHERE topic = $1 AND partition = $2 AND fence = $3 AND next_offset = $4
                    RETURNING topic, partition
                ), put_streams AS (
                    INSERT INTO {self._schema}.streams (stream_id, topic, partition, version, parts)
                    SELECT new.stream_id, owned.topic, owned.partition, new.version, new.parts
                    FROM owned, unnest($10::uuid[], $11::bigint[], $12::bytea[]) AS new (stream_id, version, parts)
                    ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, parts = excluded.parts
                ), put_rows AS (
                    INSERT INTO {self._schema}.rows (stream_id, kind, key, version, value)
                    SELECT new.*
                    FROM owned, unnest($13::uuid[], $14::text[], $15::text[], $16::bigint[], $17::bytea[]) AS new
                    ON CONFLICT (stream_id, kind, key) DO UPDATE SET version = excluded.version, value = excluded.value
                ), removed_rows AS (
                    DELETE FROM {self._schema}.rows r
                    USING owned, unnest($18::uuid[], $19::text[], $20::text[]) AS old (stream_id, kind, key)
                    WHERE r.stream_id = old.stream_id AND r.kind = old.kind AND r.key = old.key
                )
                -- what a crash of Postgres undoes is made again from the log: nobody waits for the disk
                SELECT count(*) FROM owned, set_config('synchronous_commit', 'off', true)
                """,
                *partition,
                flush.fence,
                flush.start,
                flush.end,
                flush.claim.offset,
                flush.claim.epoch,
                flush.last_record,
                codec.format,
                [stream_id for stream_id, _ in streams],
                [state.version for _, state in streams],
                [codec.encode(state.parts) for _, state in streams],
                *_columns([place for place, _ in kept]),
                [row.version for _, row in kept],
                [codec.encode(row.value) for _, row in kept],
                *_columns(gone),
            )
        return bool(owned)

    async def fill(self, partition: TopicPartition, made: RowFilter) -> None:
        """Adds every row of a partition to a filter, without haste, one partition after the other.

        Raises one of StoreAway.
        """
        async with (
            self._filling,
            self._connection(FILL_SECONDS) as connection,
            connection.transaction(readonly=True),
        ):
            cursor = await connection.cursor(
                f"""
                SELECT stream_id, kind, key FROM {self._schema}.streams JOIN {self._schema}.rows USING (stream_id)
                WHERE topic = $1 AND partition = $2
                """,
                *partition,
            )
            while places := await cursor.fetch(FILL_ROWS):
                for place in places:
                    made.add(tuple(place))
                await asyncio.sleep(FILL_PAUSE_SECONDS)


def _columns(places: Sequence[RowPlace]) -> tuple[list[str], list[str], list[str]]:
    return [stream for stream, _, _ in places], [kind for _, kind, _ in places], [key for _, _, key in places]


def _fetched(
    found: Sequence[asyncpg.Record], streams: Mapping[StreamIn, Codec], rows: Mapping[RowIn, Codec]
) -> Fetched:
    known_streams: dict[StreamIn, StreamState] = {}
    known_rows: dict[RowIn, Row] = {}
    covered: dict[TopicPartition, Coverage] = {}
    for what, topic, stream, kind, key, version, value, next_offset in found:
        if what == 1:
            known_streams[topic, stream] = streams[topic, stream].stream(version, value)
        elif what == 2:
            place = (topic, (stream, kind, key))
            known_rows[place] = rows[place].row(kind, version, value)
        else:
            covered[TopicPartition(topic, int(key))] = Coverage(version, next_offset)
    return Fetched(known_streams, known_rows, covered)
