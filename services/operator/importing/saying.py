"""How an import is shown: a bar on a terminal, a plain line now and then elsewhere, and a summary at the end."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.operator.importing.tally import NOUNS, Noted, Tally, by_place

BAR_SECONDS = 0.2
LINE_SECONDS = 5.0
LISTED = 5


async def progress_of(tally: Tally, to: TextIO) -> None:
    """Shows how far it is until it is cancelled."""
    if to.isatty():
        await _bar(tally, Console(file=to))
    else:
        await _plain_lines(tally, to)


async def _bar(tally: Tally, console: Console) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f} messages/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("people", total=tally.archive.messages, rate=0.0)
        while True:
            description = tally.trouble or ("messages" if tally.counts["conversation"].settled else "people")
            done = tally.counts["message"].settled
            progress.update(task, description=description, completed=done, rate=tally.messages_per_second)
            await asyncio.sleep(BAR_SECONDS)


async def _plain_lines(tally: Tally, to: TextIO) -> None:
    while True:
        await asyncio.sleep(LINE_SECONDS)
        left = tally.seconds_left
        when = "" if left is None else f", {timedelta(seconds=round(left))} left"
        trouble = f" ({tally.trouble})" if tally.trouble else ""
        people, messages = tally.counts["person"].settled, tally.counts["message"].settled
        print(
            f"{people:,} of {len(tally.archive.people):,} people, {messages:,} of {tally.archive.messages:,} messages, "
            f"{tally.messages_per_second:,.0f} messages/s{when}{trouble}",
            file=to,
            flush=True,
        )


def in_words(tally: Tally) -> str:
    """The summary: figures, why things were not taken, and the first of them with their places."""
    lines = [
        f"{NOUNS[kind]}: {each.recorded:,} imported, {each.already_there:,} already there, {each.refused:,} refused"
        for kind, each in tally.counts.items()
    ]
    lines.append(f"repeated rows in the source, each taken once: {tally.archive.repeated_rows:,}")
    if tally.appended:
        lines.append(f"{tally.seconds:,.1f} s, {tally.messages_per_second:,.0f} messages/s")
    else:
        lines.append("Nothing was appended.")
    lines += _listed("Refused", tally.refused) + _listed("Left out", tally.left_out)
    return "\n".join(lines + _listed("Imported with a change", tally.changed))


def _listed(title: str, found: list[Noted]) -> list[str]:
    """Each reason with its number and its first places."""
    lines = []
    reasons = Counter((each.code, each.reason) for each in found)
    for (code, reason), count in sorted(reasons.items(), key=lambda each: (-each[1], each[0])):
        lines.append(f"{title}: {count:,} as {code} ({reason})")
        those = sorted((each for each in found if (each.code, each.reason) == (code, reason)), key=by_place)
        lines += [f"  {each.file}:{each.row} {each.kind} {each.source_id}".rstrip() for each in those[:LISTED]]
        if count > LISTED:
            lines.append(f"  … and {count - LISTED:,} more: see --report or --json")
    return lines
