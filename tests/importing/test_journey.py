"""An archive goes in through the command service and comes out of the read model, with every message and reaction."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from services.operator.importing import gitter, irc, slack, zulip
from services.operator.importing.archives import Archive
from services.operator.importing.posting import posting_to
from services.operator.importing.sending import send
from services.operator.importing.tally import Tally
from shared.identifiers import imported_id
from tests.fixtures.command_service import CommandService
from tests.fixtures.query_service import QueryService
from tests.importing.comparing import CAUGHT_UP_SECONDS, assert_equals_its_source, said_in_source
from tests.operator.command_line import one_line, typed_beside

SAMPLES = Path(__file__).parents[1] / "samples"
REAL_DATA = os.environ.get("VERBATIM_DATA")
SMALL_BYTES, LARGE_ROOM = 2_048, "ruby"
IRC_DAYS = ("2005-02-08", "2010-02-13")


def sample_of_gitter() -> Archive:
    return gitter.read_archive(SAMPLES / "gitter")


def real_rooms_of_gitter(data: Path, folder: Path) -> Archive:
    """The smallest rooms, and a large one with most of what is odd: as many as a test has time for."""
    for file in (data / "freecodecamp-gitter" / "archives").glob("*.tsv"):
        if file.stat().st_size < SMALL_BYTES or file.stem == LARGE_ROOM:
            (folder / file.name).symlink_to(file)
    return gitter.read_archive(folder)


def real_days_of_irc(data: Path, folder: Path) -> Archive:
    """One with a clock of twelve hours, and one that runs past midnight."""
    for file in (data / "ubuntu-irc").rglob("*.txt"):
        if file.name.startswith(IRC_DAYS):
            (folder / file.name).symlink_to(file)
    return irc.read_archive(folder)


ARCHIVES = [
    pytest.param(lambda _: sample_of_gitter(), id="gitter sample"),
    pytest.param(lambda _: irc.read_archive(SAMPLES / "irc"), id="irc sample"),
    pytest.param(lambda _: slack.read_archive(SAMPLES / "slack"), id="slack sample"),
    pytest.param(lambda _: zulip.read_archive(SAMPLES / "zulip"), id="zulip sample"),
]
if REAL_DATA:
    ARCHIVES += [
        pytest.param(partial(real_rooms_of_gitter, Path(REAL_DATA)), id="gitter"),
        pytest.param(partial(real_days_of_irc, Path(REAL_DATA)), id="irc"),
        pytest.param(lambda _: slack.read_archive(Path(REAL_DATA or "") / "houstondatavis-slack"), id="slack"),
    ]


@pytest.fixture
async def database(query_service: QueryService) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(query_service.settings.database_url)
    yield connection
    await connection.close()


async def imported(service: CommandService, archive: Archive) -> Tally:
    tally = Tally(archive)
    await send(archive, posting_to(service.url, service.operator_token, service.session), tally)
    return tally


@pytest.mark.parametrize("read", ARCHIVES)
async def test_the_read_model_equals_its_source_and_a_second_import_appends_nothing(
    command_service: CommandService, database: asyncpg.Connection, tmp_path: Path, read: Callable[[Path], Archive]
) -> None:
    archive = read(tmp_path)

    tally = await imported(command_service, archive)

    taken, reacted = await assert_equals_its_source(archive, database)
    count = tally.counts["message"]
    assert (count.recorded, count.already_there, count.refused) == (taken, 0, archive.messages - taken)
    refused = {each.code for each in tally.refused if each.kind == "message"}
    assert refused <= {"text-is-blank", "text-is-too-long"}
    assert {each.code for each in tally.changed} <= {"replied-to-is-missing"}
    reactions = tally.counts["reaction"]
    assert (reactions.recorded, reactions.already_there, reactions.refused) == (
        reacted,
        0,
        sum(each.kind == "reaction" for each in tally.refused),
    )
    assert {each.code for each in tally.refused if each.kind == "reaction"} <= {"no-such-message"}
    assert tally.counts["person"].recorded == len(archive.people)
    assert tally.counts["conversation"].recorded == len(archive.rooms)

    again = await imported(command_service, archive)

    assert again.appended == 0
    assert again.counts["message"].already_there == taken
    assert again.counts["reaction"].already_there == reacted
    assert await assert_equals_its_source(archive, database) == (taken, reacted)


def gitter_id(source_id: str) -> str:
    return imported_id("gitter", source_id)


async def test_rooms_are_groups_in_which_are_those_who_spoke(
    command_service: CommandService, database: asyncpg.Connection
) -> None:
    archive = sample_of_gitter()

    await imported(command_service, archive)
    await assert_equals_its_source(archive, database)

    for room in archive.rooms:
        conversation = await database.fetchrow(
            "SELECT kind, title, created_by::text FROM read.conversations WHERE conversation_id = $1::uuid",
            gitter_id(room.id),
        )
        assert conversation is not None
        assert tuple(conversation.values()) == ("group", room.title, gitter_id(room.started_by))
        people = await database.fetch(
            "SELECT user_id::text FROM read.participants WHERE conversation_id = $1::uuid", gitter_id(room.id)
        )
        speakers = {said.sender_id for said in said_in_source(archive, room)}
        assert {row["user_id"] for row in people} == speakers | {gitter_id(room.started_by)}


async def test_whoever_only_reacted_is_in_the_conversation_since_what_they_reacted_to(
    command_service: CommandService, database: asyncpg.Connection
) -> None:
    archive = slack.read_archive(SAMPLES / "slack")

    await imported(command_service, archive)
    await assert_equals_its_source(archive, database)

    joined_at = await database.fetchval(
        "SELECT joined_at FROM read.participants WHERE user_id = $1::uuid", imported_id("slack", "UREEF0001")
    )
    assert joined_at == datetime(2014, 5, 13, 16, 53, 30, 4, tzinfo=UTC)


async def test_a_later_export_brings_the_reactions_that_have_come_or_changed_since(
    command_service: CommandService, database: asyncpg.Connection, tmp_path: Path
) -> None:
    before = slack.read_archive(SAMPLES / "slack")
    await imported(command_service, before)
    await assert_equals_its_source(before, database)
    later = shutil.copytree(SAMPLES / "slack", tmp_path / "later")
    day = later / "harbour" / "2014-05-13.json"
    day.write_text(day.read_text().replace('"joy"', '"sob"').replace('"+1::skin-tone-6"', '"+1::skin-tone-2"'))

    tally = await imported(command_service, slack.read_archive(later))

    assert tally.appended == tally.counts["reaction"].recorded == 2
    await until_reacted(database, imported_id("slack", "UREEF0001"), "sad")


async def until_reacted(database: asyncpg.Connection, user_id: str, kind: str) -> None:
    async with asyncio.timeout(CAUGHT_UP_SECONDS):
        while kind != await database.fetchval(  # noqa: ASYNC110
            "SELECT kind FROM read.message_reactions WHERE user_id = $1::uuid", user_id
        ):
            await asyncio.sleep(0.05)


async def test_people_keep_their_names_and_have_usernames_of_their_own(
    command_service: CommandService, database: asyncpg.Connection
) -> None:
    archive = sample_of_gitter()

    await imported(command_service, archive)
    await assert_equals_its_source(archive, database)

    rows = await database.fetch("SELECT user_id::text, username, display_name FROM read.users")
    assert {row["user_id"]: row["display_name"] for row in rows} == {
        gitter_id(each.id): each.name for each in archive.people
    }
    assert len({row["username"].lower() for row in rows}) == len(archive.people)
    assert all(3 <= len(row["username"]) <= 50 for row in rows)


async def test_only_the_operator_may_import(command_service: CommandService) -> None:
    ann = await command_service.register()

    answer = await ann.ask("POST", "/v1/operator/import", raw=b"{}", headers={"Content-Type": "application/x-ndjson"})

    assert answer.status == 403


async def test_what_the_service_refuses_at_all_is_said_with_what_to_name_instead(
    command_service: CommandService, tmp_path: Path
) -> None:
    wrong = tmp_path / "operator.token"
    wrong.write_text("a-token\n")
    words = ("import", "gitter", str(SAMPLES / "gitter"), "--url")

    without = await typed_beside(command_service.settings, *words, command_service.url, "--token-file", str(wrong))
    elsewhere = await typed_beside(command_service.settings, *words, f"{command_service.url}/docs")

    assert one_line(without).endswith("this needs the operator's token: name the file that has it with --token-file")
    assert one_line(elsewhere).endswith(": name the command service with --url")
