"""What is told to `chat.presence`, against a real Kafka."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from services.command.presence import Presence
from services.command.presence.noticing import NOTICED_SECONDS, Noticed
from shared.identifiers import UserId
from shared.log.topics import ensure_topics
from shared.settings import Settings
from shared.web.problems import Unavailable
from tests.fixtures.names import eventually
from tests.presence.clocks import NOON, Clock
from tests.presence.topic import delete_topic, said_of


def somebody() -> UserId:
    return UserId(str(uuid4()))


@pytest.fixture
async def settings(service_settings: Settings) -> Settings:
    await ensure_topics(service_settings)
    return service_settings


@asynccontextmanager
async def telling(
    settings: Settings, clock: Clock | None = None, left: frozenset[UserId] = frozenset()
) -> AsyncIterator[Presence]:
    presence = Presence(settings, left.__contains__, Noticed(clock=clock or Clock()))
    presence.start()
    try:
        yield presence
    finally:
        await presence.stop()


async def until_said(settings: Settings, user_id: UserId, *seen_at: datetime | None) -> None:
    """Waits until exactly this was said of somebody."""

    async def is_said() -> bool:
        return await said_of(settings, user_id) == list(seen_at)

    await eventually(is_said)


async def test_somebody_who_asks_again_and_again_is_told_of_every_five_minutes(settings: Settings) -> None:
    clock, ada = Clock(), somebody()
    async with telling(settings, clock) as presence:
        times = []
        for _ in range(3):
            times.append(clock.time)
            for _ in range(50):
                presence.notice(ada, clock.time)
                clock.seconds += NOTICED_SECONDS / 50
            await until_said(settings, ada, *times)


async def test_many_are_told_of_together(settings: Settings) -> None:
    people = [somebody() for _ in range(5_000)]
    async with telling(settings) as presence:
        for number, each in enumerate(people):
            presence.notice(each, NOON + timedelta(seconds=number))
        await until_said(settings, people[-1], NOON + timedelta(seconds=4_999))
    await until_said(settings, people[0], NOON)


async def test_who_starts_again_tells_of_somebody_once_more_at_most(settings: Settings) -> None:
    ada = somebody()
    for seconds in (0, 1):
        async with telling(settings) as presence:
            for _ in range(5):
                presence.notice(ada, NOON + timedelta(seconds=seconds))
    await until_said(settings, ada, NOON, NOON + timedelta(seconds=1))


async def test_whoever_left_is_forgotten_and_nothing_comes_behind_that(settings: Settings) -> None:
    clock, ada = Clock(), somebody()
    async with telling(settings, clock) as presence:
        presence.notice(ada, NOON)
        await until_said(settings, ada, NOON)
        clock.seconds += NOTICED_SECONDS
        presence.notice(ada, clock.time)  # which is yet to be told
        await presence.forget(ada)
        presence.notice(ada, clock.time)
    await until_said(settings, ada, NOON, None)


async def test_of_whoever_left_meanwhile_nothing_is_told(settings: Settings) -> None:
    ada, ben = somebody(), somebody()
    async with telling(settings, left=frozenset({ada})) as presence:
        for each in (ada, ben):
            presence.notice(each, NOON)
        await until_said(settings, ben, NOON)
    await until_said(settings, ada)


async def test_what_cannot_be_told_is_told_when_it_can_be(settings: Settings) -> None:
    ada = somebody()
    await delete_topic(settings)
    async with telling(settings) as presence:
        presence.notice(ada, NOON)
        await eventually(lambda: presence.failures >= 2)
        with pytest.raises(Unavailable):
            await presence.forget(somebody())
        await ensure_topics(settings)
        await until_said(settings, ada, NOON)


async def test_without_kafka_nobody_waits_and_it_ends_in_time(settings: Settings) -> None:
    nowhere = replace(settings, kafka_bootstrap_servers="127.0.0.1:1")
    async with asyncio.timeout(5.0), telling(nowhere) as presence:
        for _ in range(1_000):
            presence.notice(somebody(), NOON)
        await eventually(lambda: presence.failures > 0)
