"""What must hold in a partition, record by record: the claim rule, places, versions, and commands that happen once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from services.operator.verifying.findings import Report
from services.operator.verifying.murmur2 import partition_of
from services.operator.verifying.plain_records import (
    Fact,
    MalformedError,
    RawRecord,
    claim_of,
    fact_of,
    is_claim,
    named_claim,
    read_json,
)

Claim = tuple[int, int]
VOIDS_TOLD = 5


@dataclass(slots=True)
class PartitionRules:
    """Follows one partition from its first record. `commands` is shared by all: no id may come twice anywhere."""

    kind: str
    partitions: int
    report: Report
    commands: set[str]
    in_force: Claim | None = None
    claims: set[Claim] = field(default_factory=set)
    versions: dict[str, int] = field(default_factory=dict)
    last: Fact | None = None
    next_offset: int = 0
    voids: int = 0

    def facts(self, records: Iterable[RawRecord]) -> Iterator[Fact]:
        """The facts that count, in order, each checked; what is wrong with any goes into the report."""
        for record in records:
            fact = self.judge(record)
            if fact is not None:
                yield fact

    def judge(self, record: RawRecord) -> Fact | None:
        """What a record says, if it is an event that counts."""
        self.report.count("records")
        if record.offset != self.next_offset:
            self.report.find("log", record.place, f"the record before it is not there: {self.next_offset} was expected")
        self.next_offset = record.offset + 1
        try:
            return self._judge(record)
        except MalformedError as error:
            self.report.find("envelope", record.place, str(error))
            return None

    def _judge(self, record: RawRecord) -> Fact | None:
        envelope = read_json(record.value)
        if is_claim(envelope):
            self._claim(record, claim_of(record, envelope))
            return None
        named = named_claim(envelope)
        if named != self.in_force:
            self._void(record, named)
            return None
        fact = fact_of(record, envelope, self.kind)
        self.report.count("events")
        self._check_place(record, fact)
        self._check_version(fact)
        self._check_command(fact)
        self.last = fact
        return fact

    def _claim(self, record: RawRecord, claim: Claim) -> None:
        self.report.count("claims")
        if self.in_force is not None and claim[1] <= self.in_force[1]:
            # Legal only when the coordinator gave out a new producer id, whose epochs begin again.
            self.report.count("claims with an epoch that began again")
            if claim[1] == self.in_force[1]:
                self.report.find("claim", record.place, "two claims in a row have the same epoch")
        self.in_force = claim
        self.claims.add(claim)

    def _void(self, record: RawRecord, named: Claim) -> None:
        self.report.count("void records")
        self.voids += 1
        if named not in self.claims:
            self.report.find("claim", record.place, "it names a claim that nobody made before it")
        elif self.voids <= VOIDS_TOLD:
            self.report.notice(f"{record.place} is void: it was written under a claim that was no longer in force")

    def _check_place(self, record: RawRecord, fact: Fact) -> None:
        if record.key != fact.stream.encode():
            self.report.find("place", fact.place, "its key is not its subject")
        if partition_of(fact.stream.encode(), self.partitions) != record.partition:
            self.report.find("place", fact.place, f"stream {fact.stream} does not belong into this partition")

    def _check_version(self, fact: Fact) -> None:
        before = self.versions.get(fact.stream, 0)
        if fact.version != before + 1:
            what = f"stream {fact.stream} goes from version {before} to {fact.version}"
            self.report.find("version", fact.place, what)
        self.versions[fact.stream] = fact.version

    def _check_command(self, fact: Fact) -> None:
        if fact.index == 0:
            self.report.count("commands")
            if fact.command in self.commands:
                self.report.find("command", fact.place, f"command {fact.command} is there a second time")
            self.commands.add(fact.command)
        elif not self._continues(fact):
            what = f"event {fact.index} of command {fact.command} does not follow the one before it"
            self.report.find("command", fact.place, what)

    def _continues(self, fact: Fact) -> bool:
        last = self.last
        return last is not None and (
            (last.command, last.stream, last.actor, last.fingerprint, last.index + 1, last.offset + 1)
            == (fact.command, fact.stream, fact.actor, fact.fingerprint, fact.index, fact.offset)
        )
