"""A consumer's connections: whether one was lost, and the end of all of them."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.log.consuming import connections_of

STOP_SECONDS = 2.0


class Connections:
    """The connections of a consumer to brokers, as they were when it was last asked for them."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._alive: frozenset[Any] = frozenset()

    def any_lost(self) -> bool:
        """Whether one was lost since this was last asked, even if it is there again: the log may have gone back."""
        known, self._alive = self._alive, frozenset(each for each in connections_of(self._consumer) if each.connected())
        return bool(known - self._alive)

    async def end(self) -> None:
        """Ends the consumer, in whatever state it is. If this is cancelled, or takes too long, it is cut off.

        Its `stop` may raise the CancelledError of one of its own tasks, which must not be taken for ours.
        """
        stopping = asyncio.ensure_future(self._consumer.stop())
        try:
            await asyncio.wait([stopping], timeout=STOP_SECONDS)
        finally:
            if stopping.done() and not stopping.cancelled():
                stopping.exception()  # whatever it was, it is thrown away too
            stopping.cancel()
            for each in list(self._consumer._client._conns.values()):  # noqa: SLF001  # there is no public way
                each.close()
