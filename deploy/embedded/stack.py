"""All of Verbatim on this machine: Kafka, Postgres and the services, started, kept running and stopped in order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from aiokafka.errors import KafkaError

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.data_folder import Endpoints, announce, used_alone, withdraw
from deploy.embedded.java import java_version
from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.keys import make_keys
from deploy.embedded.ports import HOST, require_free
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.service import EmbeddedService
from deploy.embedded.supervising import Restartable, keep_running
from migrations.apply import apply_migrations
from shared.log.topics import UnusableTopicError, ensure_topics
from shared.settings import Settings

Say = Callable[[str], None]
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - to recognise it


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The servers that somebody else runs: these are used and not started."""

    kafka: str | None = None
    database: str | None = None


@dataclass(slots=True)
class Running:
    """What was started, and where everything is. `watching` ends only with an error."""

    endpoints: Endpoints
    parts: tuple[Restartable, ...]
    say: Say

    async def watch(self) -> None:
        """Starts again what ends by itself, until cancelled."""
        await all_of(*(keep_running(part, self.say) for part in self.parts))


@asynccontextmanager
async def running(settings: Settings, elsewhere: Elsewhere, say: Say) -> AsyncIterator[Running]:
    """Runs everything on the folder `settings.verbatim_var`; on leaving: services first, then Postgres, then Kafka.

    Raises CannotStartError with one line that says what to do.
    """
    folder = settings.verbatim_var.absolute()
    async with AsyncExitStack() as stack:
        lock = await stack.enter_async_context(used_alone(folder))
        withdraw(folder)
        kafka = (
            None
            if elsewhere.kafka
            else EmbeddedKafka(folder / "kafka", log=folder / "logs" / "kafka.log", keeps_open=(lock,), say=say)
        )
        postgres = (
            None
            if elsewhere.database
            else EmbeddedPostgres(folder / "postgres", log=folder / "logs" / "postgres.log", keeps_open=(lock,))
        )
        _require_what_is_needed(settings, kafka, postgres)
        make_keys(settings.signing_key_file, settings.verifying_key_file, settings.operator_token_file)
        servers = [server for server in (kafka, postgres) if server is not None]
        for server in servers:
            stack.push_async_callback(server.stop)
        await all_of(_topics(kafka, settings), _database(postgres, settings))
        found = replace(
            settings,
            kafka_bootstrap_servers=kafka.bootstrap_servers if kafka else settings.kafka_bootstrap_servers,
            database_url=postgres.url if postgres else settings.database_url,
        )
        services = _services(found, folder, lock)
        stack.push_async_callback(_stop_all, services)
        await all_of(*(service.start() for service in services))
        command, query = (service.url for service in services)
        endpoints = Endpoints(command, query, found.kafka_bootstrap_servers, found.database_url)
        announce(folder, endpoints)
        stack.callback(withdraw, folder)
        yield Running(endpoints, (*servers, *services), say)


def _require_what_is_needed(settings: Settings, kafka: EmbeddedKafka | None, postgres: EmbeddedPostgres | None) -> None:
    """All that can be seen before anything is started."""
    if settings.command_port == settings.query_port:
        line = f"COMMAND_PORT and QUERY_PORT are both {settings.query_port}: set one of them to another port"
        raise CannotStartError(line)
    require_free(settings.http_host, settings.command_port, "COMMAND_PORT")
    require_free(settings.http_host, settings.query_port, "QUERY_PORT")
    if kafka:
        java_version()
    if postgres:
        postgres.require_programs()


async def _topics(kafka: EmbeddedKafka | None, settings: Settings) -> None:
    servers = settings.kafka_bootstrap_servers
    if kafka is not None:
        await kafka.start()
        servers = kafka.bootstrap_servers
    try:
        await ensure_topics(replace(settings, kafka_bootstrap_servers=servers))
    except UnusableTopicError as error:
        raise CannotStartError(str(error)) from error
    except (KafkaError, TimeoutError, OSError) as error:
        line = (
            f"Kafka at {servers} cannot be used ({type(error).__name__}): start it, or correct KAFKA_BOOTSTRAP_SERVERS"
        )
        raise CannotStartError(line) from error


async def _database(postgres: EmbeddedPostgres | None, settings: Settings) -> None:
    url = settings.database_url
    if postgres is not None:
        await postgres.start()
        url = postgres.url
    try:
        await asyncio.to_thread(apply_migrations, url, settings.schema_prefix)
    except psycopg.OperationalError as error:
        reason = str(error).strip().split("\n")[0]
        line = f"Postgres cannot be used ({reason}): start it, or correct DATABASE_URL"
        raise CannotStartError(line) from error


def _services(settings: Settings, folder: Path, lock: int) -> list[EmbeddedService]:
    host = HOST if settings.http_host in EVERYWHERE else settings.http_host
    environment = service_environment(settings)
    return [
        EmbeddedService(
            f"the {name} service",
            module,
            f"http://{host}:{port}",
            log=folder / "logs" / f"{name}.log",
            environment=environment,
            keeps_open=(lock,),
        )
        for name, module, port in (
            ("command", "services.command", settings.command_port),
            ("query", "services.projector", settings.query_port),
        )
    ]


def service_environment(settings: Settings) -> Mapping[str, str]:
    """What the services are told besides the environment: where the servers and the keys are."""
    return {
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "DATABASE_URL": settings.database_url,
        "VERBATIM_VAR": str(settings.verbatim_var.absolute()),
        "SIGNING_KEY_FILE": str(settings.signing_key_file.absolute()),
        "VERIFYING_KEY_FILE": str(settings.verifying_key_file.absolute()),
        "OPERATOR_TOKEN_FILE": str(settings.operator_token_file.absolute()),
        "FILES_DIRECTORY": str(settings.files_directory.absolute()),
    }


async def _stop_all(services: list[EmbeddedService]) -> None:
    await asyncio.gather(*(service.stop() for service in services))


async def all_of(*work: Coroutine[Any, Any, None]) -> None:
    """Does everything at the same time. Raises the first error as it is, when the rest has been ended."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(each)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
