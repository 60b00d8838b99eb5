"""Servers and services of the test's own, each a real process that can be killed, stopped and started again."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

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
from tests.kills.load import Member
from tests.kills.standing_still import TOLD_IN

PASSWORD = "Correct1horse"
PARTITIONS = 4
LIMIT_SECONDS = 60.0
TAKEOVER_SECONDS = 30.0


@dataclass(slots=True)
class Stack:
    """What can be killed. The second command service is not started until a test does so."""

    settings: Settings
    kafka: EmbeddedKafka
    postgres: EmbeddedPostgres
    command: EmbeddedService
    second: EmbeddedService
    projector: EmbeddedService

    async def restart(self, part: EmbeddedKafka | EmbeddedPostgres | EmbeddedService) -> float:
        """Ends a part as a crash would and starts it again; gives the seconds until it could be used."""
        began = time.monotonic()
        part.child.kill()
        await part.start()
        return time.monotonic() - began

    async def start_second(self) -> None:
        """Starts the second command service; returns when it answers. It is not ready: it waits for leases."""
        await self.second.spawn()
        async with asyncio.timeout(LIMIT_SECONDS), aiohttp.ClientSession() as session:
            while not await _answers(session, self.second.url):  # noqa: ASYNC110  # it is another process
                await asyncio.sleep(0.1)

    async def metric(self, service: EmbeddedService, name: str) -> float:
        """What a service has counted under this name since it was started."""
        async with aiohttp.ClientSession() as session, session.get(f"{service.url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    async def served_by(self, service: EmbeddedService) -> float:
        """How many partitions a service serves."""
        return await self.metric(service, "verbatim_serving_partitions")

    async def serves_all(self, service: EmbeddedService) -> None:
        """Returns when a service serves every partition."""
        until = time.monotonic() + TAKEOVER_SECONDS
        while (served := await self.served_by(service)) < 2 * PARTITIONS:
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
async def running_stack(folder: Path) -> AsyncIterator[Stack]:
    """Kafka, Postgres, a command service and a projector, all ready."""
    kafka = EmbeddedKafka(folder / "kafka")
    postgres = EmbeddedPostgres(folder / "postgres", durable=False)
    keys = folder / "keys"
    make_keys(keys / "signing.pem", keys / "verifying.pem", keys / "operator.token")
    await asyncio.gather(kafka.start(), postgres.start())
    settings = Settings(
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        database_url=postgres.url,
        partitions=PARTITIONS,
        kafka_flush_each_append=False,
        signing_key_file=keys / "signing.pem",
        verifying_key_file=keys / "verifying.pem",
        operator_token_file=keys / "operator.token",
    )
    await asyncio.gather(asyncio.to_thread(apply_migrations, postgres.url), ensure_topics(settings))
    command, second, projector = (
        service_of(settings, folder, name, module)
        for name, module in (
            ("command-1", "tests.kills.standing_still"),
            ("command-2", "services.command"),
            ("projector", "services.projector"),
        )
    )
    stack = Stack(settings, kafka, postgres, command, second, projector)
    try:
        await asyncio.gather(command.start(), projector.start())
        yield stack
    finally:
        for service in (command, second, projector):
            await service.stop()
        await postgres.stop()
        await kafka.stop()


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
    environment = environment_of(its_own) | {TOLD_IN: str(folder)}
    return EmbeddedService(name, module, f"http://{HOST}:{port}", log=folder / f"{name}.log", environment=environment)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that these settings are read from again."""
    names = (
        "kafka_bootstrap_servers",
        "database_url",
        "verbatim_var",
        "partitions",
        "kafka_flush_each_append",
        "signing_key_file",
        "verifying_key_file",
        "operator_token_file",
        "instance_name",
        "command_port",
        "query_port",
    )
    return {name.upper(): str(getattr(settings, name)) for name in names} | {"COMMAND_URL": ""}


async def freeze(stack: Stack, service: EmbeddedService, moment: str) -> None:
    """The process stands still at such a moment, and keeps its connections. Returns when it does."""
    (stack.settings.signing_key_file.parent.parent / moment).touch()
    async with asyncio.timeout(LIMIT_SECONDS):
        while psutil.Process(service.child.pid).status() != psutil.STATUS_STOPPED:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.005)


def thaw(service: EmbeddedService) -> None:
    """It goes on as if nothing had been."""
    service.child.send(signal.SIGCONT)


async def members_of(stack: Stack, rooms: int, members: int) -> list[Member]:
    """People who have registered, so many in each of so many groups, with a first message in each."""
    async with aiohttp.ClientSession() as session:
        return [each for room in range(rooms) for each in await _room(session, stack.command.url, room, members)]


async def _room(session: aiohttp.ClientSession, url: str, room: int, members: int) -> list[Member]:
    people = await asyncio.gather(*(_register(session, url, f"room{room}_{number}") for number in range(members)))
    token, others = people[0][1], [user for user, _ in people[1:]]
    group = {"kind": "group", "title": f"Room {room}", "participant_ids": others}
    started = await _post(session, f"{url}/v1/conversations", group, token)
    conversation = started["conversation_id"]
    first = {"client_message_id": str(uuid4()), "content": "first"}
    message = await _post(session, f"{url}/v1/conversations/{conversation}/messages", first, token)
    return [Member(user, its_token, conversation, message["message_id"]) for user, its_token in people]


async def _register(session: aiohttp.ClientSession, url: str, name: str) -> tuple[str, str]:
    wanted = {"email": f"{name}@example.com", "username": name, "password": PASSWORD, "display_name": name}
    answer = await _post(session, f"{url}/v1/auth/register", wanted)
    return answer["user_id"], answer["access_token"]


async def _post(session: aiohttp.ClientSession, url: str, body: object, token: str = "") -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(url, json=body, headers=headers) as response:
        assert response.status in (200, 201), await response.text()
        answer: dict[str, str] = await response.json()
        return answer
