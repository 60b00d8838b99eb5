"""Holds an archive against the read model, message by message."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import asyncpg

from services.operator.importing.archives import Archive, Message, Room
from shared.identifiers import imported_id

TEXT_LIMIT = 4_000
CAUGHT_UP_SECONDS = 60.0


@dataclass(frozen=True)
class Said:
    """What the read model and the source must agree on, of one message."""

    seq: int
    message_id: str
    sender_id: str
    content: str
    occurred_at: datetime
    reply_to_id: str | None
    edited_at: datetime | None


def said_in_source(archive: Archive, room: Room) -> list[Said]:
    """What can be taken of a room: the first row of each message that is neither blank nor too long.

    What answers one that is not taken answers nothing.
    """
    id_of = partial(imported_id, archive.source)
    fitting: dict[str, Message] = {}
    for message in archive.messages_of(room):
        if message.text.strip() and len(message.text) <= TEXT_LIMIT:
            fitting.setdefault(message.id, message)
    return [
        Said(
            seq,
            id_of(each.id),
            id_of(each.sender_id),
            each.text,
            each.sent_at,
            id_of(each.reply_to_id) if each.reply_to_id in fitting else None,
            each.edited_at,
        )
        for seq, each in enumerate(fitting.values(), start=1)
    ]


async def said_in_read_model(database: asyncpg.Connection, archive: Archive, room: Room) -> list[Said]:
    rows = await database.fetch(
        "SELECT seq, message_id::text, sender_id::text, content, occurred_at, reply_to_id::text, edited_at "
        "FROM read.messages WHERE conversation_id = $1::uuid ORDER BY seq",
        imported_id(archive.source, room.id),
    )
    return [Said(*row.values()) for row in rows]


async def until_projected(database: asyncpg.Connection, messages: int) -> None:
    async with asyncio.timeout(CAUGHT_UP_SECONDS):
        while await database.fetchval("SELECT count(*) FROM read.messages") < messages:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def assert_equals_its_source(archive: Archive, database: asyncpg.Connection) -> int:
    expected = {room.id: said_in_source(archive, room) for room in archive.rooms}
    messages = sum(map(len, expected.values()))
    await until_projected(database, messages)
    for room in archive.rooms:
        assert await said_in_read_model(database, archive, room) == expected[room.id]
    assert await database.fetchval("SELECT count(*) FROM read.messages") == messages
    return messages
