"""What an import goes through is killed in the middle of it, and the history is whole and in order all the same."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from services.operator.importing.archives import Archive, Message, Reaction, Room
from services.operator.importing.irc import read_archive
from services.operator.importing.posting import posting_to
from services.operator.importing.sending import send
from services.operator.importing.tally import Tally
from tests.blackbox.stack import Stack, freeze, running_stack
from tests.blackbox.standing_still import AFTER_APPEND
from tests.importing.comparing import assert_equals_its_source

LINES, NICKS = 4_000, 40
LIMIT_SECONDS = 120.0


@pytest.fixture
async def stack(servers_folder: Path) -> AsyncIterator[Stack]:
    """All of Verbatim, for this test alone."""
    async with running_stack(servers_folder / "import-kills") as stack:
        yield stack


def long_log(folder: Path) -> Archive:
    """A day of a channel in which many talk, every third line answers one before it, and every tenth has a reaction."""
    lines = [f"[{n // 167:02}:{n % 60:02}] <nick{n * n % NICKS}> line {n}" for n in range(LINES)]
    (folder / "2014-03-01.raw.txt").write_text("\n".join(lines))
    edges = [f"{n - n % 29 - 1} {n} -" for n in range(30, LINES, 3)]
    (folder / "2014-03-01.annotation.txt").write_text("\n".join(edges))
    archive = read_archive(folder, "#harbour")

    def with_reactions(room: Room) -> Iterator[Message]:
        for number, message in enumerate(archive.messages_of(room)):
            liked = (Reaction(message.sender_id, "", "like"),) if number % 10 == 0 else ()
            yield replace(message, reactions=liked)

    return replace(archive, messages_of=with_reactions)


async def run_import(stack: Stack, tally: Tally) -> None:
    token = stack.settings.operator_token_file.read_text().strip()
    async with aiohttp.ClientSession() as session:
        await send(tally.archive, posting_to(stack.command.url, token, session), tally)


async def until_recorded(tally: Tally, share: float) -> None:
    """Returns when so much of the archive's messages is recorded, and the import is still going on."""
    until = time.monotonic() + LIMIT_SECONDS
    while tally.counts["message"].settled < share * LINES:
        assert time.monotonic() < until, "the import does not go on"
        await asyncio.sleep(0.005)


@pytest.mark.servers
@pytest.mark.timeout(300)  # a guard: alone on two cores it takes less than a tenth
async def test_an_import_outlives_kills_of_the_command_service_and_of_kafka(stack: Stack, tmp_path: Path) -> None:
    tally = Tally(long_log(tmp_path))
    importing = asyncio.create_task(run_import(stack, tally))
    try:
        await until_recorded(tally, 0.2)
        await freeze(stack, stack.command, AFTER_APPEND)  # a group is in the log, and nobody was told
        await stack.restart(stack.command)
        await until_recorded(tally, 0.5)
        assert not importing.done(), "void: Kafka is killed too late"
        await stack.restart(stack.kafka)
        async with asyncio.timeout(LIMIT_SECONDS):
            await importing
    finally:
        importing.cancel()

    database = await asyncpg.connect(stack.postgres.url)
    try:
        await assert_equals_its_source(tally.archive, database)
        assert tally.counts["message"].already_there, "void: no line met the record of a group that nobody was told of"
        assert tally.asked_again, "void: no line had to be asked again"
        again = Tally(tally.archive)
        await run_import(stack, again)
        assert again.appended == 0
    finally:
        await database.close()
