"""What stories are told with: somebody is waited for or changes something, a server fails, what was held up arrives."""

import asyncio
from collections.abc import Callable, Sequence

from aiokafka.structs import TopicPartition

from shared.identifiers import StreamKind
from tests.simulation.boards import some_change
from tests.simulation.brokers import NODES
from tests.simulation.people import Wish, put
from tests.simulation.store import Tables
from tests.simulation.town import Town
from tests.writing.notes import OfBoard

SOON = 0.002


def somewhere(town: Town) -> tuple[StreamKind, TopicPartition]:
    """Any of the partitions."""
    kind = town.chance.choice(list(StreamKind))
    return kind, town.partitions[kind]


async def server(town: Town, partition: TopicPartition, other_than: str = "") -> str:
    """Waits until somebody else serves a partition and stands not still."""
    while True:
        for name in town.serving(partition):
            if name != other_than and not town.processes[name].running.stands_still:
                return name
        await asyncio.sleep(SOON)


async def until_lost(town: Town, partition: TopicPartition, name: str) -> None:
    """Waits until somebody serves a partition no more."""
    await until(lambda: name not in town.serving(partition))


async def until_claimed(town: Town, partition: TopicPartition) -> None:
    """Waits until somebody claims a partition."""
    before = town.claim(partition)
    await until(lambda: town.claim(partition) != before)


async def until(holds: Callable[[], bool]) -> None:
    """Waits until this holds."""
    while not holds():  # noqa: ASYNC110  # nothing says so
        await asyncio.sleep(SOON)


async def change(town: Town, wishes: list[Wish], kind: StreamKind, name: str) -> None:
    """Asks somebody for some change."""
    await do(town, wishes, name, some_change(town.chance, kind))


async def do(town: Town, wishes: list[Wish], name: str, command: OfBoard) -> None:
    """Asks somebody for this, unless he has crashed. It is one wish more."""
    wish = Wish(command, f"change-{len(wishes)}")
    wishes.append(wish)
    if name in town.processes:
        await put(town, town.partitions[command.stream.kind], name, wish)


def let_arrive(held_up: list[Callable[[], None]]) -> None:
    """In the order in which they were sent."""
    while held_up:
        held_up.pop(0)()


def change_leader(town: Town, partition: TopicPartition) -> None:
    """Another broker leads a partition."""
    log = town.brokers.log(partition)
    log.leader = next(node for node in NODES if node != log.leader)


def crash_the_database(town: Town, choose: Callable[[Sequence[Tables]], Tables]) -> None:
    """The database goes back to the earlier moment that is chosen, if there is one."""
    if town.database.crash(choose):
        town.tell("the database crashes, and has lost what was not on its disk")
