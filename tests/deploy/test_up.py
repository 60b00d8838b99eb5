"""`verbatim up`, the whole of it: it starts, says where things are, stops cleanly and goes on with its data."""

import asyncio
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.embedded.data_folder import announced
from tests.deploy.runs import VERBATIM, Place, Run, refusal, start, until

pytestmark = [pytest.mark.usefixtures("kill_what_is_left"), pytest.mark.servers, pytest.mark.timeout(240)]
ANN = {"username": "ann", "email": "ann@example.org", "password": "Correct1horse", "display_name": "Ann"}
MAKEFILE = f"run:\n\t@exec {VERBATIM} up --stop-with-parent\n"


@pytest.fixture(scope="module")
def place(servers_folder: Path) -> Place:
    return Place(servers_folder / "up" / "var")


@pytest.fixture
def kill_what_is_left(place: Place) -> Iterator[None]:
    """Whatever a failed test leaves running is ended after it."""
    yield
    for process in place.processes():
        process.kill()


def make_run(folder: Path) -> tuple[str, ...]:
    """The words that run it as `make run` does."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Makefile").write_text(MAKEFILE)
    return ("make", "-C", str(folder), "run")


async def ask(method: str, url: str, body: Any = None, token: str = "") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.request(method, url, json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def log_in(endpoints: dict[str, Any]) -> str:
    status, answer = await ask(
        "POST", f"{endpoints['command']}/v1/auth/login", {"email": ANN["email"], "password": ANN["password"]}
    )
    assert status == 200
    return str(answer["access_token"])


async def name_of_me(endpoints: dict[str, Any], token: str, min_position: str = "") -> str | None:
    """My username as the query service has it, or None when it does not answer."""
    at_least = f"?min_position={min_position}" if min_position else ""
    try:
        status, me = await ask("GET", f"{endpoints['query']}/v1/me{at_least}", token=token)
    except aiohttp.ClientError:
        return None
    return str(me["username"]) if status == 200 else None


async def ended_with_nothing_left(run: Run) -> int:
    code = await run.ended()
    await until(lambda: run.place.processes() == [], 20.0)
    assert run.place.endpoints is None
    return code


async def test_it_starts_from_nothing_and_a_signal_to_its_group_leaves_nothing(place: Place) -> None:
    run = start(place)
    endpoints = await run.ready()

    assert endpoints["command"] == f"http://127.0.0.1:{place.command_port}"
    assert endpoints["query"] == f"http://127.0.0.1:{place.query_port}"
    assert endpoints["kafka"].startswith("127.0.0.1:")
    assert endpoints["database"].startswith("postgresql://")
    assert stat.S_IMODE((place.folder / "endpoints.json").stat().st_mode) == 0o600
    status, registered = await ask("POST", f"{endpoints['command']}/v1/auth/register", ANN)
    assert status == 201
    assert await name_of_me(endpoints, registered["access_token"], registered["position"]) == "ann"

    (second,) = refusal(place.environment()).splitlines()
    assert f"is using {place.folder}: stop it, or set VERBATIM_VAR" in second

    run.signal_group(signal.SIGTERM)
    assert await ended_with_nothing_left(run) == 0
    said = run.output.read_text()
    assert said.count("curl ") == 3
    assert endpoints["database"] not in said


async def test_it_finds_its_data_starts_again_what_dies_and_ends_on_ctrl_c(place: Place) -> None:
    run = start(place, *make_run(place.folder.parent))
    endpoints = await run.ready()
    token = await log_in(endpoints)
    assert await name_of_me(endpoints, token) == "ann"

    place.process("services.projector").kill()
    await until(lambda: "the query service has ended (killed by SIGKILL)" in run.output.read_text(), 10.0)
    async with asyncio.timeout(30.0):
        while await name_of_me(endpoints, token) != "ann":  # noqa: ASYNC110 - another process has no event of ours
            await asyncio.sleep(0.1)

    run.signal_group(signal.SIGINT)
    await ended_with_nothing_left(run)


async def test_when_make_alone_is_killed_everything_ends(place: Place) -> None:
    run = start(place, *make_run(place.folder.parent))
    await run.ready()

    run.process.kill()

    await ended_with_nothing_left(run)


async def test_it_goes_on_after_being_killed_itself_and_ends_when_make_alone_is_interrupted(place: Place) -> None:
    run = start(place)
    await run.ready()

    run.process.kill()
    await run.ended()
    await until(lambda: place.processes() == [] and announced(place.folder) is None, 20.0)

    again = start(place, *make_run(place.folder.parent))
    assert await log_in(await again.ready())
    again.process.send_signal(signal.SIGINT)
    await ended_with_nothing_left(again)
