"""What a stretch of the log means to the schedule: whose job is gone, which jobs are done, and which are new."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from shared.events.domain_event import Recorded
from shared.events.people import UserDeactivated
from shared.events.statuses import StatusCleared, StatusSet
from shared.identifiers import JobId, StreamId


@dataclass(frozen=True, slots=True)
class NewJob:
    """A status that is to be cleared when it is due."""

    job_id: JobId
    user_id: StreamId
    due_at: datetime


@dataclass(slots=True)
class Changes:
    """People in `users` have none of their earlier jobs any more; `expired` are done; `jobs` are new, by person."""

    users: set[StreamId] = field(default_factory=set)
    expired: dict[JobId, datetime] = field(default_factory=dict)
    jobs: dict[StreamId, NewJob] = field(default_factory=dict)
    lateness: list[float] = field(default_factory=list)


def changes_of(events: Iterable[Recorded]) -> Changes:
    """Folds events in the log's order. Do-not-disturb alone changes no job: where nothing is left, it finds nothing."""
    changes = Changes()
    for recorded in events:
        event, user = recorded.event, recorded.stream_id
        if not isinstance(event, StatusSet | StatusCleared | UserDeactivated):
            continue
        changes.users.add(user)
        changes.jobs.pop(user, None)
        if isinstance(event, StatusSet):
            if event.job_id is not None and event.expires_at is not None:
                changes.jobs[user] = NewJob(event.job_id, user, event.expires_at)
        elif isinstance(event, StatusCleared) and event.job_id is not None and event.due_at is not None:
            changes.expired[event.job_id] = recorded.time
            changes.lateness.append((recorded.time - event.due_at).total_seconds())
    return changes
