"""The annotations of a log: `A B -` on a line, which says that one of two lines of the log answers the other.

Lines are counted from 0; the later one is the answer; a line with itself begins a new subject.
"""

import re
from collections import defaultdict
from collections.abc import Container, Mapping
from pathlib import Path

from services.operator.importing.archives import LeftOut, Place, unreadable

EDGE = re.compile(r"([0-9]{1,9}) ([0-9]{1,9}) -\s*")


def replies_of(file: Path, said: Container[int]) -> tuple[Mapping[int, int], list[LeftOut]]:
    """What each line answers, and which edges are left out. `said`: the lines that are messages.

    A message answers one other: of several, the nearest. No file, no answers.
    """
    parents: dict[int, dict[int, Place]] = defaultdict(dict)
    left_out = []
    for place, line in _lines(file):
        edge = EDGE.fullmatch(line)
        if edge is None:
            left_out.append(unreadable(place, "it does not say that a line answers another"))
            continue
        parent, child = sorted(map(int, edge.groups()))
        if parent == child:
            continue
        if parent in said and child in said:
            parents[child][parent] = place
        else:
            left_out.append(
                LeftOut(place, "reply", "end-is-no-message", "one of its two lines is not taken as a message")
            )
    answers = {child: max(its) for child, its in parents.items()}
    left_out += [
        LeftOut(place, "reply", "farther-parent", "a message answers one other, and a nearer one is there")
        for child, its in parents.items()
        for parent, place in its.items()
        if parent != answers[child]
    ]
    return answers, left_out


def _lines(file: Path) -> list[tuple[Place, str]]:
    if not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [(Place(file.name, number), line) for number, line in enumerate(lines, start=1)]
