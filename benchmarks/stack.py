"""One Kafka and one Postgres for the run, as `make run` has them; services of their own in a corner for each part."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.apart import BrokenRunError
from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.keys import make_keys
from deploy.embedded.ports import HOST, free_port
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.service import EmbeddedService
from migrations.apply import apply_migrations
from shared.log.topics import ensure_topics
from shared.settings import Settings

TOKEN_SECONDS = 86_400
END_SECONDS = 900.0
NO_USER_SENDS_THIS_FAST = 1_000_000  # the limit is counted as ever, and never reached
PROBE = aiohttp.ClientTimeout(total=5)


@dataclass(frozen=True, slots=True)
class Servers:
    """Both servers, running, with the settings that everybody starts from."""

    folder: Path
    kafka: EmbeddedKafka
    postgres: EmbeddedPostgres
    settings: Settings

    @property
    def pids(self) -> dict[str, int]:
        """The process of each server."""
        return {"Kafka": self.kafka.pid, "Postgres": self.postgres.pid}

    async def corner(self, name: str, **settings: Any) -> Settings:
        """Topics and schemas of one's own, made anew and empty; `settings` are others than the usual ones."""
        its_own = replace(
            self.settings,
            topic_prefix=f"{name}.",
            schema_prefix=f"{name}_",
            cluster_name=f"verbatim-{name}",
            **settings,
        )
        await asyncio.gather(
            asyncio.to_thread(apply_migrations, its_own.database_url, its_own.schema_prefix), ensure_topics(its_own)
        )
        return its_own

    def bare_http(self) -> EmbeddedService:
        """The floor of every HTTP service: it reads a body and answers, under the same event loop."""
        port = free_port()
        return self._service("bare HTTP", "benchmarks.floors.bare_http", port, {"BARE_PORT": str(port)})

    def _service(self, name: str, module: str, port: int, environment: Mapping[str, str]) -> EmbeddedService:
        log = self.folder / f"{name.replace(' ', '-')}.log"
        return EmbeddedService(name, module, f"http://{HOST}:{port}", log=log, environment=environment)

    @asynccontextmanager
    async def services(self, corner: Settings) -> AsyncIterator["Services"]:
        """A command service and a projector in a corner, both at the end of its log; stopped on leaving."""
        command_port, query_port = free_port(), free_port()
        its_own = replace(corner, command_port=command_port, query_port=query_port)
        environment = environment_of(its_own)
        name = corner.topic_prefix
        found = Services(
            its_own,
            self._service(f"{name}command", "services.command", command_port, environment),
            self._service(f"{name}projector", "services.projector", query_port, environment),
            self.pids,
        )
        try:
            await asyncio.gather(found.command.spawn(), found.projector.spawn())
            await found.come_to_the_end()
            yield found
        finally:
            await asyncio.gather(found.command.stop(), found.projector.stop())


@dataclass(frozen=True, slots=True)
class Services:
    """The services of a corner."""

    settings: Settings
    command: EmbeddedService
    projector: EmbeddedService
    servers: dict[str, int] = field(default_factory=dict)

    @property
    def pids(self) -> dict[str, int]:
        """Every process of the stack, by its name."""
        return {"command": self.command.child.pid, "projector": self.projector.child.pid, **self.servers}

    async def come_to_the_end(self) -> None:
        """Returns when commands are taken and the tables have all of the log. Raises BrokenRunError if they never do.

        It waits for longer than `start` would: a log of a million records has to be read first.
        """
        async with aiohttp.ClientSession(timeout=PROBE) as session, asyncio.timeout(END_SECONDS):
            while not await self._are_at_the_end(session):
                for each in (self.command, self.projector):
                    if not each.child.is_running:
                        raise BrokenRunError(f"{each.name} ended: {each.child.last_words()}")
                await asyncio.sleep(0.1)

    async def _are_at_the_end(self, session: aiohttp.ClientSession) -> bool:
        command = await _said_when_ready(session, self.command)
        projector = await _said_when_ready(session, self.projector)
        return bool(command) and projector.get("caught_up") is True


async def _said_when_ready(session: aiohttp.ClientSession, service: EmbeddedService) -> dict[str, Any]:
    """What a service says of itself; nothing while it is not ready."""
    try:
        async with session.get(f"{service.url}/ready") as answer:
            said: dict[str, Any] = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError):
        return {}
    return said if answer.status == HTTPStatus.OK else {}


@asynccontextmanager
async def running_servers() -> AsyncIterator[Servers]:
    """Starts both on a new folder, which is removed at the end. Settings are those of `make run`, but that
    users send as fast as they can and connections may wait long before they are used: every append is flushed to the
    disk before it is acknowledged, and Postgres is durable."""
    folder = _new_folder()
    keys = folder / "keys"
    try:
        async with EmbeddedKafka(folder / "kafka") as kafka, EmbeddedPostgres(folder / "postgres") as postgres:
            settings = Settings(
                kafka_bootstrap_servers=kafka.bootstrap_servers,
                database_url=postgres.url,
                verbatim_var=folder,
                signing_key_file=keys / "signing.pem",
                verifying_key_file=keys / "verifying.pem",
                operator_token_file=keys / "operator.token",
                access_token_seconds=TOKEN_SECONDS,
                sends_per_second=NO_USER_SENDS_THIS_FAST,
                sends_at_once=NO_USER_SENDS_THIS_FAST,
                header_seconds=END_SECONDS,
                idle_seconds=END_SECONDS,
            )
            yield Servers(folder, kafka, postgres, settings)
    finally:
        shutil.rmtree(folder)


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="verbatim-benchmarks-"))
    folder.chmod(0o711)  # as root, Postgres runs as another user
    keys = folder / "keys"
    make_keys(keys / "signing.pem", keys / "verifying.pem", keys / "operator.token")
    return folder


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that these settings are read from again."""
    return {each.name.upper(): str(getattr(settings, each.name)) for each in fields(settings)}
