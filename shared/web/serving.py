"""The web application that both services are: routes behind the edge, and what operators and readers of docs ask."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from shared.settings import Settings
from shared.web.cors import allowing_origins
from shared.web.docs import add_docs
from shared.web.edge import Edge, translating_errors
from shared.web.health import Ask, add_health
from shared.web.openapi import About, described
from shared.web.routes import Route


@dataclass(frozen=True, slots=True)
class Checks:
    """How a service says that it is well and ready."""

    health: Ask
    ready: Ask


def web_app(settings: Settings, edge: Edge, routes: Sequence[Route], about: About, checks: Checks) -> web.Application:
    """Puts it together. What lives as long as the application is added by the service (`app.cleanup_ctx`)."""
    app = web.Application(
        client_max_size=settings.body_limit_bytes,
        middlewares=[allowing_origins(settings.cors_origins), translating_errors],
    )
    edge.add_routes(app, routes)
    add_health(app, checks.health, checks.ready)
    add_docs(app, described(routes, about))
    return app
