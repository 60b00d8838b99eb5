"""Finds the streams that have a row of some key, in whatever partitions they are: what no single writer knows."""

import asyncio
from collections.abc import Mapping
from typing import Generic

import msgspec
from aiokafka.structs import TopicPartition

from services.command.deciding import R, RowKey, RowKind
from shared.identifiers import StreamId, StreamKind
from shared.log.consuming import LogUnreachableError
from shared.log.reading import LogReader
from shared.log.topics import partitions_of
from shared.postgres import Pool, connected
from shared.settings import Settings
from shared.web.problems import Unavailable

COVERED_SECONDS = 3.0
LOOK_SECONDS = 0.1
ROWS_AT_ONCE = 100


class FoundRow(msgspec.Struct, Generic[R], frozen=True):
    """A row, and the stream that has it."""

    stream_id: StreamId
    key: str
    value: R


class Finder:
    """Looks into the decision store, which is behind the log: it waits until that has what the log had. `close` it."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._settings = settings
        self._pool = pool
        self._schema = settings.schema("decisions")
        self._reader = LogReader(settings.kafka_bootstrap_servers, f"{settings.instance_name}-finding", at_once=1)

    async def streams_with(self, kind: StreamKind, rows: RowKind, key: str) -> list[StreamId]:
        """The streams of a kind that have this row, as all that was in the log when this was asked has it.

        Raises Unavailable when the log or the store cannot be asked, or the store does not come to that in time.
        """
        await self.catch_up(kind)
        # The kind stands in the statement itself: each has an index of its own.
        statement = f"SELECT stream_id FROM {self._schema}.rows WHERE kind = '{rows.name}' AND key = $1"  # noqa: S608
        async with connected(self._pool) as connection:
            found = await connection.fetch(statement, key)
        return [StreamId(row["stream_id"]) for row in found]

    async def rows(self, kind: RowKind[R], start: str, end: str, beside: RowKey | None = None) -> list[FoundRow[R]]:
        """The first hundred rows of a kind with keys from `start` up to, not including, `end`, in whatever streams.

        `beside`: in those alone that have this row too. It is as the store has it now, and perhaps behind the log: see
        `catch_up`. Raises Unavailable.
        """
        # As above: the kinds stand in the statement itself.
        beside_it = (
            f"""AND EXISTS (SELECT FROM {self._schema}.rows AS beside WHERE beside.stream_id = found.stream_id
            AND beside.kind = '{beside.kind.name}' AND beside.key = $3)"""
            if beside
            else ""
        )
        statement = f"""
            SELECT stream_id, key, value FROM {self._schema}.rows AS found
            WHERE kind = '{kind.name}' AND key >= $1 AND key < $2 {beside_it} ORDER BY key LIMIT {ROWS_AT_ONCE}
            """  # noqa: S608
        async with connected(self._pool) as connection:
            rows = await connection.fetch(statement, start, end, *((beside.key,) if beside else ()))
        decode = msgspec.json.Decoder(kind.type).decode
        return [FoundRow(StreamId(row["stream_id"]), row["key"], decode(row["value"])) for row in rows]

    async def catch_up(self, *kinds: StreamKind) -> None:
        """Waits until the store has all that the log of these kinds of stream has now.

        Raises Unavailable when the log or the store cannot be asked, or the store does not come to that in time.
        """
        await self._until_covered({each: end for kind in kinds for each, end in (await self._ends(kind)).items()})

    async def close(self) -> None:
        """Ends its connection to Kafka."""
        await self._reader.close()

    async def _ends(self, kind: StreamKind) -> Mapping[TopicPartition, int]:
        try:
            return await self._reader.end_offsets(partitions_of(self._settings, kind))
        except LogUnreachableError as error:
            raise Unavailable("the log cannot be reached right now") from error

    async def _until_covered(self, ends: Mapping[TopicPartition, int]) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + COVERED_SECONDS
        while not await self._covers(ends):
            if loop.time() > until:
                raise Unavailable("what is known of the log is behind it")
            await asyncio.sleep(LOOK_SECONDS)

    async def _covers(self, ends: Mapping[TopicPartition, int]) -> bool:
        statement = f"SELECT topic, partition, next_offset FROM {self._schema}.partitions"  # noqa: S608
        async with connected(self._pool) as connection:
            rows = await connection.fetch(statement)
        covered = {TopicPartition(topic, partition): offset for topic, partition, offset in rows}
        return all(covered.get(partition, 0) >= end for partition, end in ends.items())
