"""The people of a simulation: they ask, give up, ask another process with the same key, and want to know in the end."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random

from aiokafka.structs import TopicPartition

from services.command.deciding import Command
from shared.identifiers import StreamKind, UserId
from tests.simulation import features
from tests.simulation.boards import some_command, submission
from tests.simulation.history import Attempt
from tests.simulation.town import Town
from tests.writing.notes import ANN, OfBoard

PATIENCE_SECONDS = 1.5
KEYS_EACH = 4
TRIES_IN_TROUBLE = 4
KNOWS_WHOM_TO_ASK = 0.8
CONTENT = 0.6


@dataclass(eq=False)
class Wish:
    """What somebody wants, under the key that they chose."""

    command: Command
    key: str
    by: UserId = ANN
    settled: bool = False


async def live(town: Town, number: int, wishes: list[Wish]) -> None:
    """What one of them does while there is trouble."""
    chance = Random(town.chance.random())
    wanted = some_wishes(chance, number) if town.of_features else some_wishes_of_boards(chance, number)
    for _ in range(features.KEYS_EACH if town.of_features else KEYS_EACH):
        await asyncio.sleep(chance.expovariate(1 / 0.3))
        wish = next(wanted)
        wishes.append(wish)
        for _ in range(TRIES_IN_TROUBLE):
            await try_for(town, wish, chance)
            if wish.settled and chance.random() < CONTENT:
                break
            await asyncio.sleep(chance.expovariate(1 / 0.2))


def some_wishes_of_boards(chance: Random, number: int) -> Iterator[Wish]:
    """What one of them wants, one thing after another, without end."""
    for each in count():
        yield Wish(some_command(chance, list(StreamKind)), features.key_of(number, each))


def some_wishes(chance: Random, number: int) -> Iterator[Wish]:
    """What one of them wants of the real features, one thing after another."""
    by = features.PEOPLE[number]
    for each, command in enumerate(features.some_commands(chance, by)):
        yield Wish(command, features.key_of(number, each), by)


async def try_for(town: Town, wish: Wish, chance: Random) -> None:
    """Asks one of the processes once."""
    partition = town.partitions[wish.command.stream.kind]
    names = town.serving(partition) if chance.random() < KNOWS_WHOM_TO_ASK else list(town.processes)
    if not names:
        return
    name, patience = chance.choice(names), chance.choice((0.3, PATIENCE_SECONDS, PATIENCE_SECONDS))
    attempt = await put(town, partition, name, wish, patience)
    wish.settled = wish.settled or attempt.settled


async def insist(town: Town, wish: Wish) -> None:
    """Asks until it is settled; or something was found that is wrong, which is enough for a seed."""
    while not wish.settled and not town.history.findings:
        await try_for(town, wish, town.chance)
        if not wish.settled:
            await asyncio.sleep(0.2)


async def put(
    town: Town, partition: TopicPartition, name: str, wish: Wish, patience: float = PATIENCE_SECONDS
) -> Attempt:
    """Puts a request to a process, and waits for its answer for so long."""
    asked = submission(wish.command, wish.by, wish.key, len(town.history.attempts))
    attempt = town.history.sent(asked, partition, name, town.loop.time())
    await town.ask(attempt, patience)
    return attempt


async def ask_all(town: Town, partition: TopicPartition, name: str, questions: Sequence[OfBoard]) -> None:
    """Asks a process what it knows, for as long as there is that process."""
    for question in questions:
        if name in town.processes:
            await put(town, partition, name, Wish(question, f"look-{len(town.history.attempts)}"))
