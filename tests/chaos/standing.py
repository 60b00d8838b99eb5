"""Faults 2, 4, 9: a process stands still for a while, and goes on as if nothing had been."""

import asyncio
import signal
import time

from tests.blackbox.stack import freeze, thaw
from tests.blackbox.standing_still import BEFORE_APPEND
from tests.chaos.biting import Bite, Fault
from tests.chaos.planning import Kind, Planned
from tests.chaos.square import LIMIT_SECONDS, Square

HANG_SECONDS = (1.0, 10.0, 60.0)


async def zombie(square: Square, _: Planned) -> Bite:
    """The writer stands still just before an append, and sends it when another one serves already."""
    writer, began = await square.writer(), time.monotonic()
    await freeze(square.stack, writer, BEFORE_APPEND)
    fenced = -1.0
    try:
        await square.stack.serves_all(square.other(writer))
    finally:
        thaw(writer)
        square.stood_still(writer, began)
    until = time.monotonic() + LIMIT_SECONDS
    while (fenced := await square.stack.metric(writer, "verbatim_fenced_appends_total")) == 0:
        if time.monotonic() > until:
            break
        await asyncio.sleep(0.1)
    return Bite(int(fenced), "its appends were refused by the broker when it went on")


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
