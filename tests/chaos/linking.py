"""Faults 5, 6, 10: the way between the services and a server is cut, silent, slow or lossy."""

import asyncio
import random

from tests.blackbox.link import Link
from tests.chaos.biting import Bite, Fault
from tests.chaos.planning import Kind, Planned
from tests.chaos.square import Square

AT_ONCE = 3
SILENT_SECONDS = (2.0, 6.0)
SLOW_SECONDS = (3.0, 6.0)
DELAYS = (0.05, 0.5)
LOSS = 0.05


async def _lose(link: Link, what: str) -> Bite:
    lost, link.answers_to_lose = link.lost, AT_ONCE
    await link.has(lambda: link.answers_to_lose == 0)
    link.mend()
    return Bite(link.lost - lost, f"{what} reached the link, and went no further")


async def acks_lost(square: Square, _: Planned) -> Bite:
    """The log has it, and the writer is told nothing."""
    return await _lose(square.links.kafka, "acknowledgements of appends")


async def answers_lost(square: Square, _: Planned) -> Bite:
    """Postgres has done it, and nobody is told."""
    return await _lose(square.links.postgres, "answers")


async def _be_silent(link: Link, planned: Planned, what: str) -> Bite:
    lost, link.silent = link.lost, True
    await asyncio.sleep(random.Random(planned.seed).uniform(*SILENT_SECONDS))
    await link.has(lambda: link.lost > lost)
    link.mend()
    return Bite(link.lost - lost, f"{what} were swallowed by the link")


async def kafka_silent(square: Square, planned: Planned) -> Bite:
    """One direction is cut: Kafka hears everything, and nobody hears Kafka."""
    return await _be_silent(square.links.kafka, planned, "acknowledgements of appends")


async def postgres_silent(square: Square, planned: Planned) -> Bite:
    """Likewise."""
    return await _be_silent(square.links.postgres, planned, "answers")


async def _cut(link: Link, planned: Planned, what: str) -> Bite:
    cut, link.cut_at = link.cut, random.Random(planned.seed).uniform(0.01, 0.99)
    link.requests_to_cut = AT_ONCE
    await link.has(lambda: link.requests_to_cut == 0)
    link.mend()
    return Bite(link.cut - cut, f"{what} were cut at {link.cut_at:.0%} of their bytes")


async def append_cut(square: Square, planned: Planned) -> Bite:
    """The broker has a part of a request, and the connection ends."""
    return await _cut(square.links.kafka, planned, "appends")


async def statement_cut(square: Square, planned: Planned) -> Bite:
    """Likewise."""
    return await _cut(square.links.postgres, planned, "statements")


async def _be_slow(link: Link, planned: Planned) -> Bite:
    chance = random.Random(planned.seed)
    slowed, link.delay = link.slowed, DELAYS[planned.turn % len(DELAYS)]
    delay = link.delay
    await asyncio.sleep(chance.uniform(*SLOW_SECONDS))
    await link.has(lambda: link.slowed > slowed)
    link.mend()
    return Bite(link.slowed - slowed, f"pieces took {delay * 1000:.0f} ms longer each way")


async def _be_lossy(link: Link, planned: Planned) -> Bite:
    chance = random.Random(planned.seed)
    slowed, link.loss, link.chance = link.slowed, LOSS, chance
    await asyncio.sleep(chance.uniform(*SLOW_SECONDS))
    await link.has(lambda: link.slowed > slowed)
    link.mend()
    return Bite(link.slowed - slowed, "pieces had to be sent again, 200 ms later")


async def kafka_slow(square: Square, planned: Planned) -> Bite:
    """50 or 500 ms each way, in turns."""
    return await _be_slow(square.links.kafka, planned)


async def postgres_slow(square: Square, planned: Planned) -> Bite:
    """Likewise."""
    return await _be_slow(square.links.postgres, planned)


async def kafka_lossy(square: Square, planned: Planned) -> Bite:
    """TCP hides a loss, and takes its time."""
    return await _be_lossy(square.links.kafka, planned)


async def postgres_lossy(square: Square, planned: Planned) -> Bite:
    """Likewise."""
    return await _be_lossy(square.links.postgres, planned)


LINKING: dict[Kind, Fault] = {
    Kind.ACKS_LOST: acks_lost,
    Kind.ANSWERS_LOST: answers_lost,
    Kind.KAFKA_SILENT: kafka_silent,
    Kind.POSTGRES_SILENT: postgres_silent,
    Kind.APPEND_CUT: append_cut,
    Kind.STATEMENT_CUT: statement_cut,
    Kind.KAFKA_SLOW: kafka_slow,
    Kind.POSTGRES_SLOW: postgres_slow,
    Kind.KAFKA_LOSSY: kafka_lossy,
    Kind.POSTGRES_LOSSY: postgres_lossy,
}
