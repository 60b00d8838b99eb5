"""Faults 2, 4, 9: a process stands still for a while, and goes on as if nothing had been."""

import asyncio
import signal
import time

from tests.blackbox.stack import thaw
from tests.blackbox.zombies import make_zombie
from tests.chaos.biting import Bite, Fault
from tests.chaos.planning import Kind, Planned
from tests.chaos.square import LIMIT_SECONDS, Square

HANG_SECONDS = (1.0, 10.0, 60.0)


async def zombie(square: Square, _: Planned) -> Bite:
    """The writer stands still just before an append, and sends it when another one serves already."""
    writer = await square.writer()
    refused = await make_zombie(square.stack, square.load.history, writer, square.other(writer))
    return Bite(int(refused), "its appends were refused by the broker when it went on")


async def kafka_hangs(square: Square, planned: Planned) -> Bite:
    """For 1, 10 or 60 seconds, in turns."""
    seconds, history = HANG_SECONDS[planned.turn % len(HANG_SECONDS)], square.load.history
    began, child = time.monotonic(), square.stack.kafka.child
    child.send(signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        child.send(signal.SIGCONT)
    await asyncio.sleep(0.5)  # for the answers that waited to come
    bitten = history.slow_since(began, 0.8 * seconds) + history.hurt_since(began)
    return Bite(bitten, f"commands waited for the {seconds:.0f} s, or were answered 503 or 504")


async def two_projectors(square: Square, _: Planned) -> Bite:
    """The one that follows stands still; when it goes on, it must notice that it is no longer the one."""
    follower, began = await square.follower(), time.monotonic()
    other = square.other(follower)
    follower.child.send(signal.SIGSTOP)
    try:
        while await square.stack.metric(other, "verbatim_projector_following") < 1:
            assert time.monotonic() < began + LIMIT_SECONDS, "no other projector follows"
            await asyncio.sleep(0.1)
    finally:
        thaw(follower)
        square.stood_still(follower, began)
    return Bite(1, "both believed that they follow when it went on")


STANDING: dict[Kind, Fault] = {
    Kind.ZOMBIE: zombie,
    Kind.KAFKA_HANGS: kafka_hangs,
    Kind.TWO_PROJECTORS: two_projectors,
}
