"""Runs the world of one seed: trouble for a while, then quiet, then everything must be settled and true."""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random

import structlog
from aiokafka.structs import TopicPartition

from services.command.writing import remembering, serving, supervising, taking_over
from shared.identifiers import StreamKind
from tests.simulation.boards import questions_to, some_change, some_command, submission
from tests.simulation.history import Attempt
from tests.simulation.town import Town, make_town
from tests.simulation.virtual_time import TimeIsUpError
from tests.writing.notes import OfBoard

TROUBLE_SECONDS = 4.0
QUIET_SECONDS = 200.0
PATIENCE_SECONDS = 1.5
PEOPLE = 3
KEYS_EACH = 4
TRIES_IN_TROUBLE = 4
AFRESH = 0.7
SUCCESSIONS = 0.15
CHANGES = 2
SMALL = (
    (remembering, "REMEMBERED_STREAMS", 1),
    (remembering, "REMEMBERED_ROWS", 2),
    (taking_over, "CHUNK_RECORDS", 3),
    (taking_over, "FLUSH_FROM_ROWS", 4),
)
QUICK = (
    (supervising, "SHORTEST_PAUSE_SECONDS", 0.005),
    (supervising, "LONGEST_PAUSE_SECONDS", 0.3),
    (supervising, "AWAY_PAUSE_SECONDS", 0.02),
    (serving, "FLUSH_SECONDS", 0.04),
)
KNOWS_WHOM_TO_ASK = 0.8
CONTENT = 0.6


@dataclass(frozen=True)
class Simulated:
    """What came of a seed."""

    seed: int
    findings: tuple[str, ...]
    met: Counter[str]
    story: tuple[str, ...]


@dataclass(eq=False)
class Wish:
    """What somebody wants, under the key that they chose."""

    command: OfBoard
    key: str
    settled: bool = False


def simulate(seed: int) -> Simulated:
    """Runs a seed to its end."""
    with _without_logs(), _without_collecting(), _in_small(Random(seed)):
        town = make_town(seed)
        try:
            town.loop.run(_live(town), TROUBLE_SECONDS + QUIET_SECONDS + 100)
        except TimeIsUpError:
            town.history.find("A: not everything came to an end")
        finally:
            town.loop.end()
    history = town.history
    history.met.update(_met(town))
    return Simulated(seed, tuple(dict.fromkeys(history.findings)), history.met, tuple(town.story))


async def _live(town: Town) -> None:
    for name in town.names:
        town.start(name)
    wishes: list[Wish] = []
    people = [asyncio.create_task(_person(town, number, wishes)) for number in range(PEOPLE)]
    trouble = asyncio.create_task(_succession(town, wishes) if town.chance.random() < SUCCESSIONS else _trouble(town))
    await asyncio.sleep(TROUBLE_SECONDS)
    trouble.cancel()
    _end_trouble(town)
    await asyncio.gather(*people)
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            await asyncio.gather(*(_insist(town, wish) for wish in wishes))
            await asyncio.gather(*(_try(town, wish, town.chance) for wish in wishes))
            await _flushed(town)
    except TimeoutError:
        town.history.find("A: not everything was settled, although all is quiet")
    town.history.check_at_the_end()
    for partition in town.partitions.values():
        town.compare(partition)


async def _person(town: Town, number: int, wishes: list[Wish]) -> None:
    chance = Random(town.chance.random())
    for each in range(KEYS_EACH):
        await asyncio.sleep(chance.expovariate(1 / 0.3))
        wish = Wish(some_command(chance, list(StreamKind)), f"{number}-{each}")
        wishes.append(wish)
        for _ in range(TRIES_IN_TROUBLE):
            await _try(town, wish, chance)
            if wish.settled and chance.random() < CONTENT:
                break
            await asyncio.sleep(chance.expovariate(1 / 0.2))


async def _try(town: Town, wish: Wish, chance: Random) -> None:
    partition = town.partitions[wish.command.stream.kind]
    names = town.serving(partition) if chance.random() < KNOWS_WHOM_TO_ASK else list(town.processes)
    if not names:
        return
    name, patience = chance.choice(names), chance.choice((0.3, PATIENCE_SECONDS, PATIENCE_SECONDS))
    attempt = await _put(town, partition, name, wish.command, wish.key, patience)
    wish.settled = wish.settled or attempt.settled


