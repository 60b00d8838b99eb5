"""The loop: batches of the log into the tables, each with its offsets in one transaction, by one process at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import uuid4

import asyncpg
import structlog
from aiokafka.structs import TopicPartition

from services.projector.ahead import Ahead
from services.projector.checkpoints import Checkpoint, Holding, give_up, hold, move, note_filled, renew
from services.projector.following_presence import PresenceFollower
from services.projector.metrics import BATCHES, EVENTS
from services.projector.parking import (
    BEHIND,
    UNDECODABLE,
    Aside,
    count_parked,
    is_poison,
    is_too_slow,
    keep_aside,
    parked_streams,
    project_apart,
    recorded_of,
)
from services.projector.planning import Plan, plan
from services.projector.progress import Progress
from services.projector.projection import Connection, Projection
from services.projector.reading import LogReader, Placed, Stretch
from shared.identifiers import StreamKind
from shared.log.consuming import LogUnreachableError
from shared.log.presence import presence_partition
from shared.log.topics import partitions_of
from shared.postgres import Pool
from shared.settings import Settings

REST_SECONDS = 0.003
"""Where records come one by one, a batch of one each would take more of the machine than what it follows."""
FEW_RECORDS = 100
RENEW_SECONDS = 1.0
ASK_AGAIN_SECONDS = 0.5
RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0)
SLOW_TRIES = 2
"""A batch that took too long so often is applied in smaller parts: once may be a Postgres that is busy."""
log = structlog.get_logger()


class HoldingLostError(Exception):
    """Somebody else follows now, or has changed what this process remembers: begin anew with what the tables say."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a batch will do, made when so many streams were parked; and what it puts aside."""

    aside: Aside
    parked: int
    plan: Plan


