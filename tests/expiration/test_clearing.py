"""Statuses are cleared when they expire: once, never early, never over a newer one, whatever goes wrong on the way."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.command.expiration.clearing import Clearing
from services.command.expiration.schedule import JOBS_AT_ONCE, Schedule
from services.command.features.statuses.decider import ClearExpiredStatus
from shared.events.statuses import StatusCleared, StatusSet
from shared.identifiers import VERBATIM_ITSELF, JobId, UserId
from shared.web.problems import InternalError, OutcomeUnknown, Unavailable
from tests.expiration.town import Clock, Town, people
from tests.fixtures.names import eventually
from tests.statuses.examples import HOUR, MONDAY_NOON

MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)


async def test_a_status_is_cleared_when_it_is_due_by_verbatim_itself(town: Town, anna: UserId) -> None:
    expiration = await town.expiration()
    await town.sets_status(anna)
    await eventually(town.followed_to_the_end)
    town.clock.pass_by(HOUR)
    expiration.clearing.wake()
    status, cleared = await eventually(lambda: len(town.happened_to(anna)) == 2 and town.happened_to(anna))
    assert cleared == StatusCleared("expired", status.job_id, MONDAY_NOON + HOUR)
    assert town.doors.submitted[-1].actor == VERBATIM_ITSELF
    await eventually(lambda: is_list(town, ["done"]))


async def test_a_status_is_not_cleared_a_millisecond_early(town: Town, anna: UserId) -> None:
    clearing = await a_town_that_waits(town, anna)
    town.clock.pass_by(HOUR - MILLISECOND)
    assert await clearing.clear_due() == pytest.approx(0.001)
    assert len(town.doors.submitted) == 1
    town.clock.pass_by(MILLISECOND)
    await clearing.clear_due()
    assert len(town.happened_to(anna)) == 2


async def test_a_wait_is_a_minute_at_most(town: Town, anna: UserId) -> None:
    clearing = await a_town_that_waits(town, anna)
    assert await clearing.clear_due() == 60.0


async def test_a_newer_status_takes_the_place_of_the_older_ones_job(town: Town, anna: UserId) -> None:
    clearing = await a_town_that_waits(town, anna)
    await town.sets_status(anna, 2 * HOUR, "Back")
    await eventually(town.followed_to_the_end)
    town.clock.pass_by(HOUR)
    await clearing.clear_due()
    assert [type(each) for each in town.happened_to(anna)] == [StatusSet, StatusSet]
    assert [each["due_at"] for each in await town.jobs()] == [MONDAY_NOON + 2 * HOUR]


async def test_a_job_that_was_overtaken_unseen_does_nothing(town: Town, anna: UserId) -> None:
    clearing = await a_town_that_waits(town, anna)
    await town.stop(town.running[0])
    await town.sets_status(anna, 2 * HOUR, "Back")
    town.clock.pass_by(HOUR)
    assert await is_list(town, ["waiting"])
    await clearing.clear_due()
    assert [type(each) for each in town.happened_to(anna)] == [StatusSet, StatusSet]
    assert await is_list(town, ["done"])


async def test_what_became_due_while_nothing_ran_is_cleared_first_of_all(town: Town) -> None:
    late, later, latest = people(3)
    for user, lasting in ((latest, HOUR), (late, 3 * HOUR), (later, 2 * HOUR)):
        await town.sets_status(user, lasting)
    town.clock.pass_by(24 * HOUR)
    await town.expiration()
    await eventually(lambda: all(len(town.happened_to(each)) == 2 for each in (late, later, latest)))


async def test_the_longest_overdue_is_tried_first(town: Town) -> None:
    late, later, latest = people(3)
    clearing = await a_town_that_waits(town, later, 2 * HOUR)
    await town.sets_status(late, 3 * HOUR)
    await town.sets_status(latest, HOUR)
    await eventually(town.followed_to_the_end)
    town.clock.pass_by(24 * HOUR)
    await clearing.clear_due()
    assert [each.command for each in town.doors.submitted[3:]] == [
        ClearExpiredStatus(each, job_of(town, each)) for each in (latest, later, late)
    ]


async def test_what_cannot_be_done_is_tried_three_times_and_then_each_minute(town: Town, anna: UserId) -> None:
    clearing = await a_town_that_waits(town, anna)
    town.clock.pass_by(HOUR)
    town.doors.errors = [ValueError("a fault"), InternalError("one"), ValueError("a fault"), InternalError("two")]
    tried: list[tuple[float, Any]] = []
    for _ in range(4):
        pause = await clearing.clear_due()
        [job] = await town.jobs()
        tried.append((pause, (job["state"], job["attempts"], job["last_error"])))
        assert await clearing.clear_due() == pause, "it was tried again too soon"
        town.clock.pass_by(timedelta(seconds=pause))
    assert tried == [
        (1.0, ("waiting", 1, "ValueError")),
        (2.0, ("waiting", 2, "internal-error")),
        (60.0, ("failed", 3, "ValueError")),
        (60.0, ("failed", 4, "internal-error")),
    ]
    await clearing.clear_due()
    assert len(town.happened_to(anna)) == 2
    assert len({each.command_id for each in town.doors.submitted[1:]}) == 1
    assert await is_list(town, ["done"])


async def test_what_cannot_be_done_while_a_server_is_away_is_tried_again_soon(town: Town, anna: UserId) -> None:
    clearing = await a_town_that_waits(town, anna)
    town.clock.pass_by(HOUR)
    town.doors.errors = [Unavailable("no"), OutcomeUnknown("perhaps")] * 3
    pauses = []
    for _ in range(6):
        pauses.append(await clearing.clear_due())
        town.clock.pass_by(timedelta(seconds=pauses[-1]))
    assert pauses == [1.0, 2.0, 4.0, 4.0, 4.0, 4.0]
    assert await is_list(town, ["failed"])
    await clearing.clear_due()
    assert len(town.happened_to(anna)) == 2


async def test_where_nothing_can_be_done_the_rest_is_not_tried_at_once(town: Town) -> None:
    clearing = await a_town_that_waits(town, people(1)[0])
    for each in people(JOBS_AT_ONCE):
        await town.sets_status(each)
    await eventually(town.followed_to_the_end)
    town.clock.pass_by(HOUR)
    town.doors.errors = [Unavailable("no") for _ in range(JOBS_AT_ONCE)]
    assert await clearing.clear_due() == pytest.approx(1.0)
    assert len(town.doors.submitted) == 1 + 2 * JOBS_AT_ONCE


async def test_a_job_that_fails_does_not_keep_the_others(town: Town, anna: UserId) -> None:
    clearing = await a_town_that_waits(town, anna)
    others = people(3)
    for each in others:
        await town.sets_status(each, 2 * HOUR)
    await eventually(town.followed_to_the_end)
    town.clock.pass_by(2 * HOUR)
    town.doors.errors = [Unavailable("no")]
    await clearing.clear_due()
    assert sorted(await town.states()) == ["done", "done", "done", "waiting"]


async def test_a_writer_whose_clock_is_behind_is_asked_again_and_nothing_is_early(town: Town, anna: UserId) -> None:
    ahead = Clock(town.clock.now + HOUR)
    clearing = await a_town_that_waits(town, anna, clock=ahead)
    town.clock.pass_by(HOUR - SECOND)
    assert await clearing.clear_due() == pytest.approx(1.0)
    assert len(town.happened_to(anna)) == 1
    [job] = await town.jobs()
    assert (job["state"], job["attempts"], job["last_error"]) == ("waiting", 0, None)
    town.clock.pass_by(SECOND)
    ahead.pass_by(SECOND)
    await clearing.clear_due()
    assert len(town.happened_to(anna)) == 2


async def test_a_clock_that_is_set_back_does_not_keep_what_failed(town: Town, anna: UserId) -> None:
    clearing = await a_town_that_waits(town, anna)
    town.clock.pass_by(24 * HOUR)
    town.doors.errors = [Unavailable("no")]
    await clearing.clear_due()
    town.clock.pass_by(-3 * HOUR)
    await clearing.clear_due()
    assert len(town.happened_to(anna)) == 2


async def test_a_job_done_twice_clears_once(town: Town, anna: UserId) -> None:
    clearing = await a_town_that_waits(town, anna)
    town.clock.pass_by(HOUR)
    await clearing.clear_due()
    await town.pool.execute("UPDATE expiration.jobs SET state = 'waiting'")
    await clearing.clear_due()
    assert len(town.happened_to(anna)) == 2
    assert len(town.doors.submitted) == 3


async def test_the_last_hundred_done_and_five_hundred_failed_are_kept_and_all_that_are_not_done(town: Town) -> None:
    for state, attempts, count in (("done", 0, 103), ("done", 3, 502), ("failed", 3, 505)):
        await town.pool.execute(
            """
            INSERT INTO expiration.jobs (job_id, user_id, topic, partition, due_at, state, attempts, changed_at)
            SELECT format('%s-%s-%s', $1::text, $2::integer, n), gen_random_uuid(), 't', 0, now(), $1, $2,
                now() + n * interval '1 second' FROM generate_series(1, $3::integer) AS n
            """,
            state,
            attempts,
            count,
        )
    await Schedule(town.pool, "expiration").forget_oldest()
    kept = await town.pool.fetch(
        "SELECT state, attempts, count(*), min(changed_at) - min(due_at) AS first FROM expiration.jobs GROUP BY 1, 2"
    )
    assert {(row[0], row[1]): row[2] for row in kept} == {("done", 0): 100, ("done", 3): 500, ("failed", 3): 505}
    assert not await town.pool.fetchval("SELECT count(*) FROM expiration.jobs WHERE job_id = 'done-0-3'")


async def test_stopping_does_not_wait_for_a_writer_that_does_not_answer(town: Town, anna: UserId) -> None:
    expiration = await town.expiration()
    await town.sets_status(anna)
    await eventually(town.followed_to_the_end)
    town.doors.held.clear()
    town.clock.pass_by(HOUR)
    expiration.clearing.wake()
    await eventually(lambda: len(town.doors.submitted) == 2)
    async with asyncio.timeout(5):
        await town.stop(expiration)


async def a_town_that_waits(
    town: Town, user: UserId, lasting: timedelta = HOUR, clock: Clock | None = None
) -> Clearing:
    """A town with somebody's status in its schedule, and a clearing of its partitions that a test runs by hand."""
    await town.sets_status(user, lasting)
    expiration = await town.expiration(clock=Clock(MONDAY_NOON))
    await eventually(town.followed_to_the_end)
    partitions = expiration.follower.partitions
    assert len(partitions) == town.settings.partitions
    return Clearing(
        Schedule(town.pool, "expiration"), town.doors, lambda: partitions, lambda: partitions, clock or town.clock
    )


def job_of(town: Town, user: UserId) -> JobId:
    [status] = [each for each in town.happened_to(user) if isinstance(each, StatusSet)]
    assert status.job_id is not None
    return status.job_id


async def is_list(town: Town, states: list[str]) -> bool:
    return await town.states() == states
