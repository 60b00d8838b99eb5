"""How the filling of new tables is shown: a bar on a terminal, a plain line now and then elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import inf
from time import monotonic
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.projector.rebuilding import Filling, Say

LINE_SECONDS = 2.0


@contextmanager
def showing_filling(to: TextIO) -> Iterator[Say]:
    """Gives what shows each state of the filling."""
    if to.isatty():
        with _bar(Console(file=to)) as say:
            yield say
    else:
        yield _plain_lines(to)


@contextmanager
def _bar(console: Console) -> Iterator[Say]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f} records/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("preparing", total=None, rate=0.0)

        def say(filling: Filling) -> None:
            progress.update(
                task,
                description=filling.trouble or filling.step,
                completed=filling.records,
                total=filling.of or None,
                rate=filling.records_per_second,
            )

        yield say


def _plain_lines(to: TextIO) -> Say:
    said, said_at = ("", False), -inf

    def say(filling: Filling) -> None:
        nonlocal said, said_at
        what = f"{filling.step} ({filling.trouble})" if filling.trouble else filling.step
        now_said = (what, 0 < filling.of <= filling.records)
        if now_said == said and monotonic() - said_at < LINE_SECONDS:
            return
        said, said_at = now_said, monotonic()
        left = "" if filling.seconds_left is None else f", {timedelta(seconds=round(filling.seconds_left))} left"
        done = f": {filling.records:,} of {filling.of:,} records, {filling.records_per_second:,.0f}/s{left}"
        print(f"{what}{done if filling.of else ''}", file=to, flush=True)

    return say
