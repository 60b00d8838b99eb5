"""What a run found, as a table in Markdown and as JSON with every sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from benchmarks.figures import Figure, number_text


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a part: its figures, or why there are none."""

    letter: str
    asks: str
    figures: Sequence[Figure]
    trouble: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: which one, in how many rounds, on what, and what came of each part."""

    plan: str
    rounds: int
    machine: Mapping[str, str]
    outcomes: Sequence[Outcome]

    @property
    def barred(self) -> list[tuple[str, Figure]]:
        """The figures that have a bar, with the letter of their part."""
        return [(each.letter, figure) for each in self.outcomes for figure in each.figures if figure.bar is not None]

    @property
    def missed(self) -> list[tuple[str, Figure]]:
        """The figures that do not keep their bar."""
        return [(letter, figure) for letter, figure in self.barred if figure.verdict == "MISSED"]


def in_markdown(report: Report, plot: str) -> str:
    """The tables; `plot` is the file name of the picture beside it."""
    lines = [
        "# Benchmarks",
        "",
        f"The {report.plan} run, {report.rounds} rounds: their median, and in brackets the least and the most of them.",
        "What each figure means, and how to measure it again: [docs/benchmarks.md](../../docs/benchmarks.md).",
        "",
        f"![each figure against its bar]({plot})",
        "",
        "## Against the bars",
        "",
        *_bars(report),
        "",
        *(line for outcome in report.outcomes for line in _part(outcome)),
        "## Measured on",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in report.machine.items()),
    ]
    return "\n".join(lines) + "\n"


def _bars(report: Report) -> list[str]:
    rows = [
        f"| {letter} | {figure.name} | {_value(figure)} | {figure.bar.words} | {_aim(figure)} | {_verdict(figure)} |"
        for letter, figure in report.barred
        if figure.bar is not None
    ]
    return ["| part | figure | measured | bar | aim | |", "|---|---|---|---|---|---|", *rows]


def _part(outcome: Outcome) -> list[str]:
    lines = [f"## ({outcome.letter}) {outcome.asks}", ""]
    if outcome.trouble:
        return [*lines, f"**Not measured:** {outcome.trouble}", ""]
    rows = [f"| {each.name} | {_value(each)} | {each.unit} | {each.how} |" for each in outcome.figures]
    return [*lines, "| figure | measured | unit | how |", "|---|---|---|---|", *rows, ""]


def _value(figure: Figure) -> str:
    low, high = figure.range
    spread = "" if len(figure.samples) == 1 else f" ({number_text(low)} … {number_text(high)})"
    return f"{number_text(figure.median)}{spread}"


def _aim(figure: Figure) -> str:
    return "" if figure.bar is None or figure.bar.aim is None else number_text(figure.bar.aim)


def _verdict(figure: Figure) -> str:
    return f"**{figure.verdict}**" if figure.verdict == "MISSED" else figure.verdict


def in_json(report: Report) -> str:
    """Everything that was measured, each sample of each round."""
    said = {
        "plan": report.plan,
        "rounds": report.rounds,
        "machine": report.machine,
        "parts": [
            {
                "part": each.letter,
                "asks": each.asks,
                "trouble": each.trouble,
                "seconds": round(each.seconds, 1),
                "figures": [_plain(figure) for figure in each.figures],
            }
            for each in report.outcomes
        ],
    }
    return msgspec.json.format(msgspec.json.encode(said), indent=2).decode() + "\n"


def _plain(figure: Figure) -> dict[str, object]:
    bar = figure.bar
    return {
        "name": figure.name,
        "unit": figure.unit,
        "median": figure.median,
        "samples": figure.samples,
        "how": figure.how,
        **({"bar": bar.limit, "aim": bar.aim, "at_least": bar.at_least, "verdict": figure.verdict} if bar else {}),
    }
