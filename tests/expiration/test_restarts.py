"""Kafka and Postgres crash while statuses become due: each ends once all the same, soon after they are back."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.postgres import EmbeddedPostgres
from migrations.apply import apply_migrations
from services.command.expiration.schedule import JOBS_AT_ONCE
from services.command.features.statuses.decider import ClearExpiredStatus
from shared.identifiers import UserId
from shared.log.topics import ensure_topics
from shared.settings import Settings
from tests.expiration.fates import fates_in
from tests.expiration.square import QUIET_SECONDS, Square, in_seconds, square_of, utc_now
from tests.expiration.town import people

EXPIRING, REPLACED = 150, 20
REPLACED_AT, CRASHES_AT = 10, 30
CERTAINLY_LATE = EXPIRING - JOBS_AT_ONCE - CRASHES_AT
"""What it has in hand when Postgres crashes it may still clear; the others it cannot know of until Postgres is back."""
LATE_SECONDS = 30.0
"""After a server is back, at most: less than the minute that a job waits which failed by itself."""
SET_SECONDS = 2.5


@pytest.mark.servers
@pytest.mark.timeout(400)  # a guard: it starts three servers, and waits for each
async def test_through_crashes_of_both_servers_each_status_ends_once(servers_folder: Path) -> None:
    kafka = EmbeddedKafka(servers_folder / "kafka-for-statuses")
    postgres = EmbeddedPostgres(servers_folder / "postgres-for-statuses", durable=False)
    async with kafka, postgres:
        settings = Settings(
            kafka_bootstrap_servers=kafka.bootstrap_servers,
            database_url=postgres.url,
            partitions=2,
            kafka_flush_each_append=False,
        )
        await asyncio.gather(asyncio.to_thread(apply_migrations, postgres.url), ensure_topics(settings))
        async with square_of(settings) as square:
            outages = [await crash_when_statuses_end(square, server) for server in (kafka, postgres)]
            fates = await fates_in(settings)
    assert fates.faults == []
    assert fates.stuck(utc_now()) == []
    assert fates.set_jobs == Counter(square.jobs)
    assert fates.cleared.keys() | fates.replaced == fates.set_jobs.keys()
    assert fates.replaced, "void: nothing was replaced"
    for outage in outages:
        late = [
            each for each in fates.cleared.values() if outage.due_at == each.due_at and each.recorded_at > outage.ends
        ]
        assert len(late) >= CERTAINLY_LATE, "void: hardly any had to wait for the server"
        assert max(each.recorded_at for each in late) < outage.over + timedelta(seconds=LATE_SECONDS)


@dataclass(frozen=True, slots=True)
class Outage:
    """When the statuses were due, when the server was still away, and when it was back."""

    due_at: datetime
    ends: datetime
    over: datetime


async def crash_when_statuses_end(square: Square, server: EmbeddedKafka | EmbeddedPostgres) -> Outage:
    """Kills a server when the schedule is at its work, and starts it again; returns when it has nothing left to do."""
    all_are_set, crashed, earlier = asyncio.Event(), asyncio.Event(), square.doors.clearings

    async def crash_on_the_way(clearing: ClearExpiredStatus) -> None:
        number = square.doors.clearings - earlier
        if number == REPLACED_AT:
            await square.set_status(clearing.user_id, None, "in the last moment")
        if number == CRASHES_AT:
            await all_are_set.wait()
            server.kill()
            crashed.set()

    square.doors.before = crash_on_the_way
    due_at = in_seconds(SET_SECONDS)
    await asyncio.gather(*(square.set_status(user, due_at) for user in people(EXPIRING)))
    await asyncio.gather(*(change_of_mind(square, user, due_at) for user in people(REPLACED)))
    all_are_set.set()
    async with asyncio.timeout(QUIET_SECONDS):
        await crashed.wait()
    ends = utc_now()
    await server.start()
    over = utc_now()
    await square.until_worked_off()
    return Outage(due_at, ends, over)


async def change_of_mind(square: Square, user: UserId, due_at: datetime) -> None:
    """Somebody replaces a status before its end by one that lasts."""
    await square.set_status(user, due_at)
    await square.set_status(user, None, "lasting")
