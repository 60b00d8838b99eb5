"""Kafka and Postgres come and go, in good order or not: following goes on by itself; questions say 503 meanwhile."""

import asyncio
from dataclasses import replace
from pathlib import Path

import asyncpg

from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.postgres import EmbeddedPostgres
from migrations.apply import apply_migrations
from services.projector.projections import PROJECTIONS
from services.projector.questions import QUESTIONS
from shared.events.people import DisplayNameChanged, UserRegistered
from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.fixtures.names import eventually, somebody
from tests.fixtures.query_service import QueryService, running_query_service
from tests.fixtures.written_log import writing_a_log

USERS = StreamKind.USERS
BACK_SECONDS = 20.0


async def _answers(service: QueryService, person: str, name: str) -> bool:
    answer = await service.get(f"/v1/users/{person}")
    assert answer.status in {200, 503}, answer
    return answer.status == 200 and answer.body["display_name"] == name


async def _is_there(service: QueryService, person: str) -> bool:
    return (await service.get(f"/v1/users/{person}")).status == 200


async def _answers_soon(service: QueryService, person: str, name: str) -> None:
    await eventually(lambda: _answers(service, person, name), BACK_SECONDS)


async def test_following_survives_restarts_and_crashes_of_both_servers(
    servers_folder: Path, service_settings: Settings
) -> None:
    async with (
        EmbeddedPostgres(servers_folder / "postgres-that-crashes") as postgres,
        EmbeddedKafka(servers_folder / "kafka-that-crashes") as kafka,
    ):
        await asyncio.to_thread(apply_migrations, postgres.url)
        settings = replace(
            service_settings,
            kafka_bootstrap_servers=kafka.bootstrap_servers,
            database_url=postgres.url,
            min_position_wait_seconds=0.2,
            kafka_flush_each_append=True,
        )
        ada = somebody()
        async with running_query_service(settings, PROJECTIONS, QUESTIONS) as service:
            async with writing_a_log(settings) as log:
                await log.write(USERS, ada, UserRegistered("ada", "Ada"))
                await eventually(lambda: _is_there(service, ada))
                for number, end in enumerate((postgres.kill, postgres.stop)):
                    ended = end()
                    if asyncio.iscoroutine(ended):
                        await ended
                    await log.write(USERS, ada, DisplayNameChanged(f"{number}"))
                    answer = await service.get(f"/v1/users/{ada}")
                    health = await service.get("/health")
                    assert (answer.status, answer.body["code"]) == (503, "unavailable")
                    assert (health.status, health.body["database"]) == (503, "disconnected")
                    await postgres.start()
                    await _answers_soon(service, ada, f"{number}")
                claims, versions = log.claims, log.versions
            for number, end in enumerate((kafka.kill, kafka.stop)):
                ended = end()
                if asyncio.iscoroutine(ended):
                    await ended
                assert await _answers(service, ada, "1" if number == 0 else "after 0")
                await eventually(lambda: _kafka_is(service, "disconnected"), BACK_SECONDS)
                await kafka.start()
                async with writing_a_log(settings) as log:
                    log.claims, log.versions = claims, versions
                    await log.write(USERS, ada, DisplayNameChanged(f"after {number}"))
                await _answers_soon(service, ada, f"after {number}")
            assert await _kafka_is(service, "connected")
        connection = await asyncpg.connect(postgres.url)
        assert await connection.fetchval("SELECT count(*) FROM read.parked_records") == 0
        await connection.close()


async def _kafka_is(service: QueryService, how: str) -> bool:
    return bool((await service.get("/health")).body["kafka"] == how)
