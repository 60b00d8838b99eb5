"""What must hold of every status that went by its expiry: cleared once, never early, never over a newer one."""

from dataclasses import dataclass, field
from datetime import datetime

from services.operator.verifying.findings import Report
from services.operator.verifying.plain_records import Fact, time_or_none


@dataclass(slots=True)
class Shown:
    """What is known of a status that is set: whether it says something, and the expiry it has."""

    says_something: bool
    job_id: str | None
    due_at: datetime | None


@dataclass(slots=True)
class ExpiryRules:
    """Follows the events of users, each user's in order."""

    report: Report
    current: dict[str, Shown] = field(default_factory=dict)

    def follow(self, fact: Fact) -> None:
        """Looks at one more event."""
        if fact.type == "verbatim.status.set.v1":
            self._set(fact)
        elif fact.type == "verbatim.status.dnd_set.v1":
            self._switch(fact)
        elif fact.type == "verbatim.user.deactivated.v1":
            self.current.pop(fact.stream, None)
        elif fact.type == "verbatim.status.cleared.v1":
            shown = self.current.pop(fact.stream, None)
            if fact.data["reason"] == "expired":
                self._check(fact, shown)

    def _set(self, fact: Fact) -> None:
        job_id, due_at = fact.data.get("job_id"), time_or_none(fact.data.get("expires_at"))
        if (job_id is None) != (due_at is None):
            self.report.find("expiry", fact.place, "a status has a job without an expiry, or an expiry without a job")
        says_something = fact.data.get("emoji") is not None or fact.data.get("text") is not None
        self.current[fact.stream] = Shown(says_something, job_id, due_at)

    def _switch(self, fact: Fact) -> None:
        shown = self.current.get(fact.stream)
        if fact.data["enabled"]:
            self.current.setdefault(fact.stream, Shown(says_something=False, job_id=None, due_at=None))
        elif shown is not None and not shown.says_something:
            del self.current[fact.stream]  # with nothing left there is no status, and its job has nothing to clear

    def _check(self, fact: Fact, shown: Shown | None) -> None:
        self.report.count("expiries")
        if shown is None or shown.job_id is None or shown.due_at is None:
            self.report.find("expiry", fact.place, "nothing was due to expire: no status is set, or one that stays")
            return
        if fact.data.get("job_id") != shown.job_id:
            self.report.find("expiry", fact.place, "it names the job of another status: a newer one was cleared")
            return
        if time_or_none(fact.data.get("due_at")) != shown.due_at:
            self.report.find("expiry", fact.place, "its due time is not the one that the status was set with")
        if fact.time < shown.due_at:
            self.report.find("expiry", fact.place, f"cleared early: due {shown.due_at}, cleared {fact.time}")
