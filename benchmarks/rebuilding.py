"""Times a rebuild as an operator's command does it, up to and without the comparison of rows."""

import time
from time import perf_counter

import msgspec

from benchmarks.apart import answer_job, apart
from benchmarks.following import Projected
from benchmarks.stack import environment_of
from services.projector.projections import PROJECTIONS
from services.projector.rebuilding import Filling, Rebuilding
from shared.settings import Settings, read_settings


class _Nothing(msgspec.Struct, frozen=True):
    """The settings come in the environment."""


async def rebuild(settings: Settings) -> Projected:
    """Has a process of its own fill the schema `read_next` of these settings, which must be empty but migrated."""
    return await apart("rebuilding", _Nothing(), Projected, environment_of(settings))


async def _measure(_: _Nothing) -> Projected:
    said: list[Filling] = []
    began, began_cpu = perf_counter(), time.process_time()
    await Rebuilding(read_settings(), PROJECTIONS).fill(said.append)
    return Projected(perf_counter() - began, time.process_time() - began_cpu, said[-1].records)


if __name__ == "__main__":
    answer_job(_Nothing, _measure)
