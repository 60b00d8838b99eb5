"""A service of ours counts as started when it says so itself."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.service import EmbeddedService

ENDS_AT_ONCE = "this"


@pytest.fixture
async def somebody_else() -> AsyncIterator[str]:
    """The URL of another service, which is ready."""

    async def ready(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "process": os.getpid()})

    app = web.Application()
    app.router.add_get("/ready", ready)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def test_somebody_else_who_is_ready_at_its_url_is_not_taken_for_it(somebody_else: str, tmp_path: Path) -> None:
    service = EmbeddedService("it", ENDS_AT_ONCE, somebody_else, log=tmp_path / "log", environment={})

    with pytest.raises(CannotStartError, match="it ended while starting"):
        await service.start()
