"""What takes long is done for few people at once, and for each of them once, so that nothing else waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.projector.metrics import NO_TURN
from shared.identifiers import UserId
from shared.web.problems import Unavailable


class Turns:
    """At most `at_once` people have a turn. Nobody waits for one for more than `wait_seconds`."""

    def __init__(self, at_once: int, wait_seconds: float) -> None:
        self._at_once = at_once
        self._wait_seconds = wait_seconds
        self._having: set[UserId] = set()
        self._ended = asyncio.Event()

    @asynccontextmanager
    async def turn(self, user_id: UserId) -> AsyncIterator[None]:
        """Waits for a turn of this person, who has it while the context lasts. Raises Unavailable when none came."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                while user_id in self._having or len(self._having) >= self._at_once:
                    await self._ended.wait()
        except TimeoutError:
            NO_TURN.inc()
            raise Unavailable("too much of this kind is asked right now") from None
        self._having.add(user_id)
        try:
            yield
        finally:
            self._having.remove(user_id)
            self._ended.set()
            self._ended = asyncio.Event()
