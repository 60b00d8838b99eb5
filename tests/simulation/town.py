"""A whole small world from a seed: servers, processes that stand still or crash, people who ask until they know."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from aiokafka.structs import TopicPartition

from services.command.dispatching import Accepted
from services.command.writing.clocks import Clocks
from services.command.writing.serving import Writers
from services.command.writing.surroundings import Surroundings
from shared.identifiers import StreamKind
from shared.settings import Settings
from tests.simulation.boards import DECIDERS, PlainReading
from tests.simulation.brokers import AppenderInMemory, Brokers, ReaderInMemory
from tests.simulation.comparing import differences
from tests.simulation.history import Attempt, History
from tests.simulation.net import Net, Weather
from tests.simulation.store import Database, LeasesInMemory, StoreInMemory
from tests.simulation.virtual_time import OUTSIDE, STARTS_AT, Running, VirtualTime

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
LATEST_ANSWER_SECONDS = 0.5


@dataclass(eq=False)
class Process:
    """A command service: its writers, and how it is."""

    name: str
    running: Running
    writers: Writers
    crashed: "asyncio.Future[None]"
    went_on_at: float = 0.0


@dataclass
class Town:
    """Everything there is in one simulation."""

    chance: Random
    loop: VirtualTime
    net: Net
    brokers: Brokers
    settings: Settings
    names: Sequence[str]
    history: History = field(init=False)
    database: Database = field(init=False)
    partitions: dict[StreamKind, TopicPartition] = field(init=False)
    processes: dict[str, Process] = field(default_factory=dict)
    incarnations: "count[int]" = field(default_factory=count)
    compares: bool = True
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.partitions = {kind: TopicPartition(self.settings.topic(kind), 0) for kind in StreamKind}
        self.database = Database(self.loop.time, lambda: self.net.happens(self.net.leases_forgotten), self.compare)
        self.history = History(
            {each: PlainReading(self.brokers.log(each).records) for each in self.partitions.values()}
        )

    def tell(self, what: str) -> None:
        """Adds a line to the story of this seed."""
        self.story.append(f"{self.loop.time() - STARTS_AT:8.3f}  {what}")

    # ---- processes

    def start(self, name: str) -> None:
        """Starts a process, as after a crash: with nothing but its name."""
        running = self.loop.process(name)
        writers = Writers(replace(self.settings, instance_name=name), self._surroundings(name), DECIDERS)
        self.processes[name] = Process(name, running, writers, self.loop.create_future())
        self.loop.call_soon(self.loop.create_task, writers.start(), context=running.context())
        self.tell(f"{name} starts")

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
        self.history.answered(attempt, outcome)
        due = max(attempt.sent_at, process.went_on_at) + self.settings.command_deadline_seconds + LATEST_ANSWER_SECONDS
        if self.loop.time() > due:
            self.history.find(f"A: attempt {attempt.number} was answered {self.loop.time() - due:.1f} s too late")

    # ---- what must always be true

    def stored_all(self, partition: TopicPartition) -> bool:
        """Whether the decision store has everything that counts."""
        offset, reading = self.database.partition(partition).next_offset, self.history.readings[partition]
        return reading.at(offset).boards == reading.at(reading.end).boards

    def check_trouble(self, process: Process) -> None:
        """Nobody waits for an operator: what happens here heals by itself."""
        for where, why in process.writers.trouble.items():
            self.history.find(f"A: {process.name} serves {where} no more: {why}")

    def claim(self, partition: TopicPartition) -> tuple[int, int]:
        """The claim in force, as offset and epoch."""
        reading = self.history.readings[partition]
        return reading.at(reading.end).claim

    def compare(self, partition: TopicPartition) -> None:
        """Compares the decision store with the log."""
        row, reading = self.database.partition(partition), self.history.readings[partition]
        self.tell(f"the store has {partition.topic} up to {row.next_offset}, fence {row.fence}")
        if not self.compares:
            return
        if row.next_offset > reading.end:
            self.history.find(f"store: its offset {row.next_offset} is behind the end of the log")
            return
        records = self.brokers.log(partition).records
        self.history.findings.extend(differences(self.database.tables, partition, records, reading.at(row.next_offset)))


async def _nothing() -> None:
    """The topics are there."""


def make_town(seed: int) -> Town:
    """The world of a seed."""
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
    return Town(chance, loop, net, Brokers(chance.random() < 0.4, chance.random() < 0.2), settings, ("one", "two"))
