"""Tells `chat.presence` when users were last seen. Nothing waits for it, and nothing fails with it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from time import time

import structlog
from prometheus_client import Counter, Gauge

from services.command.presence.noticing import Noticed
from services.command.writing.appending import (
    NO_PRODUCER,
    NO_SEQUENCE,
    Appended,
    Appender,
    BrokerAwayError,
    Record,
    Tombstone,
    build_batch,
)
from shared.identifiers import UserId
from shared.log.presence import CONTENT_TYPE_HEADER, encode_last_seen, presence_partition
from shared.settings import Settings
from shared.web.problems import Unavailable

TELL_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
TOLD_AT_ONCE = 2_000
STOP_SECONDS = 1.0
TOLD = Counter("verbatim_presence_told", "Users of whom chat.presence was told when they were seen")
FAILED = Counter("verbatim_presence_failed", "Times that chat.presence could not be told, or it is not known")
UNTOLD = Gauge("verbatim_presence_untold", "Users of whom it is yet to be told when they were seen")
log = structlog.get_logger()


class Presence:
    """Notices users, and tells of them every second. `has_left` says of whom nothing is told any more.

    `failures`: how often in a row it could not.
    """

    def __init__(self, settings: Settings, has_left: Callable[[UserId], bool], noticed: Noticed | None = None) -> None:
        self._partition = presence_partition(settings)
        self._appender = Appender(
            settings.kafka_bootstrap_servers, [self._partition.topic], f"{settings.instance_name}-presence"
        )
        self._has_left = has_left
        self._noticed = Noticed() if noticed is None else noticed
        self._telling = asyncio.Lock()  # what is told of somebody stands in the topic in the order in which it is told
        self._running: asyncio.Task[None] | None = None
        self.failures = 0

    def notice(self, user_id: UserId, seen_at: datetime) -> None:
        """They ask something at this time."""
        self._noticed.notice(user_id, seen_at)

    async def forget(self, user_id: UserId) -> None:
        """They have left for good: the topic is to keep nothing of them. Raises Unavailable when it may not know it."""
        async with self._telling:
            self._noticed.forget(user_id)
            if not await self._told([(user_id.encode(), None)]):
                raise Unavailable("that somebody has left could not be told to the topic of presence")

    def start(self) -> None:
        """Begins to tell; Kafka may still be away."""
        self._running = asyncio.create_task(self._run(), name="presence tells")

    async def stop(self) -> None:
        """Leaves off. What is yet to be told is told, if that takes no more than a second."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._tell()
        await self._appender.reset()

    async def _run(self) -> None:
        pause = TELL_SECONDS
        while True:
            await asyncio.sleep(pause)
            pause = TELL_SECONDS if await self._tell() else min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _tell(self) -> bool:
        """Tells of some of those who were noticed. False: it could not."""
        async with self._telling:
            taken = {
                user_id: seen_at
                for user_id, seen_at in self._noticed.take(TOLD_AT_ONCE).items()
                if not self._has_left(user_id)
            }
            told = not taken or await self._told(
                [(user_id.encode(), encode_last_seen(seen_at)) for user_id, seen_at in taken.items()]
            )
            if told:
                TOLD.inc(len(taken))
            else:
                self._noticed.put_back(taken)
            UNTOLD.set(len(self._noticed))
            return told

    async def _told(self, records: Sequence[Record | Tombstone]) -> bool:
        batch = build_batch(records, NO_PRODUCER, NO_SEQUENCE, int(time() * 1000), CONTENT_TYPE_HEADER)
        try:
            node = await self._appender.leader(self._partition)
            outcome = (await self._appender.append(node, {self._partition: batch}))[self._partition]
        except BrokerAwayError as error:
            return await self._failed(str(error))
        if not isinstance(outcome, Appended):
            return await self._failed(outcome.reason)
        self.failures = 0
        return True

    async def _failed(self, reason: str) -> bool:
        self.failures += 1
        FAILED.inc()
        log.info("presence cannot be told right now", reason=reason)
        await self._appender.reset()
        return False
