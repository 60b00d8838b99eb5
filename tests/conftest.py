"""One Kafka and one Postgres for the whole run, started when the first test asks; a corner of its own for each test."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.postgres import EmbeddedPostgres
from migrations.apply import apply_migrations
from tests.containers import kafka_container, postgres_container
from tests.fixtures.command_service import (  # noqa: F401  # fixtures
    command_service,
    key_files,
    service_settings,
    shared_settings,
)
from tests.fixtures.query_service import query_service  # noqa: F401  # fixture
from tests.fixtures.read_tables import questions, read_settings, read_tables  # noqa: F401  # fixtures

IN_CONTAINERS = os.environ.get("VERBATIM_TEST_CONTAINERS") == "1"
# The same examples in every run, however slow the machine; `make properties` draws many others.
settings.register_profile(
    "steady", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("many", settings.get_profile("steady"), derandomize=False, max_examples=3_000)
settings.load_profile("steady")
SERVER_FIXTURES = frozenset({"kafka_bootstrap", "postgres_url"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what meets a server, so that `make fast` can leave it out."""
    for item in items:
        if SERVER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("servers")


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Where the run's servers keep their data. Other users may pass it: as root, Postgres runs as one of them."""
    folder = Path(tempfile.mkdtemp(prefix="verbatim-tests-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
async def kafka_bootstrap(servers_folder: Path) -> AsyncIterator[str]:
    """The bootstrap servers of the run's Kafka. A test that stops a broker makes one of its own."""
    if IN_CONTAINERS:
        with kafka_container() as bootstrap:
            yield bootstrap
    else:
        async with EmbeddedKafka(servers_folder / "kafka") as kafka:
            yield kafka.bootstrap_servers


@pytest.fixture(scope="session")
async def postgres_url(servers_folder: Path) -> AsyncIterator[str]:
    """A database of the run's Postgres to make others from. A test that stops a server makes one of its own."""
    if IN_CONTAINERS:
        with postgres_container() as url:
            yield url
    else:
        async with EmbeddedPostgres(servers_folder / "postgres", durable=False) as postgres:
            yield postgres.url


@pytest.fixture(scope="session")
async def migrated_database(postgres_url: str) -> str:
    """The name of a database that has had every migration and holds nothing else."""
    url = _database_of(postgres_url, "migrated")
    await _execute(postgres_url, "CREATE DATABASE migrated")
    await asyncio.to_thread(apply_migrations, url)
    return "migrated"


@pytest.fixture
async def database_url(postgres_url: str, migrated_database: str) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    async with _new_database(postgres_url, migrated_database) as url:
        yield url


@pytest.fixture(scope="module")
async def shared_database_url(postgres_url: str, migrated_database: str) -> AsyncIterator[str]:
    """A migrated database that the tests of a module share."""
    async with _new_database(postgres_url, migrated_database) as url:
        yield url


@pytest.fixture
async def empty_database_url(postgres_url: str) -> AsyncIterator[str]:
    """A database of the test's own that has had no migration."""
    async with _new_database(postgres_url, "template1") as url:
        yield url


@pytest.fixture
def topic_prefix() -> str:
    """What the test's own topics begin with."""
    return f"test-{uuid4().hex[:12]}."


@asynccontextmanager
async def _new_database(postgres_url: str, template: str) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex[:12]}"
    await _execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _database_of(postgres_url, name)
    await _execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


def _database_of(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
