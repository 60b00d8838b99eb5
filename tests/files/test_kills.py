"""A service that is killed while a file comes has neither recorded it nor kept anything that can be read."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from deploy.embedded.ports import free_port
from deploy.embedded.service import EmbeddedService
from shared.settings import Settings
from tests.files.uploading import download, upload, uploaded
from tests.fixtures.command_service import CommandService
from tests.fixtures.names import eventually
from tests.operator.command_line import environment_of


@asynccontextmanager
async def running(settings: Settings, log: Path) -> AsyncIterator[tuple[EmbeddedService, CommandService]]:
    """A command service as a process of its own, and how to use it."""
    url = f"http://{settings.http_host}:{settings.command_port}"
    environment = {**os.environ, **environment_of(settings)}
    process = EmbeddedService("command", "services.command", url, log=log, environment=environment)
    await process.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield process, CommandService(url, settings, session, "")
    finally:
        await process.stop()


async def test_a_file_that_was_coming_when_the_service_was_killed_was_never_there(
    service_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(service_settings, command_port=free_port(), files_directory=tmp_path / "files")
    content = uuid4().bytes * 100_000
    killed = asyncio.Event()

    async def half() -> AsyncIterator[bytes]:
        yield content[: len(content) // 2]
        await killed.wait()

    async with running(settings, tmp_path / "first.log") as (process, service):
        anna = await service.register()
        before = await uploaded(anna, b"before", "before.txt")
        coming = asyncio.create_task(upload(anna, half(), key="coming"))
        await eventually(lambda: half_has_come(settings, len(content) // 4))
        os.kill(process.child.pid, signal.SIGKILL)
        with pytest.raises(aiohttp.ClientError):
            await coming
    async with running(settings, tmp_path / "second.log") as (_, service):
        anna = replace(anna, service=service)
        kept = [each.parent.name for each in settings.files_directory.rglob("*") if each.is_file()]
        again = await upload(anna, content, key="coming")

        assert len([name for name in kept if name != "incoming"]) == 1
        assert (await download(anna, before)).content == b"before"
        assert again.status == 201  # it had not been recorded
        assert (await download(anna, again.body["file_id"])).content == content


def half_has_come(settings: Settings, size: int) -> bool:
    return any(each.stat().st_size >= size for each in (settings.files_directory / "incoming").glob("*"))
