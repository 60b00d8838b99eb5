"""The schedule follows the log: in one place at a time, from where the table says, whatever goes wrong on the way."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg
import psutil
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition
from prometheus_client import REGISTRY

from services.command.expiration.changes import changes_of
from services.command.expiration.expiring import Expiration
from services.command.expiration.following import GROUP
from services.command.expiration.schedule import Place, Schedule
from shared.events.domain_event import DomainEvent, Recorded
from shared.events.statuses import DndSet, StatusCleared, StatusSet
from shared.identifiers import CommandId, JobId, StreamId, StreamKind, UserId
from shared.log.records import Claim
from tests.expiration.town import Town, people
from tests.fixtures.names import eventually
from tests.statuses.examples import HOUR, MONDAY_NOON

CLOSED_PORT = "127.0.0.1:1"


async def test_several_processes_share_the_partitions_and_whoever_is_left_has_all(town: Town) -> None:
    users = people(12)
    for each in users[:6]:
        await town.sets_status(each)
    one = await town.expiration("one")
    await eventually(lambda: len(one.follower.partitions) == 2)
    two = await town.expiration("two")
    await eventually(lambda: len(one.follower.partitions) == len(two.follower.partitions) == 1)
    for each in users[6:]:
        await town.sets_status(each)
    await eventually(town.followed_to_the_end)
    await town.stop(one)
    await eventually(lambda: len(two.follower.partitions) == 2)
    town.clock.pass_by(HOUR)
    two.clearing.wake()
    await eventually(lambda: all(len(town.happened_to(each)) == 2 for each in users))
    await eventually(lambda: all_done(town, 12))
    assert len(town.doors.submitted) == 24, "a job was seen to twice"


async def test_it_resumes_where_the_table_says(town: Town, anna: UserId) -> None:
    await town.sets_status(anna)
    one = await town.expiration("one")
    await eventually(town.followed_to_the_end)
    await town.stop(one)
    await town.sets_status(anna, 2 * HOUR, "Back")
    await town.pool.execute("UPDATE expiration.jobs SET attempts = 2")
    await town.expiration("one")
    await eventually(town.followed_to_the_end)
    assert [(job["due_at"], job["attempts"]) for job in await town.jobs()] == [(MONDAY_NOON + 2 * HOUR, 0)]


async def test_of_two_who_follow_one_stretch_only_the_first_counts(town: Town) -> None:
    first, second = people(2)
    schedule, partition = Schedule(town.pool, "expiration"), TopicPartition("users", 0)
    start = (await schedule.place(partition)).next_offset
    end = Place(7, Claim(0, 1), b"last")
    assert await schedule.advance(partition, start, end, changes_of([recorded(first, status(first, 1))]))
    assert not await schedule.advance(partition, start, end, changes_of([recorded(second, status(second, 1))]))
    assert [job["job_id"] for job in await town.jobs()] == [status(first, 1).job_id]
    assert await schedule.place(partition) == end


async def test_what_does_not_count_is_not_scheduled(town: Town, anna: UserId) -> None:
    await town.sets_status(anna)
    partition = town.log.partition(StreamKind.USERS, anna)
    old = town.log.claims[partition]
    await town.log.claim(partition)
    void = StatusSet(text="Void", expires_at=MONDAY_NOON + HOUR / 2, job_id=JobId(f"status-{anna}-1"))
    last = await town.log.write(StreamKind.USERS, anna, void, claim=old)
    town.doors.ends[last.partition] = last.offset + 1
    await town.expiration()
    await eventually(town.followed_to_the_end)
    assert [job["due_at"] for job in await town.jobs()] == [MONDAY_NOON + HOUR]


async def test_a_record_that_nobody_can_read_keeps_nothing_up(town: Town, anna: UserId) -> None:
    await town.log.claim(town.log.partition(StreamKind.USERS, anna))
    await town.log.write_raw(town.log.partition(StreamKind.USERS, anna), b"{", anna.encode())
    await town.sets_status(anna)
    await town.expiration()
    await eventually(town.followed_to_the_end)
    assert len(await town.jobs()) == 1


async def test_of_many_changes_in_one_stretch_the_last_counts(town: Town) -> None:
    anna, ben, cat = people(3)
    for user, events in (
        (anna, [status(anna, 1), status(anna, 2), DndSet(True)]),
        (ben, [status(ben, 1), StatusCleared("cleared")]),
        (cat, [status(cat, 1), cleared(cat, 1), status(cat, 2)]),
    ):
        last = await town.log.write(StreamKind.USERS, user, *events)
        town.doors.ends[last.partition] = last.offset + 1
    await town.expiration()
    await eventually(town.followed_to_the_end)
    assert {job["job_id"] for job in await town.jobs()} == {status(anna, 2).job_id, status(cat, 2).job_id}


async def test_it_stops_where_the_log_went_back_and_says_so(town: Town, anna: UserId) -> None:
    await town.sets_status(anna)
    await town.stop(await following_to_the_end(town))
    await town.pool.execute("UPDATE expiration.positions SET last_record = 'another' WHERE next_offset > 0")
    one = await town.expiration()
    await eventually(lambda: not one.health()["well"])
    [why] = one.health()["trouble"].values()
    assert "the log went back" in why
    await town.sets_status(anna, 2 * HOUR, "Back")
    assert [job["due_at"] for job in await town.jobs()] == [MONDAY_NOON + HOUR]


async def test_it_stops_where_the_log_is_shorter_than_what_was_followed(town: Town, anna: UserId) -> None:
    await town.sets_status(anna)
    await town.stop(await following_to_the_end(town))
    await town.pool.execute("UPDATE expiration.positions SET next_offset = next_offset + 5 WHERE next_offset > 0")
    one = await town.expiration()
    await eventually(lambda: not one.health()["well"])


async def test_it_stops_where_the_log_lost_its_beginning(town: Town, anna: UserId) -> None:
    await town.sets_status(anna)
    await town.sets_status(anna, 2 * HOUR, "Back")
    partition = town.log.partition(StreamKind.USERS, anna)
    admin = AIOKafkaAdminClient(bootstrap_servers=town.settings.kafka_bootstrap_servers)
    await admin.start()
    await admin.delete_records({partition: RecordsToDelete(before_offset=2)})
    await admin.close()
    one = await town.expiration()
    await eventually(lambda: not one.health()["well"])
    assert await town.jobs() == []


async def test_it_looks_again_when_a_connection_was_lost_that_is_there_again(town: Town, anna: UserId) -> None:
    await town.sets_status(anna)
    one = await following_to_the_end(town)
    await eventually(lambda: one.follower.connected)
    await town.pool.execute("UPDATE expiration.positions SET last_record = 'another' WHERE next_offset > 0")
    cut_connections_to(town.settings.kafka_bootstrap_servers)
    await eventually(lambda: not one.health()["well"])


async def test_lag_tools_and_metrics_are_told_how_far_it_is(town: Town, anna: UserId) -> None:
    await town.sets_status(anna)
    await following_to_the_end(town)
    partition = town.log.partition(StreamKind.USERS, anna)
    end = town.doors.ends[partition.partition]
    admin = AIOKafkaAdminClient(bootstrap_servers=town.settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        await eventually(lambda: committed(admin, town, partition, end))
    finally:
        await admin.close()
    lag = {"partition": f"{partition.topic}-{partition.partition}"}
    await eventually(lambda: REGISTRY.get_sample_value("verbatim_expiration_lag_records", lag) == 0)


async def test_the_schedule_can_be_made_anew_while_it_is_followed(town: Town, anna: UserId) -> None:
    await town.sets_status(anna)
    one = await following_to_the_end(town)
    before = [dict(job) | {"changed_at": None} for job in await town.jobs()]
    await Schedule(town.pool, "expiration").begin_again()
    await town.sets_status(people(1)[0], 2 * HOUR)
    await town.log.write(StreamKind.USERS, anna, DndSet(True))
    await eventually(town.followed_to_the_end)
    await eventually(lambda: has_jobs(town, 2))
    assert [dict(job) | {"changed_at": None} for job in await town.jobs()][:1] == before
    assert one.health()["well"]


async def test_it_goes_on_when_postgres_was_away(town: Town, anna: UserId, postgres_url: str) -> None:
    one = await town.expiration()
    await town.sets_status(anna)
    await eventually(town.followed_to_the_end)
    async with postgres_away(town, postgres_url):
        await town.sets_status(anna, 2 * HOUR, "Back")
        town.clock.pass_by(2 * HOUR)
        one.clearing.wake()
        await eventually(lambda: not one.health()["well"])
    one.clearing.wake()
    await eventually(lambda: len(town.happened_to(anna)) == 3)
    await eventually(lambda: one.health()["well"])


async def test_without_kafka_it_starts_and_stops_all_the_same(town: Town) -> None:
    settings = replace(town.settings, kafka_bootstrap_servers=CLOSED_PORT)
    one = Expiration(settings, town.pool, town.doors)
    async with asyncio.timeout(6):
        await one.start()
        await asyncio.sleep(0.2)
        assert not one.health()["connected"]
        await one.stop()


async def test_a_part_that_has_ended_is_told(town: Town) -> None:
    one = await town.expiration()
    await eventually(lambda: one.health()["well"] and one.follower.connected)
    one.follower.stop()
    await eventually(lambda: not one.health()["well"])


@asynccontextmanager
async def postgres_away(town: Town, postgres_url: str) -> AsyncIterator[None]:
    """Nobody can use the town's database meanwhile."""
    name = urlsplit(town.settings.database_url).path.strip("/")
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    try:
        yield
    finally:
        await connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
        await connection.close()


