"""Servers and services of the test's own, each a real process that can be killed, stopped and started again."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import asyncpg
import psutil

from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.keys import make_keys
from deploy.embedded.ports import HOST, free_port
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.service import EmbeddedService
from migrations.apply import apply_migrations
from shared.log.topics import ensure_topics
from shared.settings import Settings
from tests.blackbox.link import Link
from tests.blackbox.standing_still import TOLD_IN

PARTITIONS = 4
TOKEN_SECONDS = 7_200
SERVICES = (
    ("command-1", "tests.blackbox.standing_still"),
    ("command-2", "tests.blackbox.standing_still"),
    ("projector-1", "services.projector"),
    ("projector-2", "services.projector"),
)
LIMIT_SECONDS = 60.0
TAKEOVER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Links:
    """What stands between the services and the servers."""

    kafka: Link
    postgres: Link


@dataclass(slots=True)
class Stack:
    """What can be killed. The second command service and projector are not started until a test does so.

    The settings are the services': where there are links, they lead through them.
    """

    settings: Settings
    folder: Path
    kafka: EmbeddedKafka
    postgres: EmbeddedPostgres
    command: EmbeddedService
    second: EmbeddedService
    projector: EmbeddedService
    second_projector: EmbeddedService

    async def restart(self, part: EmbeddedKafka | EmbeddedPostgres | EmbeddedService) -> float:
        """Ends a part as a crash would and starts it again; gives the seconds until it could be used."""
        began = time.monotonic()
        part.child.kill()
        await part.start()
        return time.monotonic() - began

    async def start_second(self) -> None:
        """Starts the second command service; returns when it answers. It is not ready: it waits for leases."""
        await self.start_standby(self.second)

    async def start_standby(self, service: EmbeddedService) -> None:
        """Starts a service that may have to wait for another one; returns when it answers."""
        await service.spawn()
        async with asyncio.timeout(LIMIT_SECONDS), aiohttp.ClientSession() as session:
            while not await _answers(session, service.url):  # noqa: ASYNC110  # it is another process
                await asyncio.sleep(0.1)

    async def metric(self, service: EmbeddedService, name: str) -> float:
        """What a service has counted under this name since it was started."""
        async with aiohttp.ClientSession() as session, session.get(f"{service.url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    async def served_by(self, service: EmbeddedService) -> float:
        """How many partitions a service serves."""
        return await self.metric(service, "verbatim_serving_partitions")

    async def serves_all(self, *services: EmbeddedService) -> None:
        """Returns when these services together serve every partition."""
        until = time.monotonic() + TAKEOVER_SECONDS
        while (served := sum([await self.served_by(each) for each in services])) < 2 * PARTITIONS:
            assert time.monotonic() < until, f"only {served:.0f} are served; in Postgres: {await self.held_up()}"
            await asyncio.sleep(0.1)

    async def held_up(self) -> list[str]:
        """Who waits in Postgres, for what, and for whom: what keeps a takeover from going on."""
        connection = await asyncpg.connect(self.postgres.url)
        try:
            rows = await connection.fetch(
                """
                SELECT waits.state, waits.query, blocks.state AS blocked_by, blocks.query AS whose_last
                FROM pg_stat_activity AS waits
                JOIN pg_stat_activity AS blocks ON blocks.pid = ANY (pg_blocking_pids(waits.pid))
                """
            )
        finally:
            await connection.close()
        return [" | ".join(" ".join(str(value).split()) for value in row.values()) for row in rows]


@asynccontextmanager
async def running_stack(folder: Path, links: Links | None = None) -> AsyncIterator[Stack]:
    """Kafka, Postgres, a command service and a projector, all ready."""
    kafka = EmbeddedKafka(folder / "kafka", advertised_port=links.kafka.port if links else None)
    postgres = EmbeddedPostgres(folder / "postgres", durable=False)
    if links:
        links.kafka.target, links.postgres.target = kafka.port, postgres.port
    keys = folder / "keys"
    make_keys(keys / "signing.pem", keys / "verifying.pem", keys / "operator.token")
    await asyncio.gather(kafka.start(), postgres.start())
    settings = Settings(
        kafka_bootstrap_servers=f"{HOST}:{links.kafka.port}" if links else kafka.bootstrap_servers,
        database_url=_through(links.postgres, postgres.url) if links else postgres.url,
        partitions=PARTITIONS,
        kafka_flush_each_append=False,
        access_token_seconds=TOKEN_SECONDS,
        signing_key_file=keys / "signing.pem",
        verifying_key_file=keys / "verifying.pem",
        operator_token_file=keys / "operator.token",
        sends_per_second=0,
        log_ins_per_minute=0,
    )
    await asyncio.gather(asyncio.to_thread(apply_migrations, postgres.url), ensure_topics(settings))
    services = [service_of(settings, folder, name, module) for name, module in SERVICES]
    stack = Stack(settings, folder, kafka, postgres, *services)
    try:
        await asyncio.gather(stack.command.start(), stack.projector.start())
        yield stack
    finally:
        for service in services:
            await service.stop()
        await postgres.stop()
        await kafka.stop()


def _through(link: Link, url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{link.port}")))


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/health"):
            return True
    except aiohttp.ClientError:
        return False


def service_of(settings: Settings, folder: Path, name: str, module: str) -> EmbeddedService:
    """A service on a free port, under its own name."""
    port = free_port()
    its_own = replace(settings, instance_name=name, command_port=port, query_port=port, verbatim_var=folder)
    (folder / name).mkdir()
    environment = environment_of(its_own) | {TOLD_IN: str(folder / name)}
    return EmbeddedService(name, module, f"http://{HOST}:{port}", log=folder / f"{name}.log", environment=environment)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that these settings are read from again."""
    names = (
        "kafka_bootstrap_servers",
        "database_url",
        "verbatim_var",
        "partitions",
        "kafka_flush_each_append",
        "access_token_seconds",
        "signing_key_file",
        "verifying_key_file",
        "operator_token_file",
        "sends_per_second",
        "log_ins_per_minute",
        "instance_name",
        "command_port",
        "query_port",
    )
    return {name.upper(): str(getattr(settings, name)) for name in names} | {"COMMAND_URL": ""}


async def freeze(stack: Stack, service: EmbeddedService, moment: str) -> None:
    """The process stands still at such a moment, and keeps its connections. Returns when it does."""
    (stack.folder / service.name / moment).touch()
    async with asyncio.timeout(LIMIT_SECONDS):
        while psutil.Process(service.child.pid).status() != psutil.STATUS_STOPPED:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.005)


def thaw(service: EmbeddedService) -> None:
    """It goes on as if nothing had been."""
    service.child.send(signal.SIGCONT)
