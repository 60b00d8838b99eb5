"""Of several projectors one follows; when it stands still or goes, another goes on, and nothing is applied twice."""

import asyncio
import os
import signal
import sys
from time import monotonic

import asyncpg
from aiokafka.structs import TopicPartition

from services.projector.checkpoints import HOLDING_SECONDS, Checkpoint, Move, give_up, hold, move
from shared.events.people import DisplayNameChanged
from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.fixtures.names import Database, Names, eventually, following, somebody, until_covered
from tests.fixtures.written_log import WrittenLog

USERS = StreamKind.USERS


async def test_only_one_of_three_follows_and_the_next_goes_on_at_once_when_it_leaves(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    people = [somebody() for _ in range(20)]
    async with following(service_settings, names.projection) as second:
        async with following(service_settings, names.projection) as first:
            await eventually(lambda: first.progress.following or second.progress.following)
            await log.write_many(USERS, [(each, [DisplayNameChanged("a")]) for each in people])
            await eventually(lambda: first.progress.applied_events + second.progress.applied_events == 20)
            assert first.progress.following != second.progress.following
        left = monotonic()
        await eventually(lambda: second.progress.following)
        assert monotonic() - left < HOLDING_SECONDS
        await log.write_many(USERS, [(each, [DisplayNameChanged("b")]) for each in people])
        await until_covered(log, second)

    assert {tuple(row) for row in await database.fetch("SELECT name, applied FROM names")} == {("b", 2)}


async def test_a_batch_of_a_projector_that_was_overtaken_changes_nothing_and_is_applied_once_by_whoever_follows(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada, second = somebody(), somebody()
    await log.write(USERS, ada, DisplayNameChanged("Ada"))
    async with following(service_settings, names.projection) as first:
        await until_covered(log, first)
        async with database.transaction():
            await database.execute("UPDATE following SET renewed_at = renewed_at - interval '1 minute'")
            assert await hold(database, second, first.partitions)
            await log.write(USERS, ada, DisplayNameChanged("Countess"))
            await eventually(lambda: _waits_to_move(service_settings))
        await eventually(lambda: not first.progress.following)
        assert await database.fetchval("SELECT name FROM names") == "Ada"
        await give_up(database, second)
        await until_covered(log, first)

    assert tuple(*await database.fetch("SELECT name, applied FROM names")) == ("Countess", 2)


async def test_a_checkpoint_moves_only_from_where_the_batch_starts(
    service_settings: Settings, log: WrittenLog, database: Database
) -> None:
    here, there = (TopicPartition(service_settings.topic(USERS), number) for number in (0, 1))
    holding = await hold(database, somebody(), [here, there])
    assert holding is not None
    assert await move(database, holding, [Move(here, 0, Checkpoint(7))])

    assert not await move(database, holding, [Move(here, 0, Checkpoint(9)), Move(there, 0, Checkpoint(9))])
    assert await move(database, holding, [Move(here, 7, Checkpoint(9))])


async def _waits_to_move(settings: Settings) -> bool:
    """Whether a batch has begun, and waits for whoever has locked the checkpoints."""
    connection = await asyncpg.connect(settings.database_url)  # in the test's own transaction nothing new would be seen
    try:
        waits = await connection.fetchval(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%UPDATE checkpoints%'
            """
        )
        return bool(waits)
    finally:
        await connection.close()


async def test_a_process_that_is_stopped_in_the_middle_of_a_batch_is_overtaken_and_changes_nothing_afterwards(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    """The whole program, stopped by a signal while its transaction is open."""
    ada = somebody()
    environment = {
        **os.environ,
        "KAFKA_BOOTSTRAP_SERVERS": service_settings.kafka_bootstrap_servers,
        "DATABASE_URL": service_settings.database_url,
        "TOPIC_PREFIX": service_settings.topic_prefix,
        "PARTITIONS": str(service_settings.partitions),
        "VERIFYING_KEY_FILE": str(service_settings.verifying_key_file),
        "QUERY_PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.projector", env=environment)
    try:
        holder = await eventually(lambda: database.fetchval("SELECT holder FROM following"), 20.0)
        await log.write(USERS, ada, DisplayNameChanged("Ada"))
        await eventually(lambda: database.fetchval("SELECT count(*) FROM checkpoints WHERE next_offset > 0"))
        async with database.transaction():
            await database.execute("SELECT FROM checkpoints FOR UPDATE")
            await log.write(USERS, ada, DisplayNameChanged("Ada L."))
            await asyncio.sleep(0.3)  # its batch waits for the lock now
            os.kill(process.pid, signal.SIGSTOP)
        async with following(service_settings, names.projection) as follower:
            await until_covered(log, follower)
            os.kill(process.pid, signal.SIGCONT)
            await log.write(USERS, ada, DisplayNameChanged("Countess"))
            await until_covered(log, follower)
            await asyncio.sleep(1.0)
            assert await database.fetchval("SELECT holder FROM following") != holder
            assert follower.progress.following
    finally:
        process.send_signal(signal.SIGTERM)
        ended = await asyncio.wait_for(process.wait(), 10.0)
    assert ended == 0
    checkpoint = await database.fetchval("SELECT sum(next_offset) FROM checkpoints")
    assert checkpoint == 4  # one claim and three events: each record counted once
