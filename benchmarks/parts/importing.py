"""How quick the history of another chat comes in."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from benchmarks.apart import BrokenRunError
from benchmarks.figures import Figure, Rounds
from benchmarks.part import Bench, Part
from benchmarks.plan import SMOKE
from benchmarks.processes import cpu_of, difference
from benchmarks.stack import Services, environment_of

SAMPLE = Path(__file__).parents[2] / "tests" / "samples" / "gitter"
ARCHIVE = "freecodecamp-gitter"


class _Count(msgspec.Struct, frozen=True):
    recorded: int


class _Report(msgspec.Struct, frozen=True):
    messages: _Count
    seconds: float
    complete: bool


async def measure(bench: Bench) -> list[Figure]:
    """Messages a second of `verbatim import`, each round into empty topics and tables."""
    archive = _archive(bench)
    rounds = Rounds()
    for number in range(bench.plan.rounds):
        corner = await bench.servers.corner(f"import{number}")
        async with bench.servers.services(corner) as services:
            before = cpu_of(services.pids)
            report = await _import(services, archive)
            used = difference(cpu_of(services.pids), before)
        rounds.note("messages", report.messages.recorded)
        rounds.note("rate", report.messages.recorded / report.seconds)
        rounds.note_all({name: seconds / report.messages.recorded * 1e6 for name, seconds in used.items()})
    messages = rounds.of("messages")[0]
    named = "the whole archive of VERBATIM_DATA" if archive != SAMPLE else "the small sample of the tests"
    how = f"`verbatim import gitter`, {named}, by the time that its own report names; each round into an empty system"
    return [
        Figure(f"messages imported a second, of {messages:,.0f}", "messages/s", rounds.of("rate"), how),
        *(
            Figure(f"CPU of {name} for an imported message", "µs", rounds.of(name))
            for name in ("command", "projector", "Kafka", "Postgres")
        ),
    ]


def _archive(bench: Bench) -> Path:
    data = os.environ.get("VERBATIM_DATA")
    return Path(data) / ARCHIVE if data and bench.plan is not SMOKE else SAMPLE


async def _import(services: Services, archive: Path) -> _Report:
    words = ["import", "gitter", str(archive), "--url", services.command.url, "--json"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.operator",
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment_of(services.settings)},
    )
    try:
        said, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise BrokenRunError(f"the import failed: {complaint.decode(errors='replace').strip()}")
    report = msgspec.json.decode(said, type=_Report)
    if not report.complete or not report.messages.recorded:
        raise BrokenRunError("the import was not complete")
    return report


PART = Part("g", "How quick does an archive come in?", measure)
