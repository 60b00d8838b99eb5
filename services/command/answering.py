"""From a valid request to a response: what a route gives, as HTTP has it."""

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from services.command.asking import Asked, Parts
from services.command.dispatching import Accepted
from shared.web.edge import Serve
from shared.web.routes import Incoming, Route
from shared.web.uploads import Streamed


def answering(parts: Parts, deadline_seconds: float) -> Serve:
    """Hands requests to their routes, each with a deadline counted from now, but none of who has left for good.

    Whoever asks is noticed as present.
    """
    deactivations = parts.accounts.deactivations

    async def serve(incoming: Incoming[Any, Any, Any, Any], _: web.Request) -> web.StreamResponse:
        if incoming.by and not incoming.route.even_deactivated:
            deactivations.refuse(incoming.by)
            parts.presence.notice(incoming.by, incoming.now)
        comes_later = issubclass(incoming.route.body, Streamed)  # its command is asked for when the body has come
        deadline = None if comes_later else asyncio.get_running_loop().time() + deadline_seconds
        return response_of(await incoming.route.handle(Asked(incoming, parts, deadline)), incoming.route)

    return serve


def response_of(answer: Any, route: Route) -> web.StreamResponse:
    """An Accepted or a Struct as JSON; a response as it is."""
    if isinstance(answer, Accepted):
        body = {"command_id": answer.command_id, "position": answer.position, **answer.result}
        return _json(body, 201 if route.creates and answer.appended else 200)
    return answer if isinstance(answer, web.StreamResponse) else _json(answer, 200)


def _json(body: Any, status: int) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
