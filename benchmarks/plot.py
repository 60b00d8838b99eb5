"""One picture: each figure with a bar, as a multiple of its bar. Right of the line is better than the bar."""

from collections.abc import Sequence
from html import escape
from math import log

from benchmarks.figures import Bar, Figure, number_text

WIDTH, ROW, TOP, LEFT, RIGHT = 960, 30, 46, 430, 110
LEAST, MOST = 0.25, 16.0
LINES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
KEPT, MISSED = "#2a7f62", "#b3372f"


def plotted(barred: Sequence[tuple[str, Figure]]) -> str:
    """The picture as SVG: a dot at the median, a line over the range, a tick at the aim."""
    height = TOP + ROW * len(barred) + 10
    box = f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        '<text x="12" y="18" font-weight="bold">How many times its bar each figure reaches: more is better</text>',
        *(_line(value, height) for value in LINES),
        *(_row(letter, figure, figure.bar, place) for place, (letter, figure) in enumerate(barred) if figure.bar),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def place_of(value: float) -> float:
    """Where a multiple of the bar stands from left to right; what is beyond the picture stands at its edge."""
    within = min(max(value, LEAST), MOST)
    return LEFT + (WIDTH - LEFT - RIGHT) * log(within / LEAST) / log(MOST / LEAST)


def _line(value: float, height: int) -> str:
    x = place_of(value)
    colour, width = ("#333", 1.5) if value == 1 else ("#ddd", 1)
    return (
        f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{height - 6}" stroke="{colour}" stroke-width="{width}"/>'
        f'<text x="{x:.1f}" y="{TOP - 12}" text-anchor="middle" fill="#555">{value:g}x</text>'
    )


def _row(letter: str, figure: Figure, bar: Bar, place: int) -> str:
    y = TOP + ROW * place + ROW / 2
    ends = sorted(place_of(bar.reached_by(each)) for each in figure.range)
    colour = KEPT if bar.is_kept_by(figure.median) else MISSED
    return "".join(
        [
            f'<text x="12" y="{y + 4:.0f}">{escape(f"({letter}) {figure.name}")}</text>',
            f'<line x1="{ends[0]:.1f}" y1="{y}" x2="{ends[1]:.1f}" y2="{y}" stroke="{colour}" stroke-width="3"/>',
            _aim(bar, y),
            f'<circle cx="{place_of(bar.reached_by(figure.median)):.1f}" cy="{y}" r="5" fill="{colour}"/>',
            f'<text x="{WIDTH - RIGHT + 10}" y="{y + 4:.0f}" fill="{colour}">{_words(figure, bar)}</text>',
        ]
    )


def _aim(bar: Bar, y: float) -> str:
    if bar.aim is None:
        return ""
    x = place_of(bar.reached_by(bar.aim))
    return f'<line x1="{x:.1f}" y1="{y - 9}" x2="{x:.1f}" y2="{y + 9}" stroke="#888" stroke-dasharray="3 2"/>'


def _words(figure: Figure, bar: Bar) -> str:
    return escape(f"{number_text(figure.median)} ({bar.words})")
