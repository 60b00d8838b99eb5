"""Puts the query service together: what follows the log, and what answers questions about it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from aiohttp import web

from services.projector.following import Follower
from services.projector.minimum_position import HEADER, MinimumPositions
from services.projector.projection import Projection
from services.projector.projections import PROJECTIONS
from services.projector.questioning import Asked
from services.projector.questions import QUESTIONS
from services.projector.read_model import LiveReadModel, open_following_pool, open_questions_pool
from shared.postgres import answers, close_pool
from shared.settings import Settings
from shared.web.authentication import TokenVerifier
from shared.web.edge import Edge
from shared.web.health import Report
from shared.web.openapi import About, Header
from shared.web.problems import NotYet
from shared.web.routes import Incoming, Route
from shared.web.serving import Checks, web_app

STOP_SECONDS = 2.0
POOL_CLOSE_SECONDS = 1.0
MINIMUM_POSITION = Header(
    HEADER,
    "The position that a command answered, or several separated by commas: the answer has everything up to there, or "
    "is 409 `not-yet` with `state` pending, parked or rebuilding. The query parameter `min_position` does the same",
    {"type": "string"},
)
ABOUT = About(
    title="Verbatim: questions",
    description="What was said, by whom, and how far it was read. Everything here is computed from the log.",
    version="1",
    headers=(MINIMUM_POSITION,),
    problems=(NotYet,),
)


async def query_service(
    settings: Settings,
    projections: Sequence[Projection] = PROJECTIONS,
    questions: Sequence[Route] = QUESTIONS,
) -> web.Application:
    """The application. It follows from its start-up to its clean-up; Kafka and Postgres may be away meanwhile."""
    questions_pool = await open_questions_pool(settings)
    following_pool = await open_following_pool(settings, settings.schema("read"))
    read_model = LiveReadModel(questions_pool)
    follower = Follower(settings, following_pool, projections)
    minimum_positions = MinimumPositions(settings, follower.progress, read_model)

    async def serve(incoming: Incoming[Any, Any, Any], request: web.Request) -> web.StreamResponse:
        await minimum_positions.wait(request)
        answer = await incoming.route.handle(Asked(incoming, read_model))
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")

    async def health() -> Report:
        return report_of(follower, database=await answers(questions_pool))

    async def living(_: web.Application) -> AsyncIterator[None]:
        following = asyncio.create_task(follower.run())
        yield
        following.cancel()
        await asyncio.wait([following], timeout=STOP_SECONDS)
        with suppress(Exception):  # Postgres may be away: the place becomes free by itself
            await asyncio.wait_for(follower.stop(), STOP_SECONDS)
        await asyncio.gather(close_pool(following_pool), close_pool(questions_pool))

    edge = Edge(TokenVerifier.from_file(settings.verifying_key_file), "", serve)
    app = web_app(settings, edge, questions, ABOUT, Checks(health, health))
    app.cleanup_ctx.append(living)
    return app


def report_of(follower: Follower, *, database: bool) -> Report:
    """How it is. It is well while questions can be answered truly; what is parked is said all the same."""
    progress = follower.progress
    more: dict[str, Any] = {
        "following": progress.following,
        "lag": sum(progress.lag.values()),
        "caught_up": progress.caught_up,
        "parked": progress.parked_records,
        "parked_streams": progress.parked_streams,
    }
    if progress.went_back:
        more["log_went_back"] = sorted(progress.went_back.values())
    if progress.trouble:
        more["trouble"] = progress.trouble
    well = database and not progress.went_back
    return Report(well=well, database=database, kafka=progress.kafka_connected, more=more)
