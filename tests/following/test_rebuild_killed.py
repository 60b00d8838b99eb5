"""`verbatim projections rebuild` is killed in the middle, and goes on from there when it is run again."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from migrations.apply import migrate_schema
from services.projector.ahead import BATCH_RECORDS
from shared.events.people import DisplayNameChanged, UserRegistered
from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.fixtures.names import Database, eventually, somebody
from tests.fixtures.query_service import running_query_service
from tests.fixtures.written_log import WrittenLog

USERS = StreamKind.USERS
HALF_WAY = 7_001  # the number of an advisory lock
PEOPLE = BATCH_RECORDS + 200


@pytest.mark.timeout(240)
async def test_a_rebuild_that_is_killed_half_way_goes_on_from_there_is_found_equal_and_switched_to(
    service_settings: Settings, log: WrittenLog, database: Database
) -> None:
    await _register(log, _in_one_partition(log, PEOPLE), "stays")
    async with running_query_service(service_settings), _people_who_go_on(log) as others:
        await _stop_each_filling_half_way(service_settings, database)
        process = await _rebuild(service_settings)
        await eventually(lambda: _waits_half_way(database), 60.0)
        os.kill(process.pid, signal.SIGKILL)
        await process.communicate()
        kept = await _rows_as_written(database, "read_next")
        total = sum(log.ends.values())
        assert 0 < await database.fetchval("SELECT sum(next_offset) FROM read_next.checkpoints") < total
        assert 0 < len(kept) < PEOPLE
        await _let_fillings_through(database)

        process = await _rebuild(service_settings)
        said, trouble = await asyncio.wait_for(process.communicate(), 120.0)
        went_on = sum(log.ends.values())

    assert process.returncode == 0, trouble.decode()
    report = json.loads(said)
    assert (report["equal"], report["switched"]) == (True, True)
    assert kept <= await _rows_as_written(database, "read")
    assert await database.fetchval("SELECT count(*) FROM read.users") == PEOPLE + len(others)
    assert went_on > total


def _in_one_partition(log: WrittenLog, count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        person = somebody()
        if log.partition(USERS, person).partition == 0:
            found.append(person)
    return found


async def _register(log: WrittenLog, people: list[str], name: str) -> None:
    await log.write_many(USERS, [(each, [UserRegistered(f"u_{each[:8]}", name)]) for each in people])


@asynccontextmanager
async def _people_who_go_on(log: WrittenLog) -> AsyncIterator[list[str]]:
    """Others who change their names again and again meanwhile."""
    people = [somebody() for _ in range(20)]
    await _register(log, people, "goes on")

    async def rename() -> None:
        for number in range(100_000):
            await log.write_many(USERS, [(each, [DisplayNameChanged(f"{number}")]) for each in people])
            await asyncio.sleep(0.02)

    renaming = asyncio.create_task(rename())
    try:
        yield people
    finally:
        renaming.cancel()
        await asyncio.wait([renaming])
    assert renaming.cancelled()


async def _stop_each_filling_half_way(settings: Settings, database: Database) -> None:
    """No batch that goes beyond the first one's limit is committed into `read_next` while the test holds the lock."""
    await asyncio.to_thread(migrate_schema, settings.database_url, "read", "read_next")
    await database.execute(
        f"""
        SELECT pg_advisory_lock({HALF_WAY});
        CREATE FUNCTION read_next.wait_half_way() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_advisory_xact_lock_shared({HALF_WAY}); RETURN new; END';
        CREATE TRIGGER wait_half_way BEFORE UPDATE ON read_next.checkpoints
            FOR EACH ROW WHEN (new.next_offset > {BATCH_RECORDS}) EXECUTE FUNCTION read_next.wait_half_way();
        """
    )


async def _waits_half_way(database: Database) -> bool:
    waits = await database.fetchval(
        f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {HALF_WAY} AND NOT granted"
    )
    return bool(waits)


async def _let_fillings_through(database: Database) -> None:
    await database.execute(f"SELECT pg_advisory_unlock({HALF_WAY})")
    await database.execute(
        "DROP TRIGGER wait_half_way ON read_next.checkpoints; DROP FUNCTION read_next.wait_half_way()"
    )


async def _rows_as_written(database: Database, schema: str) -> set[tuple[str, str]]:
    """Each person of the first partition with the transaction that wrote their row: a table begun anew has others."""
    rows = await database.fetch(f"SELECT user_id::text, xmin::text FROM {schema}.users WHERE display_name = 'stays'")
    return {(row["user_id"], row["xmin"]) for row in rows}


async def _rebuild(settings: Settings) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "DATABASE_URL": settings.database_url,
        "TOPIC_PREFIX": settings.topic_prefix,
        "PARTITIONS": str(settings.partitions),
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.operator", "projections", "rebuild", "--json"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
