"""Times the projector's own loop on a log that is there: into the live tables, with all indexes, each batch durable."""

import asyncio
import time
from time import perf_counter

import msgspec

from benchmarks.apart import answer_job, apart
from benchmarks.stack import environment_of
from services.projector.following import Follower
from services.projector.projections import PROJECTIONS
from services.projector.read_model import open_following_pool
from shared.settings import Settings, read_settings


class Projected(msgspec.Struct, frozen=True):
    """From connecting to the last commit, in seconds; CPU is that of the process, its start not counted."""

    seconds: float
    cpu_seconds: float
    records: int


class _Nothing(msgspec.Struct, frozen=True):
    """The settings come in the environment."""


async def follow_to_the_end(settings: Settings) -> Projected:
    """Has a process of its own fill the schema `read` of these settings, which must be empty."""
    return await apart("following", _Nothing(), Projected, environment_of(settings))


async def _measure(_: _Nothing) -> Projected:
    settings = read_settings()
    pool = await open_following_pool(settings, settings.schema("read"))
    follower = Follower(settings, pool, PROJECTIONS)
    began, began_cpu = perf_counter(), time.process_time()
    following = asyncio.create_task(follower.run())
    while not follower.progress.caught_up:
        await follower.progress.wait_for_change(1.0)
    found = Projected(
        perf_counter() - began, time.process_time() - began_cpu, sum(follower.progress.next_offsets.values())
    )
    following.cancel()
    await asyncio.wait([following])
    await pool.close()
    return found


if __name__ == "__main__":
    answer_job(_Nothing, _measure)
