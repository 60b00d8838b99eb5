"""What takes long is done for few people at once, and for each of them once, so that nothing else waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from services.projector.metrics import NO_TURN
from shared.identifiers import UserId
from shared.web.problems import Unavailable


class Turns:
    """At most `at_once` people have a turn. Nobody waits for one for more than `wait_seconds`.

    Each person stands in the queue once, however much they ask for, and again at its end once their turn is over.
    """

    def __init__(self, at_once: int, wait_seconds: float) -> None:
        self._wait_seconds = wait_seconds
        self._places = asyncio.Semaphore(at_once)
        self._own: WeakValueDictionary[UserId, asyncio.Lock] = WeakValueDictionary()  # of those who wait or have a turn

    @asynccontextmanager
    async def turn(self, user_id: UserId) -> AsyncIterator[None]:
        """Waits for a turn of this person, who has it while the context lasts. Raises Unavailable when none came."""
        own = self._own.setdefault(user_id, asyncio.Lock())
        async with AsyncExitStack() as having:
            try:
                async with asyncio.timeout(self._wait_seconds):
                    await having.enter_async_context(own)
                    await having.enter_async_context(self._places)
            except TimeoutError:
                NO_TURN.inc()
                raise Unavailable("too much of this kind is asked right now") from None
            yield
