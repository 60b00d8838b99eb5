"""The command service as a process: how it starts, what keeps it from starting, how it stops."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import aiohttp

from deploy.embedded.keys import make_keys
from shared.settings import Settings
from tests.fixtures.command_service import PASSWORD

START_SECONDS = 60.0
STOP_SECONDS = 10.0


def environment(settings: Settings, **other: object) -> dict[str, str]:
    named = {name.upper(): str(value) for name, value in {**asdict(settings), **other}.items()}
    return {**os.environ, **named}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@asynccontextmanager
async def process(settings: Settings, **other: object) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.command", env=environment(settings, **other), stderr=asyncio.subprocess.PIPE
    )
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            started.kill()
        await started.communicate()


async def ready(port: int) -> None:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session, asyncio.timeout(START_SECONDS):
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get("/ready") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)


async def one_line(settings: Settings, **other: object) -> str:
    """What a process that cannot start says last; it ends with status 1."""
    async with process(settings, **other) as failing, asyncio.timeout(START_SECONDS):
        _, said = await failing.communicate()
        assert failing.returncode == 1
        assert b"Traceback" not in said
        return said.decode().strip().splitlines()[-1]


async def test_it_runs_until_it_is_told_to_stop_and_says_nothing_secret(service_settings: Settings) -> None:
    port = free_port()
    wanted = {"email": "ada@example.com", "username": "ada", "password": PASSWORD, "display_name": "Ada"}
    async with process(service_settings, command_port=port, log_level="DEBUG") as running:
        await ready(port)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            async with session.post("/v1/auth/register", json=wanted) as response:
                assert response.status == 201
                tokens = await response.json()
            async with session.post("/v1/auth/login", json={"email": "ada@example.com", "password": "x"}) as response:
                assert response.status == 401
            # A connection is open, and idle.
            running.send_signal(signal.SIGTERM)
            _, said = await asyncio.wait_for(running.communicate(), STOP_SECONDS)
        assert running.returncode == 0
    for secret in (PASSWORD, tokens["access_token"], tokens["refresh_token"], "ada@example.com"):
        assert secret.encode() not in said
    for line in said.splitlines():
        assert json.loads(line)["service"] == "command"


async def test_a_signal_while_it_starts_ends_it(service_settings: Settings) -> None:
    async with process(service_settings, command_port=free_port()) as starting:
        assert starting.stderr is not None
        await starting.stderr.readline()
        starting.send_signal(signal.SIGINT)
        await asyncio.wait_for(starting.communicate(), STOP_SECONDS)
        assert starting.returncode == 0


async def test_a_port_in_use_is_one_line(service_settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        line = await one_line(service_settings, command_port=taken.getsockname()[1])
    assert "is in use" in line
    assert "COMMAND_PORT" in line


async def test_a_bad_setting_is_one_line(service_settings: Settings) -> None:
    assert "the setting LEASE_SECONDS is 'soon'" in await one_line(service_settings, lease_seconds="soon")


async def test_a_missing_key_is_one_line(service_settings: Settings) -> None:
    line = await one_line(service_settings, signing_key_file="nowhere.pem")
    assert "SIGNING_KEY_FILE" in line


async def test_keys_that_do_not_belong_together_are_one_line(service_settings: Settings, tmp_path: Path) -> None:
    make_keys(tmp_path / "other.pem", tmp_path / "public.pem", tmp_path / "token")
    line = await one_line(service_settings, signing_key_file=tmp_path / "other.pem")
    assert "do not belong together" in line


async def test_a_word_list_that_cannot_be_used_is_one_line(service_settings: Settings, tmp_path: Path) -> None:
    assert "FLAGGED_WORDS_FILE" in await one_line(service_settings, flagged_words_file=tmp_path / "nowhere.txt")
    words = tmp_path / "words.txt"
    words.write_text("fine\ntwo words\n", encoding="utf-8")
    assert "line 2 is no single word" in await one_line(service_settings, flagged_words_file=words)


async def test_another_number_of_partitions_is_one_line(service_settings: Settings) -> None:
    port = free_port()
    async with process(service_settings, command_port=port):
        await ready(port)
    assert "PARTITIONS=2" in await one_line(service_settings, partitions=3)
