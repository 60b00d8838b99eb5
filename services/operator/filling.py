"""How the filling of new tables is shown: a bar on a terminal, a plain line now and then elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
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
    said: tuple[str, float] = ("", 0.0)

    def say(filling: Filling) -> None:
        nonlocal said
        if filling.step == said[0] and monotonic() - said[1] < LINE_SECONDS and filling.records < filling.of:
            return
        said = (filling.step, monotonic())
        left = "" if filling.seconds_left is None else f", {timedelta(seconds=round(filling.seconds_left))} left"
        trouble = f" ({filling.trouble})" if filling.trouble else ""
        done = f": {filling.records:,} of {filling.of:,} records, {filling.records_per_second:,.0f}/s{left}"
        print(f"{filling.step}{done if filling.of else ''}{trouble}", file=to, flush=True)

    return say
