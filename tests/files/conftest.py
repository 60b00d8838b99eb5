"""Both stores of contents, a folder and a bucket of a server that speaks S3; and a service that takes small files."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import aiohttp
import obstore
import pytest

from deploy.embedded.ports import HOST, free_port
from services.command.files.bucket import BucketStore, bucket_store_of
from services.command.files.contents import ContentStore
from services.command.files.directory import DirectoryStore
from shared.settings import Settings, read_settings
from tests.fixtures.command_service import CommandService, Person, running_command_service, until_ready
from tests.fixtures.names import eventually

LIMIT = 300_000
SHORT_SECONDS = 1.0
BYTES_PER_SECOND = 100
ORIGIN = "https://chat.example"
START_SECONDS = 60.0
REAL_BUCKET = os.environ.get("VERBATIM_TEST_BUCKET") == "1"


@dataclass(frozen=True)
class Stored:
    """A store of a test's own; `settings` lead to it. `held` lists all that is in it, also what is on its way."""

    settings: Settings
    store: ContentStore
    held: Callable[[], Awaitable[list[str]]]


@pytest.fixture(scope="session")
async def bucket_settings() -> AsyncIterator[Settings]:
    """A bucket of a server of the run's own, or with VERBATIM_TEST_BUCKET=1 the one that FILES_… names."""
    if REAL_BUCKET:
        yield read_settings()
        return
    endpoint = f"http://{HOST}:{free_port()}"
    settings = replace(
        Settings(),
        files_bucket="contents",
        files_bucket_endpoint=endpoint,
        files_bucket_key_id="key",
        files_bucket_secret="secret",
    )
    async with _s3_server(endpoint), aiohttp.ClientSession() as client:

        async def makes_the_bucket() -> bool:
            try:
                async with client.put(f"{endpoint}/{settings.files_bucket}") as response:
                    return response.status == 200
            except aiohttp.ClientConnectionError:
                return False

        await eventually(makes_the_bucket, START_SECONDS)
        yield settings


@asynccontextmanager
async def _s3_server(endpoint: str) -> AsyncIterator[None]:
    port = endpoint.rpartition(":")[2]
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "moto.server", "-H", HOST, "-p", port),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        server.terminate()
        await server.wait()


@pytest.fixture(params=["directory", pytest.param("bucket", marks=pytest.mark.servers)])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Stored:
    """Each of the two."""
    if request.param == "directory":
        settings = replace(Settings(), files_directory=tmp_path)
        return Stored(settings, DirectoryStore(tmp_path), lambda: _files_in(tmp_path))
    settings = replace(request.getfixturevalue("bucket_settings"), files_directory=tmp_path)
    bucket = bucket_store_of(settings)
    return Stored(settings, bucket, lambda: _files_and_objects_in(tmp_path, bucket))


async def _files_in(folder: Path) -> list[str]:
    return await asyncio.to_thread(lambda: [each.name for each in folder.rglob("*") if each.is_file()])


async def _files_and_objects_in(folder: Path, store: BucketStore) -> list[str]:
    objects = await obstore.list(store.bucket).collect_async()
    return [*await _files_in(folder), *(each["path"].rpartition("/")[2] for each in objects)]


def away(settings: Settings, tmp_path: Path) -> ContentStore:
    """A store that cannot be reached."""
    if settings.files_bucket:
        return bucket_store_of(replace(settings, files_bucket_endpoint=f"http://{HOST}:{free_port()}"))
    file = tmp_path / uuid4().hex
    file.touch()
    return DirectoryStore(file)


@pytest.fixture(scope="module")
async def service(shared_settings: Settings) -> AsyncIterator[CommandService]:
    """One that takes small files, and waits little for slow ones."""
    small = replace(
        shared_settings,
        file_limit_bytes=LIMIT,
        body_seconds=SHORT_SECONDS,
        uploads_at_once=3,
        uploads_of_a_user=2,
        upload_bytes_per_second=BYTES_PER_SECOND,
        cors_origins=ORIGIN,
    )
    async with running_command_service(small) as service:
        await until_ready(service)
        yield service


@pytest.fixture
async def anna(service: CommandService) -> Person:
    """Somebody new."""
    return await service.register()
