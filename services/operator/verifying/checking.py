"""The whole check: both topics from their first record, and the read tables as of one moment before."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from hashlib import blake2b

from services.operator.verifying.comparing import compare
from services.operator.verifying.conversations_fold import ConversationsFold
from services.operator.verifying.expiry_rules import ExpiryRules
from services.operator.verifying.findings import Report
from services.operator.verifying.log_reading import Extent, Going, LogReader
from services.operator.verifying.partition_rules import PartitionRules
from services.operator.verifying.people_fold import PeopleFold
from services.operator.verifying.plain_records import Fact, RawRecord
from services.operator.verifying.read_tables import FROM_THE_START, TABLES, Checkpoint, Snapshot, snapshot_of

KINDS = ("users", "conversations")
IDENTITY_BYTES = 16
Fold = PeopleFold | ConversationsFold


@dataclass(frozen=True, slots=True)
class Source:
    """What is checked. Without a database the log alone is."""

    bootstrap_servers: str
    topics: dict[str, str]
    database_url: str | None
    read_schema: str


@dataclass(slots=True)
class TopicCheck:
    """One topic on its way: its rules, its fold, and what the tables remember of it."""

    kind: str
    topic: str
    report: Report
    commands: set[str]
    expiries: ExpiryRules
    fold: Fold
    tables: Snapshot | None
    parked: set[str] = field(default_factory=set)

    async def follow(self, number: int, partitions: int, extent: Extent, reader: LogReader) -> None:
        """Reads one partition, checks it, and folds what the tables cover."""
        checkpoint = FROM_THE_START if self.tables is None else await self.tables.checkpoint(self.topic, number)
        self._check_extent(number, extent, checkpoint)
        rules = PartitionRules(self.kind, partitions, self.report, self.commands)
        async for batch in reader.batches(self.topic, number, extent):
            for record in batch:
                self._take(record, rules.judge(record), checkpoint)
                if record.offset == checkpoint.next_offset - 1:
                    self._check_checkpoint(record, rules, checkpoint)
        self.report.count("streams", len(rules.versions))

    def _take(self, record: RawRecord, fact: Fact | None, checkpoint: Checkpoint) -> None:
        if fact is None:
            return
        self.expiries.follow(fact)
        if record.offset < checkpoint.next_offset and fact.stream not in self.parked:
            self.fold.fold(fact)

    def _check_extent(self, number: int, extent: Extent, checkpoint: Checkpoint) -> None:
        place = f"{self.topic}/{number}"
        if extent.begin:
            self.report.find("log", place, f"it begins at offset {extent.begin}: what was before is lost")
        if checkpoint.next_offset > extent.end:
            what = f"the log ends at {extent.end}, and the tables had come to {checkpoint.next_offset}: it went back"
            self.report.find("checkpoint", place, what)
        if self.tables is not None and checkpoint.next_offset < extent.end:
            self.report.count("records that the tables did not cover yet", extent.end - checkpoint.next_offset)

    def _check_checkpoint(self, record: RawRecord, rules: PartitionRules, checkpoint: Checkpoint) -> None:
        if checkpoint.claim != (rules.in_force or FROM_THE_START.claim):
            self.report.find("checkpoint", record.place, "the tables remember another claim in force")
        if checkpoint.last_record != blake2b(record.value or b"", digest_size=IDENTITY_BYTES).digest():
            self.report.find("checkpoint", record.place, "the tables remember another record here: the log went back")

    async def compare_tables(self) -> None:
        """Compares the tables that this topic fills."""
        if self.tables is None:
            return
        self.fold.finish()
        for table in TABLES[self.kind]:
            rows = self.tables.rows(table)
            await compare(table, rows, getattr(self.fold, table.name), self.parked, self.report)


async def check(source: Source, going: Going) -> Report:
    """Checks all that there is, and says meanwhile how far it is.

    Raises what the clients raise where Kafka or Postgres cannot be reached, and LogIsSilentError.
    """
    report, commands = Report(), set[str]()
    async with AsyncExitStack() as stack:
        tables = None
        if source.database_url is not None:
            tables = await stack.enter_async_context(snapshot_of(source.database_url, source.read_schema))
        # The first look into the tables fixes their moment. The ends of the log, asked for later, are never before it.
        parked = await _parked(tables, report)
        reader = await stack.enter_async_context(LogReader(source.bootstrap_servers, going))
        extents = {kind: await reader.extents(source.topics[kind]) for kind in KINDS}
        going.total = sum(each.end - each.begin for topic in extents.values() for each in topic.values())
        for kind in KINDS:
            fold: Fold = PeopleFold() if kind == "users" else ConversationsFold()
            expiries = ExpiryRules(report)
            topic = TopicCheck(kind, source.topics[kind], report, commands, expiries, fold, tables, parked)
            await _check_topic(topic, extents[kind], reader)
    return report


async def _check_topic(topic: TopicCheck, extents: dict[int, Extent], reader: LogReader) -> None:
    if not extents:
        topic.report.find("log", topic.topic, "there is no such topic")
    for number, extent in extents.items():
        await topic.follow(number, len(extents), extent, reader)
    await topic.compare_tables()


async def _parked(tables: Snapshot | None, report: Report) -> set[str]:
    if tables is None:
        report.notice("the read tables were not compared")
        return set()
    parked = await tables.parked_streams()
    if parked:
        report.notice(f"parked streams, which wait for an operator and were left out: {len(parked)}")
    return parked
