"""A log that is not the one the tables were made from is noticed at every start: that partition stops and says so."""

from shared.events.people import DisplayNameChanged
from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.fixtures.names import NAME, Database, Names, eventually, following, somebody, until_covered
from tests.fixtures.query_service import running_query_service
from tests.fixtures.written_log import WrittenLog

USERS = StreamKind.USERS


async def _somebody_in(log: WrittenLog, partition: int) -> str:
    while True:
        person = somebody()
        if log.partition(USERS, person).partition == partition:
            return person


async def test_a_partition_whose_log_has_another_record_there_stops_and_the_others_go_on(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada, bo = await _somebody_in(log, 0), await _somebody_in(log, 1)
    await log.write_many(USERS, [(ada, [DisplayNameChanged("Ada")]), (bo, [DisplayNameChanged("Bo")])])
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
    await database.execute(
        "UPDATE checkpoints SET last_record = decode('00', 'hex') WHERE topic LIKE '%users' AND partition = 0"
    )
    await log.write_many(USERS, [(ada, [DisplayNameChanged("Ada 2")]), (bo, [DisplayNameChanged("Bo 2")])])
    async with running_query_service(service_settings, (names.projection,), (NAME,)) as service:
        await eventually(lambda: database.fetchval("SELECT name = 'Bo 2' FROM names WHERE user_id = $1", bo))
        health = await service.get("/health")
        metrics = await (await service.session.get(f"{service.url}/metrics")).text()

        assert await database.fetchval("SELECT name FROM names WHERE user_id = $1", ada) == "Ada"
    assert (health.status, health.body["status"]) == (503, "error")
    assert "users-0 went back" in health.body["log_went_back"][0]
    assert "verbatim_projector_log_went_back 1.0" in metrics


async def test_a_log_that_is_shorter_than_the_tables_is_noticed_too(
    service_settings: Settings, names: Names, log: WrittenLog, database: Database
) -> None:
    ada = await _somebody_in(log, 0)
    await log.write(USERS, ada, DisplayNameChanged("Ada"))
    async with following(service_settings, names.projection) as follower:
        await until_covered(log, follower)
    await database.execute("UPDATE checkpoints SET next_offset = next_offset + 1 WHERE next_offset > 0")
    async with following(service_settings, names.projection) as follower:
        await eventually(lambda: follower.progress.went_back)
        await log.write(USERS, ada, DisplayNameChanged("Ada 2"), DisplayNameChanged("Ada 3"))
        await log.write(USERS, await _somebody_in(log, 1), DisplayNameChanged("Bo"))
        await eventually(lambda: follower.progress.applied_events == 1)

        assert await database.fetchval("SELECT name FROM names WHERE user_id = $1", ada) == "Ada"
