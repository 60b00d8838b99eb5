"""People act just when their status ends: whatever comes first, the log tells one story of each status."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from random import Random

from services.command.features.statuses.decider import ClearExpiredStatus
from shared.identifiers import UserId
from shared.log.topics import ensure_topics
from shared.settings import Settings
from tests.expiration.fates import fates_in
from tests.expiration.square import Square, in_seconds, square_of, until, utc_now
from tests.expiration.town import people

PEOPLE, ROUNDS = 500, 2
PEOPLE_A_SECOND = 100
EVERY = 25


async def test_around_its_end_a_status_is_cleared_once_or_replaced_and_never_stuck(service_settings: Settings) -> None:
    await ensure_topics(service_settings)
    async with square_of(service_settings) as square:
        await race(square, PEOPLE)
        fates = await fates_in(service_settings)
    assert fates.faults == []
    assert fates.stuck(utc_now()) == []
    assert fates.set_jobs == Counter(square.jobs)
    assert fates.cleared.keys() | fates.replaced == fates.set_jobs.keys()
    assert fates.cleared, "void: nothing expired"
    assert square.doors.stale >= square.doors.clearings // EVERY > 0, "void: no job came too late"


async def race(square: Square, count: int) -> None:
    """So many people, over seconds, act around the ends of their statuses; returns when all have ended or last."""

    async def replace_on_the_way(clearing: ClearExpiredStatus) -> None:
        if square.doors.clearings % EVERY == 0:
            await square.set_status(clearing.user_id, in_seconds(1), "in the last moment")

    square.doors.before = replace_on_the_way
    spread = count / PEOPLE_A_SECOND
    await asyncio.gather(*(live(square, user, Random(i), spread) for i, user in enumerate(people(count))))
    await square.until_worked_off()


async def live(square: Square, user: UserId, chance: Random, spread: float) -> None:
    """Somebody sets a status for an instant, and at its end, or milliseconds before or after, does something else."""
    await asyncio.sleep(chance.uniform(0, spread))
    for number in range(ROUNDS):
        end = in_seconds(chance.uniform(0.1, 0.4))
        await square.set_status(user, end, f"round {number}")
        await until(end + timedelta(milliseconds=chance.uniform(-5, 15)))
        await act(square, user, chance, end)


async def act(square: Square, user: UserId, chance: Random, end: datetime) -> None:
    """One of the things that people do to a status."""
    match chance.randrange(4):
        case 0:
            await square.set_status(user, None, "lasting")
        case 1:
            await square.set_status(user, in_seconds(chance.uniform(0.1, 2)), "a little longer")
        case 2:
            await square.clear_status(user)
        case _:
            await square.set_status(user, max(end, in_seconds(0.001)) + timedelta(milliseconds=5), "hardly longer")
