"""Rows and offsets move together, and every record that counts is applied once."""

import asyncio

import asyncpg

from shared.events.people import AvatarChanged, DisplayNameChanged
from shared.identifiers import StreamKind
from shared.log.records import Claim
from shared.settings import Settings
from tests.fixtures.names import Database, Names, eventually, following, somebody, until_covered
from tests.fixtures.written_log import WrittenLog

USERS = StreamKind.USERS


async def applied(database: Database) -> dict[str, tuple[str, int]]:
    rows = await database.fetch("SELECT user_id::text, name, applied FROM names")
    return {row["user_id"]: (row["name"], row["applied"]) for row in rows}


async def test_what_is_recorded_is_soon_in_the_tables(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada, bo = somebody(), somebody()
    await log.write(USERS, ada, DisplayNameChanged("Ada"), AvatarChanged("https://a.example/1"))
    async with following(service_settings, names.projection) as follower:
        await log.write(USERS, bo, DisplayNameChanged("Bo"))
        await log.write(USERS, ada, DisplayNameChanged("Ada L."))

        await eventually(lambda: follower.progress.applied_events == 4)

    assert await applied(database) == {ada: ("Ada L.", 3), bo: ("Bo", 1)}
    assert await database.fetchval("SELECT avatar FROM names WHERE user_id = $1", ada) == "https://a.example/1"


async def test_each_checkpoint_covers_exactly_what_is_in_the_tables(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    positions = await log.write_many(USERS, [(somebody(), [DisplayNameChanged(f"n{n}")]) for n in range(3_000)])

    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)

    ends = {
        row["partition"]: row["next_offset"]
        for row in await database.fetch("SELECT * FROM checkpoints WHERE topic LIKE '%users'")
    }
    assert ends == {
        partition: 1 + max(each.offset for each in positions if each.partition == partition) for partition in ends
    }
    assert await database.fetchval("SELECT count(*) FROM names") == 3_000


async def test_a_batch_that_is_interrupted_leaves_nothing_and_is_applied_once_afterwards(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    people = [somebody() for _ in range(50)]
    interruptions = 0

    async def interrupt() -> None:
        nonlocal interruptions
        interruptions += 1
        if interruptions <= 3:
            raise asyncpg.ConnectionDoesNotExistError("cut off after the rows, before the commit")

    names.interrupt = interrupt
    await log.write_many(USERS, [(each, [DisplayNameChanged("x")]) for each in people * 4])
    async with following(service_settings, names.projection) as follower:
        await eventually(lambda: follower.progress.applied_events == 200)

    assert interruptions > 3
    assert await applied(database) == dict.fromkeys(people, ("x", 4))


async def test_a_follower_that_is_ended_in_the_middle_is_gone_on_with_where_its_last_commit_was(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    people = [somebody() for _ in range(40)]
    in_the_middle = asyncio.Event()

    async def hang() -> None:
        in_the_middle.set()
        await asyncio.sleep(60)

    for round_ in range(5):
        await log.write_many(USERS, [(each, [DisplayNameChanged(f"{round_}")]) for each in people])
        names.interrupt = hang
        in_the_middle.clear()
        async with following(service_settings, names.projection):
            await asyncio.wait_for(in_the_middle.wait(), 10)
        names.interrupt = None
        async with following(service_settings, names.projection) as follower:
            await until_covered(log, follower)

    assert await applied(database) == dict.fromkeys(people, ("4", 5))


async def test_what_is_written_under_an_older_claim_does_not_count(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada = somebody()
    partition = log.partition(USERS, ada)
    old = await log.claim(partition)
    await log.write(USERS, ada, DisplayNameChanged("Ada"))
    await log.claim(partition)
    await log.write(USERS, ada, DisplayNameChanged("a zombie's"), claim=old)
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
        await log.write(USERS, ada, DisplayNameChanged("a stranger's"), claim=Claim(10**6, 10**6))
        await log.write(USERS, ada, DisplayNameChanged("of the claim before"), claim=old)
        await log.write(USERS, ada, AvatarChanged("https://a.example/2"))
        await eventually(lambda: follower.progress.applied_events == 2)

    assert await applied(database) == {ada: ("Ada", 2)}


async def test_records_that_come_again_change_nothing(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada = somebody()
    await log.write_many(USERS, [(ada, [DisplayNameChanged(f"{n}")]) for n in range(100)])
    for _ in range(5):
        async with following(service_settings, names.projection) as follower:
            await until_covered(log, follower)

    assert await applied(database) == {ada: ("99", 100)}
