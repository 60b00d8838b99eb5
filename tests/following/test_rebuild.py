"""New tables are made beside the live ones while everything goes on; they are compared, switched, and switched back."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest

from migrations.apply import migrate_schema
from services.projector import secondary_indexes
from services.projector.projections import PROJECTIONS
from services.projector.rebuilding import Filling, Rebuilding
from services.projector.schemas import CannotSwitchError, exists
from shared.events.people import DisplayNameChanged, UserRegistered
from shared.events.statuses import StatusSet
from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.fixtures.names import Database, eventually, somebody
from tests.fixtures.query_service import QueryService, running_query_service
from tests.fixtures.written_log import WrittenLog

USERS = StreamKind.USERS


async def _people_join(log: WrittenLog, count: int) -> list[str]:
    people = [somebody() for _ in range(count)]
    await log.write_many(
        USERS, [(each, [UserRegistered(f"u_{each[:8]}", "first"), StatusSet(text="here")]) for each in people]
    )
    return people


async def _rename_forever(log: WrittenLog, people: Sequence[str]) -> None:
    for number in range(100_000):
        await log.write_many(USERS, [(each, [DisplayNameChanged(f"{number}")]) for each in random.sample(people, 5)])
        await asyncio.sleep(0.01)


async def _read_forever(service: QueryService, log: WrittenLog, person: str) -> None:
    """Reads one person whose names count upwards: none is ever missing, and none goes back."""
    highest = -1
    for number in range(100_000):
        position = await log.write(USERS, person, DisplayNameChanged(f"{number}"))
        answer = await service.get(f"/v1/users/{person}", min_position=str(position))
        assert answer.status == 200, answer
        seen = int(answer.body["display_name"])
        assert seen >= max(number, highest), "a reader went back"
        highest = seen
        await asyncio.sleep(0.01)


async def test_new_tables_are_filled_compared_and_switched_while_people_write_and_read(
    service_settings: Settings, log: WrittenLog, database: Database
) -> None:
    people = await _people_join(log, 300)
    reader = (await _people_join(log, 1))[0]
    rebuilding = Rebuilding(service_settings, PROJECTIONS)
    said: list[Filling] = []
    async with running_query_service(service_settings) as service:
        at_work = [
            asyncio.create_task(_rename_forever(log, people)),
            asyncio.create_task(_read_forever(service, log, reader)),
        ]
        try:
            await rebuilding.fill(said.append)
            compared = {each.table: each for each in await rebuilding.compare()}
            assert all(each.equal for each in compared.values())
            assert compared["users"].same == compared["user_statuses"].same == 301
            before = await database.fetchval("SELECT fence FROM read.following")
            await rebuilding.switch()
            await asyncio.sleep(0.5)
            await rebuilding.roll_back()
            await asyncio.sleep(0.5)
            assert await database.fetchval("SELECT fence FROM read.following") > before
        finally:
            for each in at_work:
                each.cancel()
            ended = await asyncio.gather(*at_work, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended
        await eventually(
            lambda: database.fetchval("SELECT sum(next_offset) >= $1 FROM checkpoints", sum(log.ends.values()))
        )
    assert {each.step for each in said} >= {"filling", "catching up"}
    assert said[-1].records == said[-1].of > 600
    assert await _secondary_indexes(database, "read") == await _secondary_indexes(database, "read_previous")


async def _secondary_indexes(database: Database, schema: str) -> set[str]:
    rows = await database.fetch("SELECT indexname FROM pg_indexes WHERE schemaname = $1", schema)
    return {row["indexname"] for row in rows}


async def test_a_rebuild_that_was_killed_goes_on_where_it_was(
    service_settings: Settings, log: WrittenLog, database: Database
) -> None:
    await _people_join(log, 5_000)
    async with running_query_service(service_settings):
        interrupted_at: list[int] = []
        for _ in range(2):
            rebuilding = Rebuilding(service_settings, PROJECTIONS)
            filling = asyncio.create_task(rebuilding.fill(lambda _: None))
            reached = await eventually(lambda: _filled_beyond(database, sum(interrupted_at)), 30.0)
            filling.cancel()
            await asyncio.wait([filling])
            interrupted_at.append(reached)
        said: list[Filling] = []
        await Rebuilding(service_settings, PROJECTIONS).fill(said.append)
        compared = await Rebuilding(service_settings, PROJECTIONS).compare()

    assert all(each.equal for each in compared)
    first = next(each for each in said if each.records)
    assert first.records >= interrupted_at[-1] > 0


async def test_a_rebuild_that_is_interrupted_while_indexes_are_made_has_all_of_them_once_it_has_resumed(
    service_settings: Settings, log: WrittenLog, database: Database
) -> None:
    await _people_join(log, 5)
    rebuilding = Rebuilding(service_settings, PROJECTIONS)
    async with running_query_service(service_settings):
        async with _no_index_of_users(service_settings, database):
            filling = asyncio.create_task(rebuilding.fill(lambda _: None))
            await eventually(lambda: _only_those_of_users_are_missing(database), 30.0)
            filling.cancel()
            await asyncio.wait([filling])
        assert await _to_come(database) > 0
        await rebuilding.fill(lambda _: None)

    assert await _to_come(database) == 0
    assert await _secondary_indexes(database, "read_next") == await _secondary_indexes(database, "read")


async def test_what_postgres_raises_while_indexes_are_made_is_raised_as_it_is_and_the_next_rebuild_makes_them(
    service_settings: Settings, log: WrittenLog, database: Database
) -> None:
    rebuilding = Rebuilding(service_settings, PROJECTIONS)
    async with running_query_service(service_settings):
        async with _no_index_of_users(service_settings, database):
            filling = asyncio.create_task(rebuilding.fill(lambda _: None))
            waiting = await eventually(lambda: _only_those_of_users_are_missing(database), 30.0)
            await database.execute("SELECT pg_cancel_backend($1)", waiting)
            with pytest.raises(asyncpg.QueryCanceledError):
                await filling
        await rebuilding.fill(lambda _: None)

    assert await _secondary_indexes(database, "read_next") == await _secondary_indexes(database, "read")


@asynccontextmanager
async def _no_index_of_users(settings: Settings, database: Database) -> AsyncIterator[None]:
    """A filling that was begun, and makes no index of the table users meanwhile: rows alone are let in."""
    await asyncio.to_thread(migrate_schema, settings.database_url, "read", "read_next")
    await secondary_indexes.put_aside(database, "read_next")
    async with database.transaction():
        await database.execute("LOCK TABLE read_next.users IN ROW EXCLUSIVE MODE")
        yield


async def _only_those_of_users_are_missing(database: Database) -> int | None:
    """The process that waits to make one of them, where all others are made."""
    if await database.fetchval("SELECT bool_or(name NOT LIKE 'users\\_by\\_%') FROM read_next.indexes_to_come"):
        return None
    waiting: int | None = await database.fetchval(
        "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'read_next.users'::regclass LIMIT 1"
    )
    return waiting


async def _to_come(database: Database) -> int:
    found: int = await database.fetchval("SELECT count(*) FROM read_next.indexes_to_come")
    return found


async def test_only_one_rebuilds_at_a_time(
    service_settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.projector.rebuilding.ALONE_SECONDS", 1)
    one, other = (Rebuilding(service_settings, PROJECTIONS) for _ in range(2))

    async with one.alone():
        with pytest.raises(CannotSwitchError, match="somebody else is rebuilding"):
            async with other.alone():
                pass
    async with other.alone():
        assert not await exists(database, "read_next")


async def _filled_beyond(database: Database, records: int) -> int:
    if not await exists(database, "read_next"):
        return 0
    filled = await database.fetchval("SELECT sum(next_offset)::bigint FROM read_next.checkpoints")
    return filled if (filled or 0) > records else 0


async def test_what_differs_is_found_row_by_row(
    service_settings: Settings, log: WrittenLog, database: Database
) -> None:
    people = await _people_join(log, 50)
    rebuilding = Rebuilding(service_settings, PROJECTIONS)
    async with running_query_service(service_settings):
        await rebuilding.fill(lambda _: None)
        await database.execute("UPDATE read.users SET display_name = 'x' WHERE user_id = $1", people[0])
        await database.execute("DELETE FROM read.users WHERE user_id = $1", people[1])
        await database.execute("DELETE FROM read_next.users WHERE user_id = $1", people[2])
        said: list[Filling] = []
        compared = await rebuilding.compare(said.append)
        users = next(each for each in compared if each.table == "users")

    rows = sum(each.rows for each in compared)
    assert (said[-1].step, said[-1].records, said[-1].of) == ("comparing", rows, rows)
    assert [each.records for each in said] == sorted(each.records for each in said)
    assert (users.same, users.different, users.missing, users.extra) == (47, 1, 1, 1)
    assert set(users.examples) == set(people[:3])


async def test_tables_that_lack_what_the_live_ones_have_are_not_switched_to(
    service_settings: Settings, log: WrittenLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.projector.rebuilding.SWITCH_SECONDS", 1.0)
    await _people_join(log, 50)
    rebuilding = Rebuilding(service_settings, PROJECTIONS)
    async with running_query_service(service_settings):
        with pytest.raises(CannotSwitchError, match="no schema read_next: `verbatim projections rebuild` makes one"):
            await rebuilding.switch()
        with pytest.raises(CannotSwitchError, match="no schema read_previous: there was no switch to go back from"):
            await rebuilding.roll_back()
        await rebuilding.fill(lambda _: None)
        await database.execute("UPDATE read.checkpoints SET next_offset = next_offset + 9 WHERE next_offset > 0")
        with pytest.raises(CannotSwitchError):
            await rebuilding.switch()

    assert await exists(database, "read_next")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("ALTER TABLE read_previous.users ALTER COLUMN kind TYPE varchar(9)", "the table users"),
        ("ALTER TABLE read_previous.users DROP COLUMN kind", "the table users"),
        ("ALTER TABLE read.users ADD COLUMN nickname text", "the table users"),
        ("ALTER TABLE read_previous.messages ALTER COLUMN flagged SET DEFAULT true", "the table messages"),
        ("DROP TABLE read_previous.user_statuses", "the index user_statuses_pkey, the table user_statuses"),
        ("DROP INDEX read.messages_by_words", "the index messages_by_words"),
        ("ALTER INDEX read_previous.messages_by_words RENAME TO found", "the index found, the index messages_by_words"),
        ("ALTER FUNCTION read.decomposed(text) PARALLEL RESTRICTED", "the function decomposed"),
        ("INSERT INTO read._yoyo_migration VALUES ('x', '0099.newer', now())", "the migration 0099.newer"),
    ],
)
async def test_a_schema_of_another_version_is_not_gone_back_to(
    service_settings: Settings, log: WrittenLog, database: Database, change: str, named: str
) -> None:
    rebuilding = Rebuilding(service_settings, PROJECTIONS)
    async with running_query_service(service_settings):
        await rebuilding.fill(lambda _: None)
        await rebuilding.switch()
        await database.execute(change)
        with pytest.raises(CannotSwitchError, match=f"another version, and not as read has it: {named}\\. "):
            await rebuilding.roll_back(although_behind=True)

    assert await exists(database, "read_previous")
