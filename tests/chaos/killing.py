"""Faults 1, 3, 7, 8: a process is ended, in good order or as a crash would, and started again."""

import asyncio
import signal
import time

import asyncpg

from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.postgres import STOP_SECONDS
from tests.blackbox.stack import freeze
from tests.blackbox.standing_still import AFTER_APPEND, BEFORE_APPEND
from tests.chaos.biting import Bite, Fault
from tests.chaos.planning import Kind, Planned
from tests.chaos.square import LIMIT_SECONDS, Square, comes_true

HURT = 5


async def killed_before_append(square: Square, _: Planned) -> Bite:
    """Everything was decided, and nothing is sent."""
    return await _killed_at(square, BEFORE_APPEND)


async def killed_after_append(square: Square, _: Planned) -> Bite:
    """The log has it, and nobody is told."""
    return await _killed_at(square, AFTER_APPEND)


async def _killed_at(square: Square, moment: str) -> Bite:
    writer = await square.writer()
    began = time.monotonic()
    await freeze(square.stack, writer, moment)
    writer.child.kill()
    square.stood_still(writer, began)
    await square.stack.start_standby(writer)
    return Bite(1, f"it stood at the moment {moment} of a conversation, and was killed there")


async def killed_in_append(square: Square, _: Planned) -> Bite:
    """The log has it, and its acknowledgement does not come."""
    writer, link = await square.writer(), square.links.kafka
    lost, link.silent = link.lost, True
    await link.has(lambda: link.lost > lost)
    writer.child.kill()
    link.mend()
    await square.stack.start_standby(writer)
    return Bite(link.lost - lost, "appends were acknowledged, and the writer killed before it heard of it")


async def kafka_stopped(square: Square, _: Planned) -> Bite:
    """In good order."""
    began = time.monotonic()
    await square.stack.kafka.stop()
    return await _down(square, square.stack.kafka, began)


async def kafka_killed(square: Square, _: Planned) -> Bite:
    """As a crash would end it."""
    began = time.monotonic()
    square.stack.kafka.kill()
    return await _down(square, square.stack.kafka, began)


async def postgres_fast(square: Square, _: Planned) -> Bite:
    """Its clients are sent away, and it ends in good order."""
    return await _postgres_ends(square, signal.SIGINT)


async def postgres_immediate(square: Square, _: Planned) -> Bite:
    """Everything is dropped; the next start recovers."""
    return await _postgres_ends(square, signal.SIGQUIT)


async def postgres_killed(square: Square, _: Planned) -> Bite:
    """As a crash would end it."""
    return await _postgres_ends(square, signal.SIGKILL)


async def _postgres_ends(square: Square, how: signal.Signals) -> Bite:
    began, postgres = time.monotonic(), square.stack.postgres
    await postgres.child.stop((how, STOP_SECONDS))
    history = square.load.history
    await comes_true(lambda: history.blind_since(began) > 0)
    await postgres.start()
    return Bite(history.blind_since(began), "questions were not answered meanwhile")


async def _down(square: Square, part: EmbeddedKafka, began: float) -> Bite:
    history = square.load.history
    await comes_true(lambda: history.hurt_since(began) >= HURT)
    await part.start()
    return Bite(history.hurt_since(began), "commands were answered 503 or 504, or not at all, meanwhile")


async def projector_killed(square: Square, _: Planned) -> Bite:
    """In the middle of a batch: a lock of ours holds it at its rows, when it has moved its checkpoint already."""
    follower = await square.follower()
    connection = await asyncpg.connect(square.stack.postgres.url)
    try:
        async with connection.transaction():
            schema = square.stack.settings.schema("read")
            await connection.execute(f"LOCK TABLE {schema}.messages IN SHARE ROW EXCLUSIVE MODE")
            waiting = await _somebody_waits(square, connection.get_server_pid())
            follower.child.kill()
    finally:
        await connection.close()
    await square.stack.start_standby(follower)
    return Bite(waiting, "its transaction had moved the checkpoint, and waited for a lock of ours when it was killed")


async def _somebody_waits(square: Square, for_whom: int) -> int:
    asking = await asyncpg.connect(square.stack.postgres.url)
    until = time.monotonic() + LIMIT_SECONDS
    try:
        while True:
            count: int = await asking.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))", for_whom
            )
            if count or time.monotonic() > until:
                return count
            await asyncio.sleep(0.02)
    finally:
        await asking.close()


KILLING: dict[Kind, Fault] = {
    Kind.KILLED_BEFORE_APPEND: killed_before_append,
    Kind.KILLED_IN_APPEND: killed_in_append,
    Kind.KILLED_AFTER_APPEND: killed_after_append,
    Kind.KAFKA_STOPPED: kafka_stopped,
    Kind.KAFKA_KILLED: kafka_killed,
    Kind.POSTGRES_FAST: postgres_fast,
    Kind.POSTGRES_IMMEDIATE: postgres_immediate,
    Kind.POSTGRES_KILLED: postgres_killed,
    Kind.PROJECTOR_KILLED: projector_killed,
}
