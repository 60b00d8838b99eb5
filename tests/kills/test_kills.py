"""Kill anything on the way, and lose nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.service import EmbeddedService
from tests.blackbox.checking import bite_of, evidence_of, findings_in, where_it_begins
from tests.blackbox.history import ACCEPTED
from tests.blackbox.load import REQUEST_SECONDS, Load
from tests.blackbox.quiet import quiet
from tests.blackbox.stack import Stack, freeze, running_stack
from tests.blackbox.standing_still import AFTER_APPEND
from tests.blackbox.town import town_of
from tests.blackbox.zombies import make_zombie

ROOMS, MEMBERS = 6, 4
CLIENTS = 150
IN_FLIGHT = 100
CALM_SECONDS = 2.0
QUIET_SECONDS = 60.0


@pytest.fixture
async def stack(servers_folder: Path) -> AsyncIterator[Stack]:
    """All of Verbatim, for this test alone."""
    async with running_stack(servers_folder / "kills") as stack:
        yield stack


@pytest.mark.servers
@pytest.mark.timeout(400)  # a guard: alone on two cores it takes less than half
async def test_whatever_is_killed_no_command_is_lost_or_done_twice(stack: Stack, tmp_path: Path) -> None:
    load = Load(await town_of(stack.command.url, ROOMS, MEMBERS), tmp_path / "load.jsonl", [stack.command.url])
    began = await where_it_begins(stack.settings)
    running = asyncio.create_task(load.run(CLIENTS))
    try:
        seconds = await kill_everything(stack, load)
        fenced = await freeze_the_writer(stack, load)
        await everything_is_accepted(load)
        load.stop()
        async with asyncio.timeout(QUIET_SECONDS):
            await running
    finally:
        running.cancel()

    _tell(f"quiet after {load.outcomes().total()} requests")
    report = await quiet(stack.settings)
    evidence = await evidence_of(load.history, began, stack.settings)
    faults, bite = findings_in(evidence, REQUEST_SECONDS), bite_of(evidence)
    _tell(f"{dict(load.outcomes())}\n{bite}\nfenced: {fenced:.0f}\nback after: {seconds}\n{dict(report.looked_at)}")

    assert report.first == []
    assert faults == []
    assert bite.unknown, "void: no answer was unknown"
    assert bite.met_a_record, "void: no retry met a record"
    assert fenced, "void: no append was fenced"


async def kill_everything(stack: Stack, load: Load) -> dict[str, float]:
    """kill -9 of each part in turn, with at least a hundred commands in flight; gives the seconds until it was back."""
    parts: dict[str, EmbeddedKafka | EmbeddedPostgres | EmbeddedService] = {
        "projector": stack.projector,
        "Postgres": stack.postgres,
        "Kafka": stack.kafka,
        "command": stack.command,
    }
    seconds = {}
    for name, part in parts.items():
        await under_load(load)
        _tell(f"killing {name}; {load.in_flight} in flight; so far {dict(load.outcomes())}")
        if part is stack.command:  # when the log has what nobody was told of, else no retry might ever meet its record
            await freeze(stack, stack.command, AFTER_APPEND)
        seconds[name] = round(await stack.restart(part), 1)
    await under_load(load)
    return seconds


async def freeze_the_writer(stack: Stack, load: Load) -> float:
    """SIGSTOP of the writer just before an append until another process serves; gives how often it was fenced then."""
    await stack.start_second()
    load.urls = [stack.command.url, stack.second.url]
    await under_load(load)
    _tell(f"freezing the writer; {load.in_flight} in flight; so far {dict(load.outcomes())}")
    fenced = await make_zombie(stack, load.history, stack.command, stack.second)
    _tell(f"it goes on; {load.in_flight} in flight; so far {dict(load.outcomes())}")
    load.urls = [
        stack.second.url,
        stack.command.url,
    ]  # the other one answers 503 from now on, and clients pause at that
    await accepted_again(load)
    return fenced


async def under_load(load: Load) -> None:
    """Returns when commands are accepted again and at least a hundred are in flight."""
    await accepted_again(load)
    until = time.monotonic() + QUIET_SECONDS
    while load.in_flight < IN_FLIGHT:
        assert time.monotonic() < until, "too few commands are in flight"
        await asyncio.sleep(0.02)


async def accepted_again(load: Load) -> None:
    """Returns when about one more command of each client was accepted."""
    until, accepted = time.monotonic() + QUIET_SECONDS, load.outcomes()[ACCEPTED]
    await asyncio.sleep(CALM_SECONDS)
    while load.outcomes()[ACCEPTED] < accepted + CLIENTS:
        assert time.monotonic() < until, "commands are not accepted again"
        await asyncio.sleep(0.02)


async def everything_is_accepted(load: Load) -> None:
    """Returns when of each kind of wish one was accepted."""
    until = time.monotonic() + QUIET_SECONDS
    while not all((accepted := load.accepted_by_kind()).values()):
        assert time.monotonic() < until, f"of some kinds nothing was accepted: {dict(accepted)}"
        await asyncio.sleep(0.1)


def _tell(figures: str) -> None:
    print(f"\n{time.strftime('%H:%M:%S')} {figures}", flush=True)  # noqa: T201  # a run that passes says how much it bit, with -s or in CI's report
