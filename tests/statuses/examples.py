"""People, their statuses, and the moments in which they are set."""

from datetime import UTC, datetime, timedelta

from services.command.features.people.decider import PEOPLE
from services.command.features.statuses.decider import STATUSES, ClearExpiredStatus, SetStatus
from shared.events.domain_event import DomainEvent
from shared.events.statuses import DndSet, StatusCleared, StatusSet
from shared.identifiers import VERBATIM_ITSELF, JobId, StreamId, UserId, derived_id
from tests.specs.deciding import Outcome, Scene

ANNA = UserId(derived_id("person", "anna"))
MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def milliseconds(moment: datetime) -> int:
    """As job ids count them."""
    return round(moment.timestamp() * 1000)


def job(number: int) -> JobId:
    """Anna's job of this number."""
    return JobId(f"status-{ANNA}-{number}")


def lunch(**but: object) -> SetStatus:
    """Anna sets a status at noon that lasts for an hour, unless said otherwise."""
    wanted: dict[str, object] = {
        "emoji": "🥪",
        "text": "Lunch",
        "dnd_enabled": False,
        "expires_at": MONDAY_NOON + HOUR,
        "asked_at": MONDAY_NOON,
    }
    return SetStatus(ANNA, **(wanted | but))  # type: ignore[arg-type]  # the examples name each field


def lunch_was_set(number: int = 1, **but: object) -> StatusSet:
    """What follows from it."""
    said: dict[str, object] = {
        "emoji": "🥪",
        "text": "Lunch",
        "expires_at": MONDAY_NOON + HOUR,
        "job_id": job(number),
    }
    return StatusSet(**(said | but))  # type: ignore[arg-type]  # the examples name each field


def lunch_expired(number: int = 1) -> StatusCleared:
    """The end of it."""
    return StatusCleared("expired", job(number), MONDAY_NOON + HOUR)


def given(*events: DomainEvent) -> Scene:
    """This happened to Anna's status, each at a second of its own after noon."""
    scene = Scene(StreamId(ANNA), (PEOPLE, STATUSES))
    for event in events:
        scene.happened(ANNA, event)
    return scene


def expiry_of(scene: Scene, number: int, at: datetime) -> Outcome:
    """The job of this number is due, at this moment by the writer's clock."""
    return scene.when(ClearExpiredStatus(ANNA, job(number)), by=VERBATIM_ITSELF, at=at)


__all__ = [
    "ANNA",
    "HOUR",
    "MONDAY_NOON",
    "DndSet",
    "StatusCleared",
    "expiry_of",
    "given",
    "job",
    "lunch",
    "lunch_expired",
    "lunch_was_set",
    "milliseconds",
]
