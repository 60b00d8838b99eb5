"""How a check is shown: a bar on a terminal, a plain line now and then elsewhere, and what it came to at the end."""

import asyncio
from datetime import timedelta
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.operator.verifying.findings import Report
from services.operator.verifying.log_reading import Going

BAR_SECONDS = 0.2
LINE_SECONDS = 5.0
TOLD = 20


async def show(going: Going, to: TextIO) -> None:
    """Shows how far it is until it is cancelled."""
    if to.isatty():
        await _bar(going, Console(file=to))
    else:
        await _plain_lines(going, to)


async def _bar(going: Going, console: Console) -> None:
    rate = TextColumn("{task.fields[rate]:,.0f} records/s")
    columns = (TextColumn("records"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None, rate=0.0)
        while True:
            progress.update(task, total=going.total, completed=going.done, rate=going.per_second)
            await asyncio.sleep(BAR_SECONDS)


async def _plain_lines(going: Going, to: TextIO) -> None:
    while True:
        await asyncio.sleep(LINE_SECONDS)
        left = timedelta(seconds=round(going.seconds_left))
        line = f"{going.done:,} of {going.total:,} records, {going.per_second:,.0f} records/s, {left} left"
        print(line, file=to, flush=True)


def in_words(report: Report) -> str:
    """What was looked at, what limits it, and what was found, the first of it with its place."""
    lines = [f"{what}: {number:,}" for what, number in report.looked_at.items()]
    lines += [f"Note: {notice}" for notice in report.notices[:TOLD]]
    if report.is_clean:
        return "\n".join([*lines, "Nothing was found to be wrong."])
    lines += [f"FOUND {rule}: {number:,}" for rule, number in report.found.items()]
    lines += [f"  {each.rule}: {each.place}: {each.what}" for each in report.first[:TOLD]]
    if report.found.total() > TOLD:
        lines.append(f"  … and {report.found.total() - TOLD:,} more: see --json")
    return "\n".join(lines)
