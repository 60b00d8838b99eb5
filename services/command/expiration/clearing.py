"""Hands what is due to the writers, the longest overdue first, and tries again what could not be done."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

import structlog
from aiokafka.structs import TopicPartition

from services.command.asking import fingerprint_of
from services.command.dispatching import Doors, Refused, Submission
from services.command.expiration.metrics import OVERDUE, TRIES
from services.command.expiration.schedule import JOBS_AT_ONCE, LONGEST_PAUSE, TRIES_AT_ONCE, Job, Schedule
from services.command.features.statuses.decider import ClearExpiredStatus, NotDueYet
from shared.identifiers import VERBATIM_ITSELF, command_id_of
from shared.postgres import AWAY
from shared.web.problems import Problem

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE_OF_AN_OUTAGE = timedelta(seconds=4)
LONGEST_PAUSE_UNHEARD = timedelta(seconds=1)
SHORTEST_PAUSE = timedelta(milliseconds=20)
STORE_PAUSE_SECONDS = OUTAGE_PAUSE_SECONDS = 1.0
ROUTE = "expiry"
"""In the place of a route's name: the command's id is a function of the job alone."""
log = structlog.get_logger()

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Tried(Enum):
    """What came of a try."""

    DONE = auto()
    TOO_EARLY = auto()
    IN_VAIN = auto()


class Clearing:
    """Clears what is due in the partitions that `mine` gives. Due by the wall clock; it waits by the loop's own.

    `heard` gives the partitions of whose new jobs it is told by `wake`: of others it has to ask.
    """

    def __init__(
        self,
        schedule: Schedule,
        doors: Doors,
        mine: Callable[[], Collection[TopicPartition]],
        heard: Callable[[], Collection[TopicPartition]],
        clock: Clock = utc_now,
    ) -> None:
        self._schedule = schedule
        self._doors = doors
        self._mine = mine
        self._heard = heard
        self._clock = clock
        self._wake = asyncio.Event()
        self._first_due: datetime | None = None
        self.trouble = ""

    def wake(self) -> None:
        """There are other jobs, or other partitions."""
        self._wake.set()

    async def run(self) -> None:
        """Clears until cancelled."""
        while True:
            self._wake.clear()
            try:
                pause = await self.clear_due()
                self.trouble = ""
            except Exception as error:  # whatever it is: every job is still in the schedule
                if not isinstance(error, AWAY):
                    log.exception("the expiration cannot clear")
                self.trouble = f"the schedule cannot be worked off: {type(error).__name__}"
                pause = STORE_PAUSE_SECONDS
            OVERDUE.set(self._overdue_seconds())
            await self._wait(pause)

    async def clear_due(self) -> float:
        """Tries everything that is due. Gives the seconds until there is more, a minute at most: clocks are set."""
        while jobs := await self._schedule.due(self._mine(), self._clock()):
            self._first_due = jobs[0].due_at
            outcomes = await self._try_all(jobs)
            await self._schedule.forget_oldest()
            if len(jobs) < JOBS_AT_ONCE:
                break
            if all(each is Tried.IN_VAIN for each in outcomes):
                return OUTAGE_PAUSE_SECONDS  # it is not the jobs: the rest would not fare better
        return await self._seconds_until_next()

    async def _seconds_until_next(self) -> float:
        mine = set(self._mine())
        self._first_due, next_try = await self._schedule.next_due(mine)
        longest = LONGEST_PAUSE if mine == set(self._heard()) else LONGEST_PAUSE_UNHEARD
        if next_try is None:
            return longest.total_seconds()
        return min(max(next_try - self._clock(), timedelta()), longest).total_seconds()

    def _overdue_seconds(self) -> float:
        return max((self._clock() - self._first_due).total_seconds(), 0.0) if self._first_due else 0.0

    async def _try_all(self, jobs: Sequence[Job]) -> Sequence[Tried | BaseException]:
        outcomes = await asyncio.gather(*[self._try(job) for job in jobs], return_exceptions=True)
        done = [job for job, outcome in zip(jobs, outcomes, strict=True) if outcome is Tried.DONE]
        await self._schedule.done(done, self._clock())
        for error in outcomes:
            if isinstance(error, BaseException):
                raise error  # only when each was tried
        return outcomes

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _try(self, job: Job) -> Tried:
        try:
            accepted = await self._doors.dispatch(submission_of(job))
        except Refused as error:
            return await self._refused(job, error)
        except Problem as error:
            pause = LONGEST_PAUSE_OF_AN_OUTAGE if error.retryable else LONGEST_PAUSE
            return await self._in_vain(job, error.code, pause)
        except Exception as error:  # a fault at the doors must not stop the other jobs; it is listed
            log.exception("an expiry failed", job_id=job.job_id)
            return await self._in_vain(job, type(error).__name__, LONGEST_PAUSE)
        TRIES.labels("cleared" if accepted.appended else "nothing to clear").inc()
        return Tried.DONE

    async def _refused(self, job: Job, error: Refused) -> Tried:
        if not isinstance(error.refusal, NotDueYet):
            return await self._in_vain(job, error.code, LONGEST_PAUSE)
        TRIES.labels("not due by the writer's clock").inc()
        left = timedelta(seconds=error.refusal.seconds_left)
        await self._schedule.not_yet(job, self._clock() + min(max(left, SHORTEST_PAUSE), LONGEST_PAUSE))
        return Tried.TOO_EARLY

    async def _in_vain(self, job: Job, why: str, longest_pause: timedelta) -> Tried:
        TRIES.labels("in vain").inc()
        log.warning("a status could not be cleared", job_id=job.job_id, attempts=job.attempts + 1, why=why)
        pause = FIRST_PAUSE * 2**job.attempts if job.attempts + 1 < TRIES_AT_ONCE else longest_pause
        now = self._clock()
        await self._schedule.tried_in_vain(job, why, now, now + pause)
        return Tried.IN_VAIN


def submission_of(job: Job) -> Submission:
    """The command that clears what the job was made for: the same each time that it is tried, whoever tries."""
    command_id = command_id_of(job.user_id, VERBATIM_ITSELF, ROUTE, job.job_id)
    command = ClearExpiredStatus(job.user_id, job.job_id)
    return Submission(command, command_id, VERBATIM_ITSELF, fingerprint_of(ROUTE, job.job_id))
