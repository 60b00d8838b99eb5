"""What operators and load balancers ask: is it well, is it ready, what has it counted."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.web.times import time_text


@dataclass(frozen=True, slots=True)
class Report:
    """How a service is: whether it can do its work, whether its servers answer, and what else there is to say."""

    well: bool
    database: bool
    kafka: bool
    more: Mapping[str, Any] = field(default_factory=dict)


Ask = Callable[[], Awaitable[Report]]


def add_health(app: web.Application, health: Ask, ready: Ask) -> None:
    """Adds /health, /ready (both 503 when it is not well) and /metrics."""

    async def answer_health(_: web.Request) -> web.Response:
        return report_response(await health())

    async def answer_ready(_: web.Request) -> web.Response:
        return report_response(await ready())

    app.router.add_get("/health", answer_health)
    app.router.add_get("/ready", answer_ready)
    app.router.add_get("/metrics", answer_metrics)


def report_response(report: Report) -> web.Response:
    """The report as both services answer it."""
    body = {
        "status": "ok" if report.well else "error",
        "database": _connected(report.database),
        "kafka": _connected(report.kafka),
        **report.more,
        "process": os.getpid(),
        "timestamp": time_text(datetime.now(UTC)),
    }
    return web.Response(
        body=msgspec.json.encode(body), status=200 if report.well else 503, content_type="application/json"
    )


def _connected(is_connected: bool) -> str:
    return "connected" if is_connected else "disconnected"


async def answer_metrics(_: web.Request) -> web.Response:
    """Everything this process counts, for Prometheus."""
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
