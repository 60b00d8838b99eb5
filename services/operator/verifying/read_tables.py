"""The live read tables and how far they had come, all as of one moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from services.operator.verifying.people_fold import Row

Key = tuple[object, ...]
FETCHED_AT_ONCE = 5_000
CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Table:
    """A read table: the columns of its key, and the column that names the stream that a row comes from."""

    name: str
    key: tuple[str, ...]
    stream: str


TABLES: dict[str, tuple[Table, ...]] = {
    "users": (
        Table("users", ("user_id",), "user_id"),
        Table("contact_policies", ("user_id",), "user_id"),
        Table("user_statuses", ("user_id",), "user_id"),
        Table("bookmarks", ("bookmark_id",), "user_id"),
        Table("files", ("file_id",), "user_id"),
    ),
    "conversations": (
        Table("conversations", ("conversation_id",), "conversation_id"),
        Table("participants", ("conversation_id", "user_id"), "conversation_id"),
        Table("message_requests", ("conversation_id",), "conversation_id"),
        Table("messages", ("message_id",), "conversation_id"),
        Table("message_edits", ("message_id", "version"), "conversation_id"),
        Table("message_attachments", ("conversation_id", "message_id", "place"), "conversation_id"),
        Table("message_reactions", ("conversation_id", "message_id", "user_id"), "conversation_id"),
        Table("marker_moves", ("conversation_id", "user_id", "kind", "seq"), "conversation_id"),
    ),
}
"""What is compared, by the kind of stream that fills it."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far the tables had come in a partition, and what they remember of the log there."""

    next_offset: int
    claim: tuple[int, int]
    last_record: bytes | None


FROM_THE_START = Checkpoint(0, (-1, -1), None)


class Snapshot:
    """The read tables in one transaction that sees one moment."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", schema: str) -> None:
        self._connection = connection
        self.schema = schema

    async def checkpoint(self, topic: str, partition: int) -> Checkpoint:
        """How far they had come in a partition."""
        row = await self._connection.fetchrow(
            """
            SELECT next_offset, claim_offset, claim_epoch, last_record FROM checkpoints
            WHERE topic = $1 AND partition = $2
            """,
            topic,
            partition,
        )
        if row is None:
            return FROM_THE_START
        return Checkpoint(row["next_offset"], (row["claim_offset"], row["claim_epoch"]), row["last_record"])

    async def parked_streams(self) -> set[str]:
        """The streams whose rows stand still until an operator releases them."""
        rows = await self._connection.fetch("SELECT stream_id FROM parked_streams")
        return {row["stream_id"] for row in rows}

    async def rows(self, table: Table) -> AsyncIterator[tuple[Key, Row]]:
        """Every row of a table: its key, and its other columns by name."""
        statement = f"SELECT * FROM {table.name}"  # noqa: S608  # one of the names above
        async for record in self._connection.cursor(statement, prefetch=FETCHED_AT_ONCE):
            row = dict(record)
            yield tuple(row.pop(column) for column in table.key), row


@asynccontextmanager
async def snapshot_of(database_url: str, schema: str) -> AsyncIterator[Snapshot]:
    """One moment of the read tables in this schema."""
    connection = await asyncpg.connect(
        database_url, timeout=CONNECT_SECONDS, server_settings={"search_path": f'"{schema}"'}
    )
    try:
        await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield Snapshot(connection, schema)
    finally:
        await connection.close()
