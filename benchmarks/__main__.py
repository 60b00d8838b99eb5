"""`python -m benchmarks`: measures the parts that are chosen, and writes what it found."""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import uvloop

from benchmarks.apart import BrokenRunError
from benchmarks.machine import described
from benchmarks.part import Bench, Part
from benchmarks.parts import PARTS
from benchmarks.plan import FULL, SMOKE, STANDARD, Plan
from benchmarks.plot import plotted
from benchmarks.report import Outcome, Report, in_json, in_markdown
from benchmarks.stack import running_servers
from deploy.embedded.cannot_start import CannotStartError
from services.command.writing.appending import BrokerAwayError

RESULTS = Path(__file__).parent / "results"
ELSEWHERE = Path("var") / "benchmarks"
BUSY = 2.0


@click.command()
@click.option("--parts", default="", help="Letters of the parts to measure, as a,b. Default: all.")
@click.option("--rounds", type=click.IntRange(min=1), help="Default: 3.")
@click.option("--full", is_flag=True, help="A million messages. It takes hours.")
@click.option("--smoke", is_flag=True, help="Tiny sizes, to see that everything runs; its figures say nothing.")
@click.option("--into", type=click.Path(path_type=Path), help="The folder for the results.")
def main(*, parts: str, rounds: int | None, full: bool, smoke: bool, into: Path | None) -> None:
    """Measure Verbatim beside its floors.

    A whole run writes into benchmarks/results; one of chosen parts, or a smoke run, into var/benchmarks.
    """
    plan = SMOKE if smoke else FULL if full else STANDARD
    chosen = _chosen(parts)
    whole = len(chosen) == len(PARTS) and not smoke
    report = uvloop.run(_run(replace(plan, rounds=rounds or plan.rounds), chosen))
    folder = into or (RESULTS if whole else ELSEWHERE)
    _write(report, folder)
    missed = f"; missed: {len(report.missed)}" if report.missed else ""
    click.echo(f"written to {folder / plan.name}.md, .json and .svg{missed}")


def _chosen(letters: str) -> list[Part]:
    wanted = {each.strip() for each in letters.split(",") if each.strip()} or {part.letter for part in PARTS}
    unknown = wanted - {part.letter for part in PARTS}
    if unknown:
        known = ", ".join(f"{part.letter} ({part.asks})" for part in PARTS)
        raise click.ClickException(f"there is no part {', '.join(sorted(unknown))}: choose among {known}")
    return [part for part in PARTS if part.letter in wanted]


async def _run(plan: Plan, parts: Sequence[Part]) -> Report:
    load_before = os.getloadavg()[0]
    if load_before > BUSY:
        click.echo(f"others are at work here (load {load_before:.1f}): figures will say little", err=True)
    async with running_servers() as servers:
        machine = await described(servers, load_before)
        until = time.monotonic() + plan.run_limit_seconds
        outcomes = [await _outcome(Bench(servers, plan), part, until) for part in parts]
    return Report(plan.name, plan.rounds, machine, outcomes)


async def _outcome(bench: Bench, part: Part, until: float) -> Outcome:
    click.echo(f"({part.letter}) {part.asks}", err=True)
    began = time.monotonic()
    limit = min(bench.plan.part_limit_seconds, max(0.0, until - began))
    try:
        async with asyncio.timeout(limit):
            figures = await part.measure(bench)
    except TimeoutError:
        return Outcome(part.letter, part.asks, (), f"it was not done within {limit:.0f} s")
    except (BrokenRunError, BrokerAwayError, CannotStartError, OSError) as error:
        return Outcome(part.letter, part.asks, (), str(error))
    return Outcome(part.letter, part.asks, figures, seconds=time.monotonic() - began)


def _write(report: Report, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    plot = folder / f"{report.plan}.svg"
    plot.write_text(plotted(report.barred), encoding="utf-8")
    (folder / f"{report.plan}.json").write_text(in_json(report), encoding="utf-8")
    (folder / f"{report.plan}.md").write_text(in_markdown(report, plot.name), encoding="utf-8")


if __name__ == "__main__":
    main()