async def following_to_the_end(town: Town) -> Expiration:
    made = await town.expiration()
    await eventually(town.followed_to_the_end)
    return made


def status(user: UserId, number: int) -> StatusSet:
    return StatusSet(
        text="x", expires_at=MONDAY_NOON + timedelta(hours=number), job_id=JobId(f"status-{user}-{number}")
    )


def recorded(user: UserId, event: DomainEvent) -> Recorded:
    return Recorded(StreamId(user), 1, MONDAY_NOON, user, CommandId("c"), 0, "", event)


def cleared(user: UserId, number: int) -> StatusCleared:
    return StatusCleared("expired", status(user, number).job_id, status(user, number).expires_at)


def cut_connections_to(server: str) -> None:
    """Ends every connection that this process has to a server, which goes on."""
    for each in psutil.Process().net_connections("tcp"):
        if each.status == psutil.CONN_ESTABLISHED and server.endswith(f":{each.raddr.port}"):
            with socket.socket(fileno=os.dup(each.fd)) as connection:
                connection.shutdown(socket.SHUT_RDWR)


async def committed(admin: AIOKafkaAdminClient, town: Town, partition: TopicPartition, offset: int) -> bool:
    """Whether the group has told Kafka that it is there."""
    told = await admin.list_consumer_group_offsets(f"{town.settings.topic_prefix}{GROUP}")
    return bool(told) and told[partition].offset == offset


async def all_done(town: Town, count: int) -> bool:
    return await town.states() == ["done"] * count


async def has_jobs(town: Town, count: int) -> bool:
    return len(await town.jobs()) == count
