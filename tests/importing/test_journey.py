"""An archive goes in through the command service and comes out of the read model, message by message."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.operator.importing.archives import Archive, Room
from services.operator.importing.gitter import read_archive
from services.operator.importing.posting import posting_to
from services.operator.importing.sending import send
from services.operator.importing.tally import Tally
from shared.identifiers import imported_id
from tests.fixtures.command_service import CommandService
from tests.fixtures.query_service import QueryService

SAMPLE = Path(__file__).parents[1] / "samples" / "gitter"
REAL_DATA = os.environ.get("VERBATIM_DATA")
SMALL_BYTES = 16_384
TEXT_LIMIT = 4_000
CAUGHT_UP_SECONDS = 60.0


@dataclass(frozen=True)
class Said:
    """What the read model and the source must agree on, of one message."""

    seq: int
    message_id: str
    sender_id: str
    content: str
    occurred_at: Any


def real_rooms(data: Path) -> list[Path]:
    """Some two hundred small rooms, and one large one with most of what is odd: as many as a test has time for."""
    folder = data / "freecodecamp-gitter" / "archives"
    return [file for file in sorted(folder.glob("*.tsv")) if file.stat().st_size < SMALL_BYTES or file.stem == "ruby"]


ARCHIVES = [pytest.param(sorted((SAMPLE / "archives").glob("*.tsv")), id="sample")]
if REAL_DATA:
    ARCHIVES.append(pytest.param(real_rooms(Path(REAL_DATA)), id="real rooms"))


def id_of(source_id: str) -> str:
    return imported_id("gitter", source_id)


def said_in_source(archive: Archive, room: Room) -> list[Said]:
    """What can be taken of a room: the first row of each message that is neither blank nor too long."""
    fitting: dict[str, Any] = {}
    for message in archive.messages_of(room):
        if message.text.strip() and len(message.text) <= TEXT_LIMIT:
            fitting.setdefault(message.id, message)
    return [
        Said(seq, id_of(each.id), id_of(each.sender_id), each.text, each.sent_at)
        for seq, each in enumerate(fitting.values(), start=1)
    ]


async def said_in_read_model(database: asyncpg.Connection, room: Room) -> list[Said]:
    rows = await database.fetch(
        "SELECT seq, message_id::text, sender_id::text, content, occurred_at, reply_to_id, edited_at "
        "FROM read.messages WHERE conversation_id = $1::uuid ORDER BY seq",
        id_of(room.id),
    )
    assert all(row["reply_to_id"] is None and row["edited_at"] is None for row in rows)
    return [Said(*list(row.values())[:5]) for row in rows]


@pytest.fixture
async def database(query_service: QueryService) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(query_service.settings.database_url)
    yield connection
    await connection.close()


async def imported(service: CommandService, archive: Archive) -> Tally:
    tally = Tally(archive)
    await send(archive, posting_to(service.url, service.operator_token, service.session), tally)
    return tally


async def until_projected(database: asyncpg.Connection, messages: int) -> None:
    async with asyncio.timeout(CAUGHT_UP_SECONDS):
        while await database.fetchval("SELECT count(*) FROM read.messages") < messages:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def assert_equals_its_source(archive: Archive, database: asyncpg.Connection) -> int:
    expected = {room.id: said_in_source(archive, room) for room in archive.rooms}
    messages = sum(map(len, expected.values()))
    await until_projected(database, messages)
    for room in archive.rooms:
        assert await said_in_read_model(database, room) == expected[room.id]
    assert await database.fetchval("SELECT count(*) FROM read.messages") == messages
    return messages


@pytest.mark.parametrize("files", ARCHIVES)
async def test_the_read_model_equals_its_source_and_a_second_import_appends_nothing(
    command_service: CommandService, database: asyncpg.Connection, tmp_path: Path, files: list[Path]
) -> None:
    for file in files:
        (tmp_path / file.name).symlink_to(file)
    archive = read_archive(tmp_path)

    tally = await imported(command_service, archive)

    taken = await assert_equals_its_source(archive, database)
    count = tally.counts["message"]
    assert (count.recorded, count.already_there, count.not_taken) == (taken, 0, archive.messages - taken)
    assert {each.code for each in tally.not_taken} == {"text-is-blank", "text-is-too-long"}
    assert tally.counts["person"].recorded == len(archive.people)
    assert tally.counts["conversation"].recorded == len(archive.rooms)

    again = await imported(command_service, archive)

    assert again.appended == 0
    assert again.counts["message"].already_there == taken
    assert await assert_equals_its_source(archive, database) == taken


async def test_rooms_are_groups_in_which_are_those_who_spoke(
    command_service: CommandService, database: asyncpg.Connection
) -> None:
    archive = read_archive(SAMPLE)

    await imported(command_service, archive)
    await assert_equals_its_source(archive, database)

    for room in archive.rooms:
        conversation = await database.fetchrow(
            "SELECT kind, title, created_by::text FROM read.conversations WHERE conversation_id = $1::uuid",
            id_of(room.id),
        )
        assert conversation is not None
        assert tuple(conversation.values()) == ("group", room.title, id_of(room.started_by))
        people = await database.fetch(
            "SELECT user_id::text FROM read.participants WHERE conversation_id = $1::uuid", id_of(room.id)
        )
        speakers = {said.sender_id for said in said_in_source(archive, room)}
        assert {row["user_id"] for row in people} == speakers | {id_of(room.started_by)}


async def test_people_keep_their_names_and_have_usernames_of_their_own(
    command_service: CommandService, database: asyncpg.Connection
) -> None:
    archive = read_archive(SAMPLE)

    await imported(command_service, archive)
    await assert_equals_its_source(archive, database)

    rows = await database.fetch("SELECT user_id::text, username, display_name FROM read.users")
    assert {row["user_id"]: row["display_name"] for row in rows} == {
        id_of(each.id): each.name for each in archive.people
    }
    assert len({row["username"].lower() for row in rows}) == len(archive.people)
    assert all(3 <= len(row["username"]) <= 50 for row in rows)


async def test_only_the_operator_may_import(command_service: CommandService) -> None:
    ann = await command_service.register()

    answer = await ann.ask("POST", "/v1/operator/import", raw=b"{}", headers={"Content-Type": "application/x-ndjson"})

    assert answer.status == 403
