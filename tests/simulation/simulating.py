"""Runs the world of one seed: trouble for a while, then quiet, then everything must be settled and true."""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random
from typing import NoReturn

import structlog
from aiokafka.structs import TopicPartition

from services.command.writing import remembering, serving, supervising, taking_over
from shared.identifiers import StreamKind
from tests.simulation import people
from tests.simulation.boards import some_change
from tests.simulation.people import Wish
from tests.simulation.town import Town, is_of_features, make_town
from tests.simulation.troubles import Trouble, any_trouble
from tests.simulation.virtual_time import TimeIsUpError

TROUBLE_SECONDS = 4.0
QUIET_SECONDS = 200.0
PEOPLE = 3
AFRESH = 0.7
SMALL = (
    (remembering, "REMEMBERED_STREAMS", 1),
    (remembering, "REMEMBERED_ROWS", 2),
    (taking_over, "CHUNK_RECORDS", 3),
    (taking_over, "FLUSH_FROM_ROWS", 5),
)
QUICK = (
    (supervising, "SHORTEST_PAUSE_SECONDS", 0.005),
    (supervising, "LONGEST_PAUSE_SECONDS", 0.3),
    (supervising, "AWAY_PAUSE_SECONDS", 0.02),
    (serving, "FLUSH_SECONDS", 0.04),
)


@dataclass(frozen=True)
class Simulated:
    """What came of a seed."""

    seed: int
    findings: tuple[str, ...]
    met: Counter[str]
    story: tuple[str, ...]


def simulate(seed: int, trouble: Trouble | None = None, *, of_features: bool | None = None) -> Simulated:
    """Runs a seed to its end; what is None, the kind of trouble and what people ask for, is what the seed draws."""
    with _without_logs(), _without_collecting(), _in_small(Random(seed)):
        town = make_town(seed, of_features=is_of_features(seed) if of_features is None else of_features)
        try:
            town.loop.run(_live(town, trouble or any_trouble(town.chance)), TROUBLE_SECONDS + QUIET_SECONDS + 100)
        except TimeIsUpError:
            town.history.find("A: not everything came to an end")
        finally:
            town.loop.end()
    history = town.history
    history.met.update(_met(town))
    return Simulated(seed, tuple(dict.fromkeys(history.findings)), history.met, tuple(town.story))


async def _live(town: Town, trouble: Trouble) -> None:
    for name in town.names:
        town.start(name)
    wishes: list[Wish] = []
    lives = [asyncio.create_task(people.live(town, number, wishes)) for number in range(PEOPLE)]
    troubling = asyncio.create_task(trouble(town, wishes))
    await asyncio.sleep(TROUBLE_SECONDS)
    if troubling.done():
        troubling.result()  # a story that could not be told is a fault of ours
    troubling.cancel()
    _end_trouble(town)
    await asyncio.gather(*lives)
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            for partition in list(town.gone_back):
                await _accepted(town, partition)
            await asyncio.gather(*(people.insist(town, wish) for wish in wishes))
            await asyncio.gather(*(people.try_for(town, wish, town.chance) for wish in wishes))
            if town.of_features:
                await _something_changes(town)
            await _flushed(town)
    except TimeoutError:
        town.history.find("A: not everything was settled, although all is quiet")
    for process in town.processes.values():
        town.check_trouble(process)
    town.history.check_at_the_end()
    for partition in town.partitions.values():
        town.compare(partition)


async def _accepted(town: Town, partition: TopicPartition) -> None:
    """Waits until somebody says that a log went back; then an operator accepts it, and whoever was stopped goes on."""
    kind = next(kind for kind, each in town.partitions.items() if each == partition)
    while not town.said(partition):
        if town.history.findings:
            return
        for name in town.serving(partition):
            look = Wish(some_change(town.chance, kind), f"look-{len(town.history.attempts)}")
            await people.put(town, partition, name, look)
        await asyncio.sleep(0.1)
    for name in list(town.processes):
        town.crash(name)
    await town.accept_loss(partition)
    for name in town.names:
        town.start(name)


async def _something_changes(town: Town) -> None:
    """In each partition: a store that a crash has undone is filled again by the next append, and who is deactivated, or
    in what is deleted, appends nothing."""
    changes = [Wish(some_change(town.chance, kind), f"last-{kind}") for kind in StreamKind]
    await asyncio.gather(*(people.insist(town, each) for each in changes))


async def _flushed(town: Town) -> None:
    """Waits until the store has all that counts; a void record that came late is followed with the next append."""
    while not all(town.stored_all(each) for each in town.partitions.values()):
        if town.history.findings:
            return
        await asyncio.sleep(0.1)


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


def _drop(*_: object) -> NoReturn:
    raise structlog.DropEvent


@contextmanager
def _without_logs() -> Iterator[None]:
    """Thousands of seeds have much to say."""
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        processors=[_drop],
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)
