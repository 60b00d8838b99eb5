"""`verbatim projections` and `verbatim parked`, as an operator types them."""

import asyncio
import json

from click.testing import CliRunner, Result

from services.operator.parked import parked
from services.operator.projections import projections
from shared.events.people import UserRegistered
from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.fixtures.names import Database, eventually, somebody
from tests.fixtures.query_service import running_query_service
from tests.fixtures.written_log import WrittenLog


async def _type(settings: Settings, *words: str) -> Result:
    group = {"projections": projections, "parked": parked}[words[0]]
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "DATABASE_URL": settings.database_url,
        "TOPIC_PREFIX": settings.topic_prefix,
        "PARTITIONS": str(settings.partitions),
    }
    return await asyncio.to_thread(CliRunner().invoke, group, words[1:], env=environment)


async def test_an_operator_rebuilds_compares_and_goes_back(
    service_settings: Settings, log: WrittenLog, database: Database
) -> None:
    people = [somebody() for _ in range(20)]
    await log.write_many(StreamKind.USERS, [(each, [UserRegistered(f"u{each[:6]}", "x")]) for each in people])
    async with running_query_service(service_settings):
        await eventually(lambda: database.fetchval("SELECT count(*) = 20 FROM users"))
        rebuilt = await _type(service_settings, "projections", "rebuild", "--json")
        status = await _type(service_settings, "projections", "status", "--json")
        back = await _type(service_settings, "projections", "rollback")
        nothing = await _type(service_settings, "projections", "compare")

    assert rebuilt.exit_code == 0, rebuilt.output
    report = json.loads(rebuilt.stdout)
    assert report["switched"] is True
    assert {each["table"]: each["same"] for each in report["tables"]}["users"] == 20
    assert "filling: " in rebuilt.stderr
    roles = {each["role"]: each for each in json.loads(status.stdout)}
    assert roles.keys() == {"live", "previous"}
    assert roles["live"]["records"] == sum(log.ends.values())
    assert back.exit_code == 0, back.output
    assert (nothing.exit_code, "there is no schema read_next" in nothing.output) == (1, True)


async def test_an_operator_sees_what_is_parked_and_releases_it(
    service_settings: Settings, log: WrittenLog, database: Database
) -> None:
    person = somebody()
    partition = log.partition(StreamKind.USERS, person)
    await log.write(StreamKind.USERS, person, UserRegistered("ada", "Ada"))
    position = await log.write_raw(partition, b"a secret that is no json")
    async with running_query_service(service_settings):
        await eventually(lambda: database.fetchval("SELECT count(*) = 1 FROM parked_records"))
        listed = await _type(service_settings, "parked", "list")
        place = (partition.topic, str(partition.partition), str(position.offset))
        shown = await _type(service_settings, "parked", "show", *place)
        released = await _type(service_settings, "parked", "release")

    assert "undecodable" in listed.output
    assert "1 parked" in listed.output
    assert "secret" not in listed.output
    assert "a secret that is no json" in shown.output
    assert (released.exit_code, "1 still parked" in released.output) == (1, True)
