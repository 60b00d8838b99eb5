"""`chat.presence` is followed into `last_seen` beside the log: whatever is the matter with it, the log goes on."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.projector.projections import PROJECTIONS
from services.projector.rebuilding import Rebuilding
from shared.events.people import DisplayNameChanged, UserRegistered
from shared.identifiers import StreamKind
from shared.log.presence import encode_last_seen, presence_partition
from shared.log.topics import ensure_topics, partitions_of
from shared.settings import Settings
from tests.fixtures.names import Database, eventually, following, somebody, until_covered
from tests.fixtures.query_service import running_query_service
from tests.fixtures.written_log import WrittenLog
from tests.presence.topic import Topic, delete_topic, end_of, said, writing_presence

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
QUICKLY_COMPACTED = {
    "cleanup.policy": "compact",
    "segment.ms": "100",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "100",
    "min.cleanable.dirty.ratio": "0.01",
}
COMPACTED_SECONDS = 60.0


async def last_seen(database: Database, schema: str = "read") -> dict[str, datetime]:
    rows = await database.fetch(f"SELECT user_id::text, seen_at FROM {schema}.last_seen")
    return {row["user_id"]: row["seen_at"] for row in rows}


async def until_last_seen(database: Database, wanted: dict[str, datetime]) -> None:
    """Waits until the table holds exactly this."""

    async def holds() -> bool:
        return await last_seen(database) == wanted

    await eventually(holds)


async def ends_at(settings: Settings, offset: int) -> bool:
    return await end_of(settings) == offset


async def until_after(database: Database, settings: Settings, offset: int) -> None:
    """Waits until the record at this offset is in the table."""
    asked = "SELECT next_offset > $2 FROM checkpoints WHERE topic = $1"
    await eventually(lambda: database.fetchval(asked, presence_partition(settings).topic, offset))


@pytest.fixture
async def settings(service_settings: Settings) -> Settings:
    await ensure_topics(service_settings)
    return service_settings


async def test_the_last_that_was_said_of_somebody_counts(settings: Settings, database: Database) -> None:
    ada, ben = somebody(), somebody()
    async with following(settings), writing_presence(settings) as topic:
        for user_id, minutes in ((ada, 0), (ben, 1), (ada, 6), (ben, 11), (ada, 5)):
            await topic.say(user_id, NOON + timedelta(minutes=minutes))
        await until_last_seen(database, {ada: NOON + timedelta(minutes=5), ben: NOON + timedelta(minutes=11)})


async def test_whoever_is_forgotten_has_no_row(settings: Settings, database: Database) -> None:
    ada, ben = somebody(), somebody()
    async with following(settings), writing_presence(settings) as topic:
        await topic.say(ada, NOON)
        await topic.say(ben, NOON)
        await until_last_seen(database, {ada: NOON, ben: NOON})
        await topic.say(ada, None)
        await until_last_seen(database, {ben: NOON})
        await topic.say(ada, None)
        await topic.say(ada, NOON)
        await until_last_seen(database, {ada: NOON, ben: NOON})


async def test_whoever_follows_next_goes_on_where_the_last_one_was(settings: Settings, database: Database) -> None:
    ada, ben = somebody(), somebody()
    async with writing_presence(settings) as topic:
        async with following(settings):
            await topic.say(ada, NOON)
            await until_last_seen(database, {ada: NOON})
        await database.execute("DELETE FROM last_seen")
        await topic.say(ben, NOON)
        async with following(settings):
            await until_last_seen(database, {ben: NOON})


async def test_what_cannot_be_read_is_passed_over(settings: Settings, database: Database) -> None:
    ada = somebody()
    async with following(settings), writing_presence(settings) as topic:
        for key, value in ((b"ada", encode_last_seen(NOON)), (ada.encode(), b"{}")):
            await topic.write(key, value)
        await topic.say(ada, NOON)
        await until_last_seen(database, {ada: NOON})


async def test_offsets_that_hold_no_record_are_passed_over(settings: Settings, database: Database) -> None:
    partition, ada, ben = presence_partition(settings), somebody(), somebody()
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers, transactional_id=ada)
    await producer.start()
    try:
        async with following(settings), writing_presence(settings) as topic:
            async with producer.transaction():  # its end has an offset, at which there is no record
                await producer.send_and_wait(partition.topic, encode_last_seen(NOON), key=ada.encode(), partition=0)
            await eventually(lambda: ends_at(settings, 2))
            assert await topic.say(ben, NOON) == 2
            await until_last_seen(database, {ada: NOON, ben: NOON})
            await until_after(database, settings, 2)
    finally:
        await producer.stop()


async def test_a_place_at_which_there_is_no_record_any_more_is_reached_all_the_same(
    settings: Settings, database: Database
) -> None:
    partition, ada = presence_partition(settings), somebody()
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers, transactional_id=ada)
    await producer.start()
    async with producer.transaction():
        await producer.send_and_wait(partition.topic, encode_last_seen(NOON), key=ada.encode(), partition=0)
    await producer.stop()
    await eventually(lambda: ends_at(settings, 2))
    async with writing_presence(settings) as topic:
        await topic.say(somebody(), NOON)
    until = {partition: 2, **{each: 0 for kind in StreamKind for each in partitions_of(settings, kind)}}

    async with following(settings, until=until) as follower:
        await eventually(lambda: follower.reaches(until))

    assert await last_seen(database) == {ada: NOON}


async def _begun_anew(settings: Settings, database: Database, topic: Topic, ben: str) -> None:
    """The topic is another one: what the first said of Ada is not in it."""
    await topic.say(ben, NOON)
    async with following(settings):
        await until_last_seen(database, {ben: NOON})


async def test_a_topic_that_was_made_anew_is_followed_from_its_beginning(
    settings: Settings, database: Database
) -> None:
    ada, ben = somebody(), somebody()
    async with writing_presence(settings) as topic, following(settings):
        for minutes in range(3):
            await topic.say(ada, NOON + timedelta(minutes=minutes))
        await until_last_seen(database, {ada: NOON + timedelta(minutes=2)})
    await delete_topic(settings)
    await ensure_topics(settings)
    async with writing_presence(settings) as topic:
        await _begun_anew(settings, database, topic, ben)


async def test_a_topic_with_another_record_before_is_followed_from_its_beginning(
    settings: Settings, database: Database
) -> None:
    ada, ben = somebody(), somebody()
    async with writing_presence(settings) as topic:
        await topic.say(ben, NOON)
        async with following(settings):
            await until_last_seen(database, {ben: NOON})
        await database.execute(
            "UPDATE checkpoints SET last_record = '\\x00' WHERE topic = $1", presence_partition(settings).topic
        )
        await database.execute("INSERT INTO last_seen VALUES ($1, now())", ada)
        await _begun_anew(settings, database, topic, ben)


async def test_without_the_topic_the_log_is_followed_and_all_is_well(
    settings: Settings, log: WrittenLog, database: Database
) -> None:
    await delete_topic(settings)
    ada = somebody()
    async with running_query_service(settings) as service:
        position = await log.write(StreamKind.USERS, ada, UserRegistered("ada", "Ada"))
        seen = await service.get("/v1/me", by=ada, min_position=str(position))
        health = await service.get("/health")
        assert (seen.status, seen.body["last_seen_at"], health.status) == (200, None, 200)
        await ensure_topics(settings)
        async with writing_presence(settings) as topic:
            await topic.say(ada, NOON)
            await until_last_seen(database, {ada: NOON})
        assert (await service.get("/v1/me", by=ada)).body["last_seen_at"] == "2026-03-02T12:00:00.000Z"


async def test_whatever_is_the_matter_with_it_the_log_is_followed_by_the_same_holder(
    settings: Settings, log: WrittenLog, database: Database
) -> None:
    ada = somebody()
    async with following(settings, *PROJECTIONS) as follower, writing_presence(settings) as topic:
        await log.write(StreamKind.USERS, ada, UserRegistered("ada", "Ada"))
        await until_covered(log, follower)
        fence = await database.fetchval("SELECT fence FROM following")
        await database.execute("ALTER TABLE last_seen RENAME TO elsewhere")
        await topic.say(ada, NOON)
        await eventually(lambda: follower.presence.failures >= 2)
        await log.write(StreamKind.USERS, ada, DisplayNameChanged("Countess"))
        await until_covered(log, follower)
        await database.execute("ALTER TABLE elsewhere RENAME TO last_seen")
        await until_last_seen(database, {ada: NOON})
        assert await database.fetchval("SELECT fence FROM following") == fence


async def test_new_tables_are_filled_from_the_topic_too_and_compared_with_the_live_ones(
    settings: Settings, log: WrittenLog, database: Database
) -> None:
    people = [somebody() for _ in range(20)]
    await log.write_many(StreamKind.USERS, [(each, [UserRegistered(f"u_{each[:8]}", "Ada")]) for each in people])
    rebuilding = Rebuilding(settings, PROJECTIONS)
    async with following(settings, *PROJECTIONS) as follower, writing_presence(settings) as topic:
        for each in people:
            await topic.say(each, NOON)
        await topic.say(people[0], None)
        await until_covered(log, follower)
        await rebuilding.fill(lambda _: None)
        await topic.say(people[1], NOON + timedelta(minutes=5))  # behind what the new tables were filled with

        compared = {each.table: each for each in await rebuilding.compare()}
        assert (compared["last_seen"].equal, compared["last_seen"].same) == (True, 19)

        await database.execute("UPDATE last_seen SET seen_at = now() WHERE user_id = $1", people[2])
        await database.execute("DELETE FROM last_seen WHERE user_id = $1", people[3])
        compared = {each.table: each for each in await rebuilding.compare()}
        assert (compared["last_seen"].different, compared["last_seen"].extra) == (1, 1)

        await rebuilding.switch()
        await topic.say(people[4], NOON + timedelta(minutes=10))
        await until_last_seen(
            database,
            dict.fromkeys(people[1:], NOON)
            | {people[1]: NOON + timedelta(minutes=5), people[4]: NOON + timedelta(minutes=10)},
        )


async def _say_forever(topic: Topic, people: list[str]) -> None:
    for number in range(100_000):
        await asyncio.gather(*(topic.say(each, NOON + timedelta(seconds=number)) for each in people))


async def test_tables_are_compared_at_the_same_place_while_people_are_seen(settings: Settings, log: WrittenLog) -> None:
    rebuilding = Rebuilding(settings, PROJECTIONS)
    people = [somebody() for _ in range(20)]
    await log.write_many(StreamKind.USERS, [(each, [UserRegistered(f"u_{each[:8]}", "Ada")]) for each in people])
    async with following(settings, *PROJECTIONS), writing_presence(settings) as topic:
        saying = asyncio.create_task(_say_forever(topic, people))
        try:
            await rebuilding.fill(lambda _: None)
            compared = [each for _ in range(3) for each in await rebuilding.compare() if each.table == "last_seen"]
        finally:
            saying.cancel()
            await asyncio.wait([saying])
    assert [(each.equal, each.same) for each in compared] == [(True, 20)] * 3


async def test_what_was_compacted_away_is_not_missed_by_new_tables(service_settings: Settings, database: Any) -> None:
    partition = presence_partition(service_settings)
    admin = AIOKafkaAdminClient(bootstrap_servers=service_settings.kafka_bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(partition.topic, 1, 1, topic_configs=QUICKLY_COMPACTED)])
    await admin.close()
    await ensure_topics(service_settings)
    ada, ben, cy = somebody(), somebody(), somebody()
    rebuilding = Rebuilding(service_settings, PROJECTIONS)
    async with following(service_settings, *PROJECTIONS), writing_presence(service_settings) as topic:
        for minutes in range(50):
            await topic.say(ada, NOON + timedelta(minutes=minutes))
            await topic.say(cy, NOON + timedelta(minutes=minutes))
        await topic.say(cy, None)

        async def is_compacted() -> bool:
            await topic.say(ben, NOON)  # makes another segment, and so the one before it an old one
            await asyncio.sleep(0.2)
            return len([each for each, _ in await said(service_settings) if each == ada]) == 1

        await eventually(is_compacted, COMPACTED_SECONDS)
        await rebuilding.fill(lambda _: None)
        compared = {each.table: each for each in await rebuilding.compare()}

    assert await last_seen(database) == {ada: NOON + timedelta(minutes=49), ben: NOON}
    assert (compared["last_seen"].equal, compared["last_seen"].same) == (True, 2)
