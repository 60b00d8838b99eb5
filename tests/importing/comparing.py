"""Holds an archive against the read model, message by message, with its files and reactions."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import asyncpg

from services.operator.importing.archives import Archive, Attachment, Message, Room
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
    content_type: str
    attachments: tuple[Attachment, ...]


Reacted = tuple[str, str, str]
"""A message's id, a person's, and how they reacted to it."""


def said_in_source(archive: Archive, room: Room) -> list[Said]:
    """What can be taken of a room: the first row of each message that is neither blank nor too long.

    What answers one that is not taken answers nothing.
    """
    id_of = partial(imported_id, archive.source)
    fitting: dict[str, Message] = {}
    for message in archive.messages_of(room):
        if fits(message):
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
            each.content_type,
            each.attachments,
        )
        for seq, each in enumerate(fitting.values(), start=1)
    ]


def fits(message: Message) -> bool:
    return bool(message.text.strip() or message.attachments) and len(message.text) <= TEXT_LIMIT


def reacted_in_source(archive: Archive, room: Room) -> set[Reacted]:
    """How people reacted to what can be taken of a room."""
    id_of = partial(imported_id, archive.source)
    last = {
        (message.id, each.sender_id): each.kind
        for message in archive.messages_of(room)
        for each in message.reactions
        if fits(message)
    }
    return {(id_of(message_id), id_of(sender_id), kind) for (message_id, sender_id), kind in last.items()}


async def reacted_in_read_model(database: asyncpg.Connection, archive: Archive, room: Room) -> set[Reacted]:
    rows = await database.fetch(
        "SELECT message_id::text, user_id::text, kind FROM read.message_reactions WHERE conversation_id = $1::uuid",
        imported_id(archive.source, room.id),
    )
    return {(row["message_id"], row["user_id"], row["kind"]) for row in rows}


async def said_in_read_model(database: asyncpg.Connection, archive: Archive, room: Room) -> list[Said]:
    rows = await database.fetch(
        "SELECT seq, message_id::text, sender_id::text, content, occurred_at, reply_to_id::text, edited_at, "
        "content_type FROM read.messages WHERE conversation_id = $1::uuid ORDER BY seq",
        imported_id(archive.source, room.id),
    )
    attached = await _attached_in_read_model(database, archive, room)
    return [Said(**row, attachments=tuple(attached[row["message_id"]])) for row in rows]


async def _attached_in_read_model(
    database: asyncpg.Connection, archive: Archive, room: Room
) -> Mapping[str, list[Attachment]]:
    rows = await database.fetch(
        "SELECT message_id::text, kind, url, name, width, height FROM read.message_attachments "
        "WHERE conversation_id = $1::uuid ORDER BY message_id, place",
        imported_id(archive.source, room.id),
    )
    found: dict[str, list[Attachment]] = defaultdict(list)
    for message_id, *attachment in rows:
        found[message_id].append(Attachment(*attachment))
    return found


async def until_projected(database: asyncpg.Connection, table: str, rows: int) -> None:
    async with asyncio.timeout(CAUGHT_UP_SECONDS):
        while await count_in(database, table) < rows:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def count_in(database: asyncpg.Connection, table: str) -> int:
    return int(await database.fetchval(f"SELECT count(*) FROM read.{table}"))


async def assert_equals_its_source(archive: Archive, database: asyncpg.Connection) -> tuple[int, int]:
    """Returns how many messages and how many reactions there are."""
    said = {room.id: said_in_source(archive, room) for room in archive.rooms}
    reacted = {room.id: reacted_in_source(archive, room) for room in archive.rooms}
    messages, reactions = sum(map(len, said.values())), sum(map(len, reacted.values()))
    await until_projected(database, "messages", messages)
    await until_projected(database, "message_reactions", reactions)
    for room in archive.rooms:
        assert await said_in_read_model(database, archive, room) == said[room.id]
        assert await reacted_in_read_model(database, archive, room) == reacted[room.id]
    assert await count_in(database, "messages") == messages
    assert await count_in(database, "message_reactions") == reactions
    return messages, reactions
