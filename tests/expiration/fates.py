"""What became of each status, by a plain reading of the log that knows nothing of the services."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from services.operator.verifying.findings import Report
from services.operator.verifying.log_reading import Going, LogReader
from services.operator.verifying.partition_rules import PartitionRules
from services.operator.verifying.plain_records import Fact, time_or_none
from shared.identifiers import StreamKind, UserId
from shared.settings import Settings

SET, CLEARED = "verbatim.status.set.v1", "verbatim.status.cleared.v1"


@dataclass(frozen=True, slots=True)
class Cleared:
    """A status that was cleared by its expiry. Times are the log's."""

    job_id: str
    due_at: datetime
    recorded_at: datetime


@dataclass(slots=True)
class Fates:
    """What the log says, by the ids of jobs. `faults`: where it is not as it must be.

    `replaced`: another status, or a clearing by the person, came before the end.
    """

    set_jobs: Counter[str] = field(default_factory=Counter)
    cleared: dict[str, Cleared] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    shown: dict[UserId, Fact] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def stuck(self, now: datetime) -> list[str]:
        """The statuses that are past their time, and still there."""
        return [
            f"{fact.data['job_id']} is stuck"
            for fact in self.shown.values()
            if (end := time_or_none(fact.data.get("expires_at"))) is not None and end <= now
        ]

    def take(self, fact: Fact) -> None:
        """One more event of the users' topic, in the log's order."""
        user = UserId(fact.stream)
        shown = self.shown.get(user)
        if fact.type == SET:
            self._replace(shown)
            self.set_jobs.update(_job_of(fact))
            self.shown[user] = fact
        elif fact.type == CLEARED:
            if fact.data["reason"] == "expired":
                self._expire(shown, fact)
            else:
                self._replace(shown)
            self.shown.pop(user, None)

    def _replace(self, shown: Fact | None) -> None:
        if shown is not None:
            self.replaced.update(_job_of(shown))

    def _expire(self, shown: Fact | None, fact: Fact) -> None:
        job, due_at = fact.data["job_id"], time_or_none(fact.data["due_at"])
        assert due_at is not None
        its = None if shown is None else (shown.data.get("job_id"), time_or_none(shown.data.get("expires_at")))
        if job in self.cleared:
            self.faults.append(f"{job} was cleared twice")
        if its != (job, due_at):
            self.faults.append(f"{job}, due at {due_at}, was cleared where {its} was shown")
        if fact.time < due_at:
            self.faults.append(f"{job} was cleared early, at {fact.time}")
        self.cleared[job] = Cleared(job, due_at, fact.time)


def _job_of(status: Fact) -> list[str]:
    job = status.data.get("job_id")
    return [] if job is None else [job]


async def fates_in(settings: Settings) -> Fates:
    """Reads the users' topic from its first record to its last."""
    fates, topic, report = Fates(), settings.topic(StreamKind.USERS), Report()
    async with LogReader(settings.kafka_bootstrap_servers, Going()) as reader:
        for number, extent in (await reader.extents(topic)).items():
            rules = PartitionRules(StreamKind.USERS.value, settings.partitions, report, set())
            async for batch in reader.batches(topic, number, extent):
                for fact in rules.facts(batch):
                    fates.take(fact)
    fates.faults += [str(each) for each in report.first]
    return fates
