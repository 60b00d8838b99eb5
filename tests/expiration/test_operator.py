"""What an operator sees of the schedule on the command line."""

import asyncio
import json
import os
import sys
from typing import Any

from services.command.expiration.schedule import Job, Schedule
from shared.identifiers import UserId
from tests.expiration.town import Town, people
from tests.fixtures.names import eventually
from tests.statuses.examples import HOUR, MONDAY_NOON


async def verbatim(town: Town, *arguments: str) -> tuple[int, str, str]:
    """Runs a command against the town's Postgres; gives its exit status and what it printed."""
    environment = {**os.environ, "DATABASE_URL": town.settings.database_url, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.operator",
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def listed(town: Town, *arguments: str) -> Any:
    code, out, err = await verbatim(town, "expirations", "--json", *arguments)
    assert code == 0, err
    return json.loads(out)


async def scheduled(town: Town) -> list[UserId]:
    """Three people's jobs: one failed, one waiting and one done, in that order."""
    failed, waiting, done = people(3)
    for number, each in enumerate((done, waiting, failed), 1):
        await town.sets_status(each, number * HOUR)
    await town.stop(await following(town))
    schedule = Schedule(town.pool, "expiration")
    jobs = {row["user_id"]: Job(row["job_id"], row["user_id"], row["due_at"], 0) for row in await town.jobs()}
    await schedule.done([jobs[done]], MONDAY_NOON)
    for _ in range(3):
        await schedule.tried_in_vain(jobs[failed], "unavailable", MONDAY_NOON, MONDAY_NOON + HOUR)
    return [failed, waiting, done]


async def following(town: Town) -> Any:
    made = await town.expiration()
    await eventually(town.followed_to_the_end)
    return made


async def test_what_failed_is_listed_first_and_then_what_waits(town: Town) -> None:
    users = await scheduled(town)
    found = await listed(town)
    assert [(job["user_id"], job["state"]) for job in found["jobs"]] == list(
        zip(users, ("failed", "waiting", "done"), strict=True)
    )
    assert found["jobs"][0] | {"job_id": "", "changed_at": ""} == {
        "job_id": "",
        "user_id": users[0],
        "state": "failed",
        "due_at": "2026-03-02T15:00:00.000Z",
        "attempts": 3,
        "last_error": "unavailable",
        "next_try_at": "2026-03-02T13:00:00.000Z",
        "changed_at": "",
    }
    assert found["counts"] == {"failed": 1, "waiting": 1, "done": 1}
    assert [job["state"] for job in (await listed(town, "--state", "waiting"))["jobs"]] == ["waiting"]


async def test_it_is_told_in_plain_lines(town: Town) -> None:
    await scheduled(town)
    code, out, _ = await verbatim(town, "expirations")
    assert code == 0
    assert "tried in vain 3 times, last: unavailable" in out.splitlines()[0]
    assert out.splitlines()[-1].startswith("1 waiting, 1 failed, 1 done")


async def test_the_schedule_is_made_anew_when_it_is_asked_for(town: Town) -> None:
    await scheduled(town)
    assert (await listed(town, "--again"))["jobs"] == []
    await following(town)
    assert await town.states() == ["waiting"] * 3, "the log has no end of any of them"


async def test_without_postgres_it_says_so_in_one_line(town: Town) -> None:
    town.settings = type(town.settings)(database_url="postgresql://127.0.0.1:1/verbatim")
    code, out, err = await verbatim(town, "expirations")
    assert (code, out) == (1, "")
    assert err.startswith("verbatim: Postgres cannot be used")
    assert len(err.splitlines()) == 1