class Follower:
    """Follows all partitions of both topics into the schema that the pool's connections see, and presence beside them.

    With `until`, it takes no record at or beyond these offsets.
    """

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        projections: Sequence[Projection],
        *,
        until: dict[TopicPartition, int] | None = None,
    ) -> None:
        self.progress = Progress()
        self.partitions = [each for kind in StreamKind for each in partitions_of(settings, kind)]
        self._settings = settings
        self._pool = pool
        self._projections = projections
        self._until = until
        partition = presence_partition(settings)
        self.presence = PresenceFollower(settings, pool, until.get(partition) if until else None, self.progress.tell)
        self._holder = str(uuid4())
        self._parked: set[str] = set()
        self._slow_tries = 0

    async def run(self) -> None:
        """Follows until it is cancelled. Whatever is away or goes wrong: it begins anew from what the tables say."""
        failures = 0
        while True:
            started = perf_counter()
            try:
                await self._hold_and_follow()
            except HoldingLostError:
                failures = 0
            except Exception as error:  # noqa: BLE001  # of any kind: it is said, and tried again
                failures = 0 if perf_counter() - started > 2 * RETRY_SECONDS[-1] else failures + 1
                self._note_trouble(error)
                await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])

    async def stop(self) -> None:
        """Lets somebody else follow at once. To be called when `run` has ended."""
        self.progress.note_following(following=False)
        async with self._pool.acquire(timeout=2.0) as connection:
            await give_up(connection, self._holder)

    @property
    def caught_up(self) -> bool:
        """Whether everything that was seen in the log, and in the topic of presence, is in the tables."""
        return self.progress.caught_up and self.presence.caught_up

    def reaches(self, next_offsets: Mapping[TopicPartition, int]) -> bool:
        """Whether the tables have come to these offsets, whatever of them there are."""
        here = {**self.progress.next_offsets, self.presence.partition: self.presence.next_offset}
        return all(here.get(partition, 0) >= offset for partition, offset in next_offsets.items())

    def _note_trouble(self, error: Exception) -> None:
        if isinstance(error, LogUnreachableError):
            self.progress.kafka_connected = False
        elif isinstance(error, asyncpg.InterfaceError | OSError | asyncpg.PostgresError):
            self.progress.database_connected = False
        self.progress.trouble = f"{type(error).__name__}: following begins anew"
        log.warning("following begins anew", error=repr(error))

    async def _hold_and_follow(self) -> None:
        async with self._pool.acquire(timeout=2.0) as connection:
            holding = await self._wait_to_hold(connection)
            self.progress.note_following(following=True)
            try:
                await self._follow(holding, connection)
            finally:
                self.progress.note_following(following=False)

    async def _wait_to_hold(self, connection: Connection) -> Holding:
        while True:
            holding = await hold(connection, self._holder, [*self.partitions, self.presence.partition])
            self.progress.database_connected = True
            self.progress.trouble = ""
            if holding is not None:
                self.progress.stands_at(self._of_the_log(holding))
                self.progress.filled = holding.filled
                self._parked = await parked_streams(connection)
                self.progress.note_parked(*await count_parked(connection))
                return holding
            await asyncio.sleep(ASK_AGAIN_SECONDS)

    def _of_the_log(self, holding: Holding) -> dict[TopicPartition, Checkpoint]:
        return {partition: holding.checkpoints[partition] for partition in self.partitions}

    async def _follow(self, holding: Holding, connection: Connection) -> None:
        ahead = Ahead(self._plan)
        async with LogReader(self._settings, self._of_the_log(holding), self._until) as reader:
            self.progress.note_reading(reader.log_ends, reader.went_back)
            try:
                await first_to_end(
                    self._read(reader, ahead),
                    self._apply_batches(ahead, holding, connection),
                    self._renew(holding),
                    self._follow_presence(holding),
                )
            finally:
                ahead.stop()

    async def _read(self, reader: LogReader, ahead: Ahead[_Planned]) -> None:
        while True:
            stretches = await reader.read()
            self.progress.note_reading(reader.log_ends, reader.went_back)
            await ahead.put(stretches)
            if sum(each.records for each in stretches) < FEW_RECORDS:
                await asyncio.sleep(REST_SECONDS)  # after reading, and not before: what comes alone is applied at once

    async def _follow_presence(self, holding: Holding) -> None:
        await self.presence.follow(holding)
        raise HoldingLostError

    async def _renew(self, holding: Holding) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            async with self._pool.acquire(timeout=2.0) as connection:
                if not await renew(connection, holding):
                    raise HoldingLostError

    async def _apply_batches(self, ahead: Ahead[_Planned], holding: Holding, connection: Connection) -> None:
        while True:
            if ahead.empty and self.progress.caught_up and not self.progress.filled:
                await note_filled(connection)
                self.progress.note_filled()
            stretches, planning = await ahead.take()
            await self._apply_batch(stretches, planning, holding, connection)

    async def _apply_batch(
        self, stretches: list[Stretch], planning: Awaitable[_Planned], holding: Holding, connection: Connection
    ) -> None:
        planned: _Planned | None = None
        with BATCHES.time():
            try:
                planned = await planning
                if planned.parked != len(self._parked):  # the batch before this one parked something
                    planned = await self._plan(stretches)
                aside = planned.aside
                async with self._committing(stretches, aside, holding, connection):
                    await planned.plan.carry_out(connection)
            except Exception as error:
                if not self._may_be_its_events_fault(error):
                    raise
                log.warning("a batch failed and is applied stream by stream", error=type(error).__name__)
                aside = Aside()
                events = self._not_parked(stretches, aside)
                suspects = planned.plan.streams_at if planned is not None else set()
                async with self._committing(stretches, aside, holding, connection):
                    await project_apart(self._projections, events, connection, aside, suspects)
        self._slow_tries = 0
        applied = sum(len(each.events) for each in stretches)
        EVENTS.inc(applied)
        if aside.records:
            self._parked |= {str(each.stream_id) for each, _ in aside.streams}
            self.progress.note_parked(*await count_parked(connection))
        self.progress.moved([each.move for each in stretches], applied)

    def _may_be_its_events_fault(self, error: Exception) -> bool:
        if is_too_slow(error):
            self._slow_tries += 1
            return self._slow_tries >= SLOW_TRIES
        return is_poison(error) and not isinstance(error, HoldingLostError)

    async def _plan(self, stretches: list[Stretch]) -> _Planned:
        parked, aside = len(self._parked), Aside()
        if parked or any(each.undecodable for each in stretches):
            events = recorded_of(self._not_parked(stretches, aside))
        else:
            events = [event for each in stretches for event in each.events]
        return _Planned(aside, parked, await plan(self._projections, events))

    @asynccontextmanager
    async def _committing(
        self, stretches: list[Stretch], aside: Aside, holding: Holding, connection: Connection
    ) -> AsyncIterator[None]:
        """Commits what is done within, with how far it comes and what was put aside. Raises HoldingLostError."""
        async with connection.transaction():
            if not await move(connection, holding, [each.move for each in stretches]):
                raise HoldingLostError
            yield
            if aside.records:
                await keep_aside(connection, aside)

    def _not_parked(self, stretches: list[Stretch], aside: Aside) -> list[Placed]:
        events: list[Placed] = []
        for stretch in stretches:
            for each in stretch.undecodable:
                aside.put(each, UNDECODABLE, each.reason)
            for each in stretch.placed():
                if each.stream_id in self._parked:
                    aside.put(each, BEHIND, "its stream is parked")
                else:
                    events.append(each)
        return events


async def first_to_end(*activities: Coroutine[Any, Any, None]) -> None:
    """Runs activities until one ends or fails, ends the others, and raises what it raised."""
    tasks = [asyncio.create_task(each) for each in activities]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)  # what goes wrong with them now, nobody has to be told
    for task in done:
        task.result()
