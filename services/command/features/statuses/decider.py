"""A person's status: it is replaced as a whole, cleared by them, or cleared once by its own expiry."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from services.command.deciding import Decider, Decision, Known, Refusal, Result, Rule, Stream, Unchanged
from services.command.features.people.decider import unless_deactivated
from shared.events.domain_event import Recorded
from shared.events.people import UserDeactivated
from shared.events.statuses import DndSet, StatusCleared, StatusSet
from shared.identifiers import JobId, StreamId, StreamKind, UserId
from shared.web.times import time_text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AboutOneself:
    """What a command about a person's own status begins with."""

    user_id: UserId

    @property
    def stream(self) -> Stream:
        """The person's."""
        return Stream(StreamKind.USERS, StreamId(self.user_id))


@dataclass(frozen=True, slots=True)
class SetStatus(AboutOneself):
    """Replaces the whole status. `expires_at` was reckoned when this was asked, at `asked_at`."""

    emoji: str | None
    text: str | None
    dnd_enabled: bool
    expires_at: datetime | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class SetDnd(AboutOneself):
    """Switches do-not-disturb and nothing else."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class ClearStatus(AboutOneself):
    """Ends the status by the person's own wish."""


@dataclass(frozen=True, slots=True)
class ClearExpiredStatus(AboutOneself):
    """Ends the status that this job was made for, if it is still the one that is shown."""

    job_id: JobId


@dataclass(frozen=True)
class StatusIsEmpty(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "status-is-empty"
    title: ClassVar[str] = "A status has an emoji, a text or do-not-disturb"
    pointer: ClassVar[str | None] = ""


@dataclass(frozen=True)
class ExpiryIsPast(Refusal):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "expiry-is-past"
    title: ClassVar[str] = "The moment at which the status expires has passed"
    pointer: ClassVar[str | None] = "/expires/at"


@dataclass(frozen=True)
class NotDueYet(Refusal):
    """By the writer's clock, which may be behind the asker's. A status is never cleared early: ask again."""

    seconds_left: float
    code: ClassVar[str] = "not-due-yet"
    title: ClassVar[str] = "The status has not expired yet"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a status consists of, and the expiry that may clear it."""

    emoji: str | None = None
    text: str | None = None
    dnd_enabled: bool = False
    expires_at: datetime | None = None
    job_id: JobId | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What is shown, if anything, and the number of the last job: the next one's is higher."""

    shown: Shown | None = None
    last_job: int = 0


def evolve(status: Status, recorded: Recorded) -> Status:
    """The status after one more event of the person's stream."""
    event = recorded.event
    if isinstance(event, StatusSet):
        shown = Shown(event.emoji, event.text, event.dnd_enabled, event.expires_at, event.job_id)
        return Status(shown, number_of(event.job_id) if event.job_id else status.last_job)
    if isinstance(event, DndSet):
        switched = replace(status.shown or Shown(), dnd_enabled=event.enabled)
        return replace(status, shown=None if is_empty(switched) else switched)
    if isinstance(event, StatusCleared | UserDeactivated):
        return replace(status, shown=None)
    return status


def set_status(command: SetStatus, known: Known, now: datetime) -> Decision:
    """The new status, with a job of its own when it expires. The same one again changes nothing."""
    status = known.part(STATUSES)
    wanted = Shown(command.emoji, command.text, command.dnd_enabled, command.expires_at)
    if is_empty(wanted):
        return StatusIsEmpty()
    if wanted.expires_at is not None and wanted.expires_at <= command.asked_at:
        return ExpiryIsPast()
    shown = in_effect(status.shown, now)
    if shown is not None and replace(shown, job_id=None) == wanted:
        return Unchanged(expiry_of(shown.job_id, shown.expires_at))
    job_id = None if wanted.expires_at is None else next_job(command.user_id, status, now)
    return [StatusSet(wanted.emoji, wanted.text, wanted.dnd_enabled, wanted.expires_at, job_id)]


def set_dnd(command: SetDnd, known: Known, now: datetime) -> Decision:
    """Do-not-disturb beside what is in effect: a status past its time, which would hide it, is cleared first."""
    recorded = known.part(STATUSES).shown
    shown = in_effect(recorded, now)
    if (shown is not None and shown.dnd_enabled) == command.enabled:
        return Unchanged({"dnd_enabled": command.enabled})
    past = [] if recorded is None or shown is recorded else [expired(recorded)]
    return [*past, DndSet(command.enabled)]


def clear_status(command: ClearStatus, known: Known, now: datetime) -> Decision:  # noqa: ARG001  # a rule's form
    """The end of whatever is shown."""
    return [] if known.part(STATUSES).shown is None else [StatusCleared("cleared")]


def clear_expired_status(command: ClearExpiredStatus, known: Known, now: datetime) -> Decision:
    """The end of the status that the job was made for, and of no other."""
    shown = known.part(STATUSES).shown
    if shown is None or shown.expires_at is None or shown.job_id != command.job_id:
        return []  # a newer status took its place, or none: the job is stale
    if now < shown.expires_at:
        return NotDueYet((shown.expires_at - now).total_seconds())
    return [expired(shown)]


def expired(shown: Shown) -> StatusCleared:
    """The end of a status by its expiry."""
    return StatusCleared("expired", shown.job_id, shown.expires_at)


def is_empty(shown: Shown) -> bool:
    """Whether there is nothing to show."""
    return shown.emoji is None and shown.text is None and not shown.dnd_enabled


def in_effect(shown: Shown | None, now: datetime) -> Shown | None:
    """What counts now: past its time a status is none, whether or not its clearing is recorded."""
    past = shown is not None and shown.expires_at is not None and shown.expires_at <= now
    return None if past else shown


def next_job(user_id: UserId, status: Status, now: datetime) -> JobId:
    """The milliseconds name the job; two in the same one, or a clock that was set back, still give a new name."""
    milliseconds = (now - EPOCH) // timedelta(milliseconds=1)
    return JobId(f"status-{user_id}-{max(milliseconds, status.last_job + 1)}")


def number_of(job_id: JobId) -> int:
    """The number at the end of a job's id."""
    return int(job_id.rpartition("-")[2])


def expiry_of(job_id: JobId | None, expires_at: datetime | None) -> dict[str, str | None]:
    """What setting a status answers."""
    return {"job_id": job_id, "expires_at": time_text(expires_at)}


def result(recorded: Recorded) -> Result:
    """What the command that led to this event is answered."""
    event = recorded.event
    if isinstance(event, StatusSet):
        return expiry_of(event.job_id, event.expires_at)
    if isinstance(event, DndSet):
        return {"dnd_enabled": event.enabled}
    return {}


STATUSES = Decider(
    name="statuses",
    kind=StreamKind.USERS,
    state=Status,
    empty=Status(),
    evolve=evolve,
    rules=(
        Rule(SetStatus, unless_deactivated(set_status)),
        Rule(SetDnd, unless_deactivated(set_dnd)),
        Rule(ClearStatus, clear_status),
        Rule(ClearExpiredStatus, clear_expired_status),
    ),
    result=result,
)
