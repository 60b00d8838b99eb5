"""What a fault works on: the parts, the links between them, and those who use them meanwhile."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from deploy.embedded.service import EmbeddedService
from tests.blackbox.history import ACCEPTED
from tests.blackbox.load import Load
from tests.blackbox.stack import PARTITIONS, Links, Stack

LIMIT_SECONDS = 30.0


@dataclass(slots=True)
class Square:
    """All of Verbatim, and everybody in it."""

    stack: Stack
    links: Links
    load: Load

    @property
    def commands(self) -> tuple[EmbeddedService, EmbeddedService]:
        """Both command services."""
        return self.stack.command, self.stack.second

    @property
    def projectors(self) -> tuple[EmbeddedService, EmbeddedService]:
        """Both projectors."""
        return self.stack.projector, self.stack.second_projector

    async def writer(self) -> EmbeddedService:
        """The command service that serves the partitions."""
        return await self._who("verbatim_serving_partitions", 2 * PARTITIONS, self.commands)

    async def follower(self) -> EmbeddedService:
        """The projector that follows the log."""
        return await self._who("verbatim_projector_following", 1, self.projectors)

    async def _who(self, metric: str, enough: float, services: tuple[EmbeddedService, ...]) -> EmbeddedService:
        until = time.monotonic() + LIMIT_SECONDS
        while True:
            for service in services:
                if await self.stack.metric(service, metric) >= enough:
                    return service
            assert time.monotonic() < until, f"{metric}: nobody does"
            await asyncio.sleep(0.1)

    def other(self, service: EmbeddedService) -> EmbeddedService:
        """The service that can take its place."""
        pair = self.commands if service in self.commands else self.projectors
        return pair[1] if service is pair[0] else pair[0]

    async def healed(self) -> None:
        """Returns when all partitions are served, one projector follows, and commands (if any are asked) go through."""
        await self.stack.serves_all(*self.commands)
        await self.follower()
        accepted, outcomes = self.load.outcomes()[ACCEPTED], self.load.outcomes
        healed = await comes_true(lambda: self.load.is_over or outcomes()[ACCEPTED] > accepted)
        assert healed, "commands are not accepted again"

    def stood_still(self, service: EmbeddedService, since: float) -> None:
        """Notes that nobody could answer for a service since then."""
        self.load.history.frozen.append((service.url, since, time.monotonic()))


async def comes_true(done: Callable[[], bool]) -> bool:
    """Waits for it, within limits; says whether it has."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LIMIT_SECONDS):
            while not done():  # noqa: ASYNC110  # what other processes do decides
                await asyncio.sleep(0.01)
    return done()
