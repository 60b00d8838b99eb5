"""What a person shows of themselves for a while. Stream: the user."""

from datetime import datetime
from typing import ClassVar, Literal

from shared.events.domain_event import DomainEvent
from shared.identifiers import JobId


class StatusSet(DomainEvent, frozen=True):
    """The whole status was replaced. `job_id` is there when it expires, and names the expiry that may clear it."""

    recorded_as: ClassVar[str] = "verbatim.status.set.v1"
    emoji: str | None = None
    text: str | None = None
    dnd_enabled: bool = False
    expires_at: datetime | None = None
    job_id: JobId | None = None


class DndSet(DomainEvent, frozen=True):
    """Do-not-disturb alone was switched; text and expiry stay."""

    recorded_as: ClassVar[str] = "verbatim.status.dnd_set.v1"
    enabled: bool


class StatusCleared(DomainEvent, frozen=True):
    """The status is gone: cleared by the person, or expired at `due_at` under `job_id`."""

    recorded_as: ClassVar[str] = "verbatim.status.cleared.v1"
    reason: Literal["cleared", "expired"]
    job_id: JobId | None = None
    due_at: datetime | None = None
