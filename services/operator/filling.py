"""How the filling of new tables is shown: a bar on a terminal, a plain line now and then elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import inf
from time import monotonic
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

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
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("preparing", total=None, pace="")

        def say(filling: Filling) -> None:
            progress.update(
                task,
                description=filling.trouble or filling.step,
                completed=filling.records,
                total=filling.of or None,
                pace=", ".join(_pace(filling)),
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
        done = ", ".join([f": {filling.records:,} of {filling.of:,} {filling.noun}s", *_pace(filling)])
        print(f"{what}{done if filling.of else ''}", file=to, flush=True)

    return say


def _pace(filling: Filling) -> list[str]:
    """The rate and the time left, as far as there is any."""
    rate, left = round(filling.records_per_second), round(filling.seconds_left or 0)
    return [*([f"{rate:,}/s"] if rate else []), *([f"{timedelta(seconds=left)} left"] if left else [])]
