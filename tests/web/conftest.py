"""A service with a few routes of the tests' own, behind the edge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.settings import Settings
from shared.web.authentication import TokenVerifier
from shared.web.edge import Edge
from shared.web.fields import Id, Ndjson, Parameters, Sent
from shared.web.health import Report
from shared.web.openapi import About
from shared.web.problems import Unavailable
from shared.web.routes import Access, Incoming, Route
from shared.web.serving import Checks, web_app
from tests.fixtures.serving import served

LIMIT = 2_000
LENGTHY_SECONDS = 0.4
LARGE = 4_000_000
OPERATOR = "the-operators-token"


class Note(Sent):
    text: str
    inner: Any = None


class Place(Parameters):
    place: Id


async def echo(incoming: Incoming[Any, Any, Any]) -> Any:
    return {"text": incoming.body.text, "key": incoming.key}


async def lines(incoming: Incoming[Ndjson, Any, Any]) -> Any:
    return {"lines": incoming.body.raw.count(b"\n")}


async def place(incoming: Incoming[Any, Place, Any]) -> Any:
    return {"place": incoming.path.place}


async def broken(_: Incoming[Any, Any, Any]) -> Any:
    raise RuntimeError("canary-of-the-inside")


async def lengthy(incoming: Incoming[Any, Any, Any]) -> Any:
    await asyncio.sleep(LENGTHY_SECONDS)
    return {"text": incoming.body.text}


async def large(_: Incoming[Any, Any, Any]) -> Any:
    return {"text": "a" * LARGE}


async def busy(_: Incoming[Any, Any, Any]) -> Any:
    raise Unavailable("later", retry_after_seconds=7)


ROUTES = [
    Route("POST", "/v1/echo", "Echo", echo, None, body=Note, access=Access.ANYONE),
    Route("POST", "/v1/lines", "Lines", lines, None, body=Ndjson, access=Access.OPERATOR),
    Route("GET", "/v1/places/{place}", "Place", place, None, parameters=Place, access=Access.ANYONE),
    Route("GET", "/v1/broken", "Broken", broken, None, access=Access.ANYONE),
    Route("POST", "/v1/lengthy", "Lengthy", lengthy, None, body=Note, access=Access.ANYONE),
    Route("GET", "/v1/large", "Large", large, None, access=Access.ANYONE),
    Route("GET", "/v1/busy", "Busy", busy, None, access=Access.ANYONE),
]


async def serve(incoming: Incoming[Any, Any, Any], _: web.Request) -> web.StreamResponse:
    answer = await incoming.route.handle(incoming)
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")


async def report() -> Report:
    return Report(well=False, database=True, kafka=False, more={"parked": 3})


@asynccontextmanager
async def serving(
    settings: Settings, answered: list[web.Request] | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """Serves the routes under these settings, to whoever uses the client. `answered`: the requests that were."""

    async def note(request: web.Request, _: web.StreamResponse) -> None:
        if answered is not None:
            answered.append(request)

    edge = Edge(TokenVerifier(Ed25519PrivateKey.generate().public_key()), OPERATOR, serve)
    app = web_app(settings, edge, ROUTES, About("Test", "", "1"), Checks(report, report))
    app.on_response_prepare.append(note)
    async with served(app, settings) as url, aiohttp.ClientSession(url) as session:
        yield session


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with serving(replace(Settings(), body_limit_bytes=LIMIT, cors_origins="https://chat.example")) as session:
        yield session
