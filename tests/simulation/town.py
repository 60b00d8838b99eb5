"""A whole small world from a seed: servers, processes that stand still or crash, people who ask until they know."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from aiokafka.structs import TopicPartition

from services.command.deciding import Decider
from services.command.dispatching import Accepted
from services.command.writing.clocks import Clocks
from services.command.writing.decision_store import Codec
from services.command.writing.groups import Rules
from services.command.writing.partition_writer import name_of
from services.command.writing.rebuilding import rebuild_partition
from services.command.writing.serving import Writers
from services.command.writing.surroundings import Surroundings
from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.simulation.boards import DECIDERS, PlainReading, PlainStream
from tests.simulation.brokers import AppenderInMemory, Brokers, ReaderInMemory
from tests.simulation.comparing import differences
from tests.simulation.features import FEATURE_DECIDERS, STREAMS
from tests.simulation.history import Attempt, History
from tests.simulation.lives import PlainLife
from tests.simulation.net import Net, Weather
from tests.simulation.store import Database, LeasesInMemory, StoreInMemory
from tests.simulation.virtual_time import OUTSIDE, STARTS_AT, Running, VirtualTime

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
LATEST_ANSWER_SECONDS = 0.5
OF_FEATURES = 0.2
CLAIMED = "verbatim.partition.claimed.v1"


@dataclass(eq=False)
class Process:
    """A command service: its writers, and how it is."""

    name: str
    running: Running
    writers: Writers
    crashed: "asyncio.Future[None]"
    went_on_at: float = 0.0


@dataclass(frozen=True)
class GoneBack:
    """A log that went back: how long it was then, and the claims that had been made: of whoever cannot know yet."""

    length: int
    claims: frozenset[tuple[int, int]]


@dataclass
class Town:
    """Everything there is in one simulation."""

    chance: Random
    loop: VirtualTime
    net: Net
    brokers: Brokers
    settings: Settings
    names: Sequence[str]
    of_features: bool
    history: History = field(init=False)
    database: Database = field(init=False)
    partitions: dict[StreamKind, TopicPartition] = field(init=False)
    processes: dict[str, Process] = field(default_factory=dict)
    incarnations: "count[int]" = field(default_factory=count)
    gone_back: dict[TopicPartition, GoneBack] = field(default_factory=dict)
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.partitions = {kind: TopicPartition(self.settings.topic(kind), 0) for kind in StreamKind}
        self.database = Database(self.loop.time, lambda: self.net.happens(self.net.leases_forgotten), self.compare)
        self.history = History({each: self._reading_of(kind, each) for kind, each in self.partitions.items()})

    @property
    def deciders(self) -> Sequence[Decider]:
        """What the writers decide by."""
        return (*DECIDERS, *FEATURE_DECIDERS) if self.of_features else DECIDERS

    def _reading_of(self, kind: StreamKind, partition: TopicPartition) -> PlainReading:
        begun: dict[str, PlainStream] = {}
        if self.of_features:
            rules = Rules.of(kind, self.deciders)
            codec, streams = Codec(rules.deciders), [each for each, its_kind in STREAMS.items() if its_kind is kind]
            begun = {each: PlainLife.begun(rules, codec, each) for each in streams}
        return PlainReading(self.brokers.log(partition).records, begun)

    def tell(self, what: str) -> None:
        """Adds a line to the story of this seed."""
        self.story.append(f"{self.loop.time() - STARTS_AT:8.3f}  {what}")

    # ---- processes

    def start(self, name: str) -> None:
        """Starts a process, as after a crash: with nothing but its name."""
        running = self.loop.process(name)
        writers = self._made(name)
        self.processes[name] = Process(name, running, writers, self.loop.create_future())
        self.loop.call_soon(self.loop.create_task, writers.start(), context=running.context())
        self.tell(f"{name} starts")

    def _made(self, name: str) -> Writers:
        return Writers(replace(self.settings, instance_name=name), self._surroundings(name), self.deciders)

    def _surroundings(self, name: str) -> Surroundings:
        net, database = self.net, self.database
        return Surroundings(
            AppenderInMemory(self.brokers, net),
            ReaderInMemory(self.brokers, net),
            StoreInMemory(database, net),
            LeasesInMemory(
                database,
                net,
                list(self.partitions.values()),
                name,
                next(self.incarnations),
                self.settings.lease_seconds,
            ),
            _nothing,
            Clocks(lambda: MIDNIGHT + timedelta(milliseconds=int(self.loop.time() * 1000)), self.loop.time),
        )

    def serving(self, partition: TopicPartition) -> list[str]:
        """The processes that believe that they serve a partition."""
        return [name for name, process in self.processes.items() if partition in process.writers.serving]

    def crash(self, name: str) -> None:
        """Ends a process without a word."""
        self.tell(f"{name} crashes")
        process = self.processes.pop(name)
        self.check_trouble(process)
        process.running.stands_still = True
        process.crashed.set_result(None)

    def stand_still(self, name: str) -> None:
        """Stops a process until `go_on`."""
        self.tell(f"{name} stands still")
        self.processes[name].running.stands_still = True

    def go_on(self, name: str) -> None:
        """Lets a process go on, if it has not crashed meanwhile."""
        process = self.processes.get(name)
        if process is not None and process.running.stands_still:
            self.tell(f"{name} goes on")
            process.went_on_at = self.loop.time()
            self.loop.go_on(process.running)

    async def stop(self, name: str) -> None:
        """Ends a process as a deployment does."""
        self.tell(f"{name} is told to stop")
        process = self.processes.pop(name)
        self.check_trouble(process)
        await asyncio.wait(
            [self.loop.create_task(process.writers.stop(), context=process.running.context())], timeout=30
        )
        process.running.stands_still = True

    # ---- people

    async def ask(self, attempt: Attempt, patience: float) -> None:
        """Sends a request and waits for its answer, but not for ever: an answer may come when nobody waits any more."""
        process = self.processes[attempt.process]
        context = process.running.context()
        asking = self.loop.create_task(process.writers.dispatch(attempt.submission), context=context)
        asking.add_done_callback(lambda task: self._answered(process, attempt, task), context=OUTSIDE.copy())
        self.tell(f"attempt {attempt.number}: {attempt.submission.command} of {process.name}")
        either: list[asyncio.Future[Any]] = [asking, process.crashed]
        await asyncio.wait(either, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        attempt.given_up = not asking.done()

    def _answered(self, process: Process, attempt: Attempt, task: "asyncio.Task[Accepted]") -> None:
        if task.cancelled():
            return
        error = task.exception()
        outcome = error if isinstance(error, Exception) else task.result()
        self.tell(f"attempt {attempt.number} is answered {outcome!r}")
        if attempt.partition in self.gone_back:
            self._check_unknowing(process, attempt, outcome)
            return
        self.history.answered(attempt, outcome)
        due = max(attempt.sent_at, process.went_on_at) + self.settings.command_deadline_seconds + LATEST_ANSWER_SECONDS
        if self.loop.time() > due:
            self.history.find(f"A: attempt {attempt.number} was answered {self.loop.time() - due:.1f} s too late")

    def stored_all(self, partition: TopicPartition) -> bool:
        """Whether the decision store has everything that counts."""
        offset, reading = self.database.partition(partition).next_offset, self.history.readings[partition]
        return offset <= reading.end and reading.at(offset).boards == reading.at(reading.end).boards

    def check_trouble(self, process: Process) -> None:
        """Nobody waits for an operator: what happens here heals by itself."""
        expected = {name_of(each) for each in self.gone_back}
        for where, why in process.writers.trouble.items():
            if where not in expected or "went back" not in why:
                self.history.find(f"A: {process.name} serves {where} no more: {why}")

    # ---- a log that went back

    def lose_records(self, partition: TopicPartition, length: int, others: Sequence[bytes]) -> None:
        """Has a log go back behind what the decision store was made from; other records may take the place of some."""
        reading = self.history.readings[partition]
        self.gone_back[partition] = GoneBack(length + len(others), frozenset(reading.claims()))
        self.brokers.log(partition).go_back(length, others)
        reading.go_back(length)
        self.tell(f"the log of {name_of(partition)} goes back to {length}, and has {len(others)} others")

    def _check_unknowing(self, process: Process, attempt: Attempt, outcome: Accepted | Exception) -> None:
        """Only somebody who cannot know it yet may answer: whoever claimed before the log went back."""
        attempt.outcome = outcome
        tenure = process.writers._writers[attempt.partition].tenure
        claims = self.gone_back[attempt.partition].claims
        if tenure is not None and attempt.settled and (tenure.claim.offset, tenure.claim.epoch) not in claims:
            self.history.find(f"W: {process.name} serves a log that went back: {outcome!r}")

    def said(self, partition: TopicPartition) -> bool:
        """Whether somebody says that this log went back."""
        return any(name_of(partition) in each.writers.trouble for each in self.processes.values())

    def check_left_alone(self, partition: TopicPartition) -> None:
        """Whoever was taking it over may have claimed it once, without knowing; nothing else was appended."""
        reading, length = self.history.readings[partition], self.gone_back[partition].length
        if reading.at(length).boards != reading.at(reading.end).boards:
            self.history.find(f"W: something counts in {name_of(partition)} after it went back to {length}")
        values = [json.loads(each.value) for each in self.brokers.log(partition).records[length:]]
        claimants = Counter(each["data"]["writer"] for each in values if each["type"] == CLAIMED)
        if any(times > 1 for times in claimants.values()):
            self.history.find(f"W: {name_of(partition)} was claimed again after it went back: {claimants}")

    async def accept_loss(self, partition: TopicPartition) -> None:
        """What an operator does when all processes have ended: `verbatim decisions rebuild`."""
        self.check_left_alone(partition)
        parts = self._made("operator")._supervisors[partition].parts
        await rebuild_partition(parts, _nothing)
        self.history.lose(partition, self.gone_back.pop(partition).length)
        self.tell(f"an operator accepts what the log of {name_of(partition)} has lost")

    # ---- what must always be true

    def claim(self, partition: TopicPartition) -> tuple[int, int]:
        """The claim in force, as offset and epoch."""
        reading = self.history.readings[partition]
        return reading.at(reading.end).claim

    def compare(self, partition: TopicPartition) -> None:
        """Compares the decision store with the log."""
        row, reading = self.database.partition(partition), self.history.readings[partition]
        self.tell(f"the store has {partition.topic} up to {row.next_offset}, fence {row.fence}")
        if partition in self.gone_back:
            return
        if row.next_offset > reading.end:
            self.history.find(f"store: its offset {row.next_offset} is behind the end of the log")
            return
        records = self.brokers.log(partition).records
        self.history.findings.extend(differences(self.database.tables, partition, records, reading.at(row.next_offset)))


async def _nothing() -> None:
    """The topics are there."""


def is_of_features(seed: int) -> bool:
    """Whether people ask for things of the real features in the world of this seed."""
    return Random(f"features {seed}").random() < OF_FEATURES


def make_town(seed: int, *, of_features: bool) -> Town:
    """The world of a seed, in which people ask for things of boards, or of the real features."""
    chance = Random(seed)
    random.seed(seed)  # the writers' own jitter
    loop = VirtualTime()
    net = Net(loop, chance, Weather.drawn(chance), Weather.drawn(chance), chance.choice((0.0, 0.1, 0.5)))
    settings = Settings(
        partitions=1,
        lease_seconds=2.0,
        command_deadline_seconds=1.0,
        claim_hours=chance.choice((0.7, 3.0, 14_400.0)) / 3600,
        cluster_name="town",
    )
    brokers = Brokers(chance.random() < 0.4, chance.random() < 0.2)
    return Town(chance, loop, net, brokers, settings, ("one", "two"), of_features)