async def _insist(town: Town, wish: Wish) -> None:
    while not wish.settled:
        await _try(town, wish, town.chance)
        if not wish.settled:
            await asyncio.sleep(0.2)


async def _flushed(town: Town) -> None:
    """Waits until the store has all that counts; a void record that came late is followed with the next append."""
    while not all(town.stored_all(each) for each in town.partitions.values()):  # noqa: ASYNC110  # nothing says so
        await asyncio.sleep(0.1)


async def _trouble(town: Town) -> None:
    chance = town.chance
    often = chance.choice((0.2, 0.5, 2.0))
    while True:
        await asyncio.sleep(chance.expovariate(1 / often))
        await _one_trouble(town, chance)


async def _one_trouble(town: Town, chance: Random) -> None:
    name = chance.choice(town.names)
    drawn = chance.random()
    if name not in town.processes:
        town.start(name)
    elif drawn < 0.5:
        if not town.processes[name].running.stands_still:
            town.stand_still(name)
            asyncio.get_running_loop().call_later(chance.choice((0.02, 0.3, 3.0)) * chance.random(), town.go_on, name)
    elif drawn < 0.65:
        town.crash(name)
    elif drawn < 0.75 and not town.processes[name].running.stands_still:
        await town.stop(name)
    elif drawn < 0.85:
        town.brokers.log(chance.choice(list(town.partitions.values()))).leader = chance.choice((1, 2))
    elif drawn < 0.9:
        town.brokers.log(chance.choice(list(town.partitions.values()))).producers.clear()
        town.tell("a leader forgets its producers")
    elif town.database.crash(chance.choice):
        town.tell("the database crashes, and has lost what was not on its disk")


async def _succession(town: Town, wishes: list[Wish]) -> None:
    """Somebody stands still until another serves and has written; when it goes on, it is asked what it knows."""
    kind = town.chance.choice(list(StreamKind))
    partition = town.partitions[kind]
    name = await _alone_in(town, partition, none_but=())
    town.stand_still(name)
    other = await _alone_in(town, partition, none_but=(name,))
    for wish in _changes(town.chance, kind):
        wishes.append(wish)
        if other in town.processes:
            await _put(town, partition, other, wish.command, wish.key)
    town.go_on(name)
    for question in questions_to(kind):
        if name in town.processes:
            await _put(town, partition, name, question, f"look-{len(town.history.attempts)}")


async def _alone_in(town: Town, partition: TopicPartition, none_but: tuple[str, ...]) -> str:
    """Waits until somebody but these serves a partition and stands not still."""
    while True:
        for name in town.serving(partition):
            if name not in none_but and not town.processes[name].running.stands_still:
                return name
        await asyncio.sleep(0.02)


def _changes(chance: Random, kind: StreamKind) -> list[Wish]:
    return [Wish(some_change(chance, kind), f"change-{number}") for number in range(CHANGES)]


async def _put(
    town: Town, partition: TopicPartition, name: str, command: OfBoard, key: str, patience: float = PATIENCE_SECONDS
) -> Attempt:
    asked = submission(command, key, len(town.history.attempts))
    attempt = town.history.sent(asked, partition, name, town.loop.time())
    await town.ask(attempt, patience)
    return attempt


def _end_trouble(town: Town) -> None:
    town.tell("all is quiet")
    town.net.clear_up()
    afresh = town.chance.random() < AFRESH
    for name in town.names:
        town.go_on(name)
        if afresh and name in town.processes:
            town.crash(name)
        if name not in town.processes:
            town.start(name)


def _met(town: Town) -> Counter[str]:
    return Counter(void=sum(reading.at(reading.end).void for reading in town.history.readings.values()))


@contextmanager
def _in_small(chance: Random) -> Iterator[None]:
    """In some seeds a few records are many: memory forgets, catching up takes several steps. In some all is quick."""
    with ExitStack() as stack:
        for limits in (SMALL, QUICK):
            if chance.random() < 0.6:
                for module, name, value in limits:
                    stack.callback(setattr, module, name, getattr(module, name))
                    setattr(module, name, value)
        yield


@contextmanager
def _without_collecting() -> Iterator[None]:
    """A seed makes little garbage, and looking for it costs a third of its time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _without_logs() -> Iterator[None]:
    """Thousands of seeds have much to say."""
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL), cache_logger_on_first_use=False
    )
    try:
        yield
    finally:
        structlog.configure(**before)
