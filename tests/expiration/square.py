"""A square: people with statuses, real writers and a real expiration, over servers that a test has in hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from services.command.deciding import Command, Result, Stream
from services.command.dispatching import Accepted, Submission
from services.command.expiration.expiring import Expiration
from services.command.features.people.decider import PEOPLE
from services.command.features.statuses.decider import STATUSES, ClearExpiredStatus, ClearStatus, SetStatus
from services.command.writing.serving import Writers
from services.command.writing.surroundings import kafka_and_postgres
from shared.identifiers import CommandId, StreamKind, UserId
from shared.log.reading import LogReader
from shared.log.topics import partitions_of
from shared.postgres import AWAY, Pool, open_pool
from shared.settings import Settings
from shared.web.problems import Problem
from tests.fixtures.names import eventually

READY_SECONDS = 30.0
QUIET_SECONDS = 60.0
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class WatchedDoors:
    """The doors of writers. `before` is awaited just before the clearing of an expired status is handed on.

    `clearings` were handed on; `stale` came too late and did nothing.
    """

    writers: Writers
    before: Callable[[ClearExpiredStatus], Awaitable[None]] | None = None
    clearings: int = 0
    stale: int = 0

    async def dispatch(self, submission: Submission) -> Accepted:
        if not isinstance(submission.command, ClearExpiredStatus):
            return await self.writers.dispatch(submission)
        self.clearings += 1
        if self.before is not None:
            await self.before(submission.command)
        accepted = await self.writers.dispatch(submission)
        self.stale += not accepted.appended
        return accepted

    async def ask(self, question: Command, deadline: float | None = None) -> Result:
        return await self.writers.ask(question, deadline)

    async def look_up(
        self, stream: Stream, command_id: CommandId, actor: UserId, deadline: float | None = None
    ) -> Accepted:
        return await self.writers.look_up(stream, command_id, actor, deadline)


@dataclass
class Square:
    """People do to their statuses what they like; `jobs` are those that they were told of."""

    settings: Settings
    pool: Pool
    doors: WatchedDoors
    expiration: Expiration
    reader: LogReader
    jobs: set[str] = field(default_factory=set)

    async def set_status(self, user: UserId, expires_at: datetime | None, text: str = "Lunch") -> None:
        """Somebody sets a status, in time even if the machine is slow, and is told that it is recorded."""
        accepted = await self._ask(SetStatus(user, None, text, False, expires_at, asked_at=LONG_AGO), user)
        if isinstance(job := accepted.result["job_id"], str):
            self.jobs.add(job)

    async def clear_status(self, user: UserId) -> None:
        """Somebody clears their status, and is told so."""
        await self._ask(ClearStatus(user), user)

    async def _ask(self, command: Command, user: UserId) -> Accepted:
        """Asks until it is answered, as clients do: with the same id."""
        submission = Submission(command, CommandId(str(uuid4())), user, "by hand")
        while True:
            try:
                return await self.doors.dispatch(submission)
            except Problem as error:
                if not error.retryable:
                    raise
            await asyncio.sleep(0.1)

    async def until_worked_off(self) -> None:
        """Returns when the schedule has everything that is in the log, and nothing left to do."""
        async with asyncio.timeout(QUIET_SECONDS):
            while not await self._is_worked_off():  # noqa: ASYNC110  # only the servers know
                await asyncio.sleep(0.1)

    async def _is_worked_off(self) -> bool:
        try:
            return await self._worked_off()
        except (*AWAY, KafkaError):
            return False

    async def _worked_off(self) -> bool:
        topic = self.settings.topic(StreamKind.USERS)
        ends = await self.reader.end_offsets(partitions_of(self.settings, StreamKind.USERS))
        rows = await self.pool.fetch("SELECT partition, next_offset FROM expiration.positions")
        followed = {TopicPartition(topic, row["partition"]): row["next_offset"] for row in rows}
        if any(followed.get(partition, 0) < end for partition, end in ends.items()):
            return False
        return not await self.pool.fetchval("SELECT count(*) FROM expiration.jobs WHERE state <> 'done'")


@asynccontextmanager
async def square_of(settings: Settings) -> AsyncIterator[Square]:
    """Serves the topics and the database of `settings`, which are there and migrated."""
    async with await open_pool(settings) as pool:
        writers = Writers(settings, kafka_and_postgres(settings, pool), [PEOPLE, STATUSES])
        doors = WatchedDoors(writers)
        expiration = Expiration(settings, pool, doors)
        reader = LogReader(settings.kafka_bootstrap_servers)
        await writers.start()
        await expiration.start()
        try:
            await eventually(lambda: len(writers.serving) == len(writers.wanted), READY_SECONDS)
            await eventually(lambda: len(expiration.follower.partitions) == settings.partitions, READY_SECONDS)
            yield Square(settings, pool, doors, expiration, reader)
        finally:
            await reader.close()
            await expiration.stop()
            await writers.stop()


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


async def until(moment: datetime) -> None:
    """Returns at a moment of the wall clock, or a little later."""
    await asyncio.sleep(max((moment - utc_now()).total_seconds(), 0.0))


def in_seconds(seconds: float) -> datetime:
    """A moment of the wall clock, to the millisecond, as people ask for it."""
    moment = utc_now() + timedelta(seconds=seconds)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
