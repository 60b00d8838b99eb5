"""A town: people with statuses, a writer and clocks that a test has in hand, over the run's Kafka and Postgres."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

import asyncpg

from services.command.deciding import Command, Refusal, Result, Stream, Unchanged
from services.command.dispatching import Accepted, Refused, Submission
from services.command.expiration.expiring import Expiration
from services.command.features.people.decider import PEOPLE
from services.command.features.statuses.decider import STATUSES, SetStatus
from shared.events.domain_event import DomainEvent
from shared.identifiers import CommandId, StreamKind, UserId
from shared.postgres import Pool
from shared.settings import Settings
from tests.fixtures.written_log import WrittenLog
from tests.specs.deciding import Scene
from tests.statuses.examples import HOUR, MONDAY_NOON


@dataclass
class Clock:
    """A wall clock that goes only when it is told to."""

    now: datetime = MONDAY_NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        """So much later it is now."""
        self.now += time


@dataclass
class OneWriter:
    """Doors that keep their promise: decided by the rules, one by one, appended once; a repeat is answered as before.

    `errors` are raised, one for each submission, before anything is done; `held` keeps everybody waiting.
    """

    log: WrittenLog
    clock: Clock
    scenes: dict[str, Scene] = field(default_factory=dict)
    answers: dict[CommandId, Accepted] = field(default_factory=dict)
    submitted: list[Submission] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.held.set()

    async def dispatch(self, submission: Submission) -> Accepted:
        self.submitted.append(submission)
        await self.held.wait()
        async with self.turn:
            if self.errors:
                raise self.errors.pop(0)
            known = self.answers.get(submission.command_id)
            return replace(known, appended=False) if known else await self.decide(submission)

    async def decide(self, submission: Submission) -> Accepted:
        stream = submission.command.stream.id
        scene = self.scenes.setdefault(stream, Scene(stream, (PEOPLE, STATUSES)))
        decision = scene.decide(submission.command, submission.actor, submission.command_id, self.clock.now)
        if isinstance(decision, Refusal):
            raise Refused(decision)
        if isinstance(decision, Unchanged) or not decision:
            return Accepted(submission.command_id, "", {}, appended=False)
        scene.happened(submission.actor, *decision, command_id=submission.command_id)
        position = await self.log.write(StreamKind.USERS, stream, *decision, actor=submission.actor)
        self.ends[position.partition] = position.offset + 1
        accepted = Accepted(submission.command_id, str(position), {}, appended=True)
        self.answers[submission.command_id] = accepted
        return accepted

    async def ask(self, question: Command, deadline: float | None = None) -> Result:
        raise NotImplementedError

    async def look_up(
        self, stream: Stream, command_id: CommandId, actor: UserId, deadline: float | None = None
    ) -> Accepted:
        raise NotImplementedError


@dataclass
class Town:
    """People with statuses, the process or processes that see to their ends, and the schedule."""

    settings: Settings
    pool: Pool
    log: WrittenLog
    clock: Clock
    doors: OneWriter
    running: list[Expiration] = field(default_factory=list)

    async def expiration(self, name: str = "one", clock: Clock | None = None) -> Expiration:
        """An expiration as a process of this name has it, following everything that nobody else does."""
        made = Expiration(replace(self.settings, instance_name=name), self.pool, self.doors, clock or self.clock)
        await made.start()
        self.running.append(made)
        return made

    async def stop(self, expiration: Expiration) -> None:
        """Ends one, as its process does when it is told to."""
        self.running.remove(expiration)
        await expiration.stop()

    async def sets_status(self, user: UserId, lasting: timedelta = HOUR, text: str = "Lunch") -> None:
        """Somebody sets a status."""
        now = self.clock.now
        command = SetStatus(user, None, text, False, now + lasting, now)
        await self.doors.dispatch(Submission(command, CommandId(str(uuid4())), user, ""))

    def happened_to(self, user: UserId) -> list[DomainEvent]:
        """What was recorded of somebody."""
        scene = self.doors.scenes.get(user)
        return [each.event for each in scene.events] if scene else []

    async def jobs(self) -> list[asyncpg.Record]:
        """The schedule, the first that is due first."""
        return await self.pool.fetch("SELECT * FROM expiration.jobs ORDER BY due_at, job_id")

    async def states(self) -> list[str]:
        """The states of all jobs."""
        return [each["state"] for each in await self.jobs()]

    async def followed_to_the_end(self) -> bool:
        """Whether the schedule has everything that is in the log."""
        rows = await self.pool.fetch("SELECT partition, next_offset FROM expiration.positions")
        followed = {row["partition"]: row["next_offset"] for row in rows}
        return all(followed.get(partition, 0) >= end for partition, end in self.doors.ends.items())


def people(count: int) -> list[UserId]:
    """So many of them."""
    return [UserId(str(uuid4())) for _ in range(count)]
