"""A figure: what was measured in each round, and how it stands to its bar."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must reach, and what it aims for. `at_least`: more is better."""

    limit: float
    aim: float | None = None
    at_least: bool = False

    def is_kept_by(self, value: float) -> bool:
        """Whether a value reaches the bar."""
        return value >= self.limit if self.at_least else value <= self.limit

    def reached_by(self, value: float) -> float:
        """How many times the bar a value is: above 1 it is better than the bar, whichever way is better."""
        return value / self.limit if self.at_least else self.limit / value

    @property
    def words(self) -> str:
        """As it stands in the table."""
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {number_text(self.limit)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """What one round after another measured, in `unit`; `how` says how. Most have no bar: they stand beside one."""

    name: str
    unit: str
    samples: tuple[float, ...]
    how: str = ""
    bar: Bar | None = None

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return median(self.samples)

    @property
    def range(self) -> tuple[float, float]:
        """The least and the most of the rounds."""
        return min(self.samples), max(self.samples)

    @property
    def verdict(self) -> str:
        """Whether the bar is kept, judged by the median; nothing without a bar."""
        if self.bar is None:
            return ""
        return "kept" if self.bar.is_kept_by(self.median) else "MISSED"


@dataclass
class Rounds:
    """What is measured, round by round, under names that the parts give."""

    _samples: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        """Keeps what a round measured."""
        self._samples.setdefault(name, []).append(value)

    def note_all(self, values: Mapping[str, float]) -> None:
        """Keeps several things that a round measured."""
        for name, value in values.items():
            self.note(name, value)

    def of(self, name: str) -> tuple[float, ...]:
        """What each round measured under this name."""
        return tuple(self._samples[name])

    def ratios(self, over: str, under: str) -> tuple[float, ...]:
        """One figure over another, round by round."""
        return quotients(self.of(over), self.of(under))

    def sums(self, *names: str) -> tuple[float, ...]:
        """Several figures together, round by round."""
        return tuple(sum(each) for each in zip(*(self.of(name) for name in names), strict=True))

    def figure(self, name: str, unit: str, how: str = "") -> Figure:
        """What was noted under a name, as a figure of that name."""
        return Figure(name, unit, self.of(name), how)


def quotients(over: Iterable[float], under: Iterable[float]) -> tuple[float, ...]:
    """Each value over the one at its place."""
    return tuple(above / below for above, below in zip(over, under, strict=True))


def percentile(values: Iterable[float], of_hundred: float) -> float:
    """The value that so many of a hundred values do not exceed (the nearest rank). Raises ValueError without values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("nothing was measured")
    rank = max(1, -(-len(ordered) * of_hundred // 100))
    return ordered[int(rank) - 1]


def number_text(value: float) -> str:
    """With three digits that say something, and as many more as stand before the point."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.2g}"
