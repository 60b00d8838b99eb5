"""What became of an import: counted as it goes, and at the end said in full."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from services.operator.importing.archives import UNREADABLE, Archive, LeftOut
from services.operator.importing.lines import Line
from services.operator.importing.posting import Answer

NOUNS = {"person": "people", "conversation": "rooms", "message": "messages", "reaction": "reactions"}


@dataclass(slots=True)
class Count:
    """Of one kind: what this import recorded, what was there before, and what a rule refused."""

    recorded: int = 0
    already_there: int = 0
    refused: int = 0

    @property
    def settled(self) -> int:
        """How many are done, in whichever way."""
        return self.recorded + self.already_there + self.refused


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that was not imported, or not in full, why, and where it stands in the source."""

    kind: str
    source_id: str
    file: str
    row: int
    code: str
    reason: str


@dataclass(slots=True)
class Tally:
    """The figures of one run.

    `refused`: what a rule of the service forbids; `left_out`: what is not sent, since there is no place for it;
    `changed`: what was recorded with a change. `trouble` is why nothing goes on just now.
    """

    archive: Archive
    counts: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in NOUNS})
    refused: list[Noted] = field(default_factory=list)
    left_out: list[Noted] = field(init=False)
    changed: list[Noted] = field(default_factory=list)
    trouble: str = ""
    asked_again: int = 0
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.left_out = [_not_sent(each) for each in self.archive.left_out]

    def settle(self, line: Line, answer: Answer) -> None:
        """Counts what a line was answered."""
        count = self.counts[line.kind]
        match answer.outcome:
            case "recorded":
                count.recorded += 1
            case "repeated":
                count.already_there += 1
            case _:
                count.refused += 1
                self.refused.append(_noted(line, answer))
        if answer.outcome == "recorded" and answer.code:
            self.changed.append(_noted(line, answer))

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return max(time.monotonic() - self.started, 1e-9)

    @property
    def messages_per_second(self) -> float:
        """Messages settled a second, on average."""
        return self.counts["message"].settled / self.seconds

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate; None while there is no rate."""
        rate = self.messages_per_second
        return (self.archive.messages - self.counts["message"].settled) / rate if rate else None

    @property
    def appended(self) -> int:
        """How many things this import recorded."""
        return sum(count.recorded for count in self.counts.values())

    def report(self) -> dict[str, Any]:
        """Everything, as JSON has it."""
        figures = {
            NOUNS[kind]: {"recorded": c.recorded, "already_there": c.already_there, "refused": c.refused}
            for kind, c in self.counts.items()
        }
        return {
            "source": self.archive.source,
            **figures,
            "repeated_rows": self.archive.repeated_rows,
            "unreadable_rows": sum(each.code == UNREADABLE for each in self.left_out),
            "asked_again": self.asked_again,
            "seconds": round(self.seconds, 2),
            "messages_per_second": round(self.messages_per_second, 1),
            "refused_because": dict(Counter(each.code for each in self.refused)),
            "left_out_because": dict(Counter(each.code for each in self.left_out)),
            "refused": _listed(self.refused),
            "left_out": _listed(self.left_out),
            "changed": _listed(self.changed),
        }


def by_place(each: Noted) -> tuple[str, int]:
    """The order in which it stands in the archive."""
    return each.file, each.row


def _noted(line: Line, answer: Answer) -> Noted:
    file, row = (line.place.file, line.place.row) if line.place else ("", 0)
    return Noted(line.kind, line.source_id, file, row, answer.code, answer.reason)


def _not_sent(each: LeftOut) -> Noted:
    return Noted(each.kind, "", each.place.file, each.place.row, each.code, each.reason)


def _listed(found: Iterable[Noted]) -> list[dict[str, Any]]:
    return [asdict(each) for each in sorted(found, key=by_place)]
