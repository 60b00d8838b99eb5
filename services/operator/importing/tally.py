"""What became of an import: counted as it goes, and at the end said in full."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from services.operator.importing.archives import UNREADABLE, Archive, LeftOut
from services.operator.importing.lines import Line
from services.operator.importing.posting import Answer

NOUNS = {"person": "people", "conversation": "rooms", "message": "messages"}


@dataclass(slots=True)
class Count:
    """Of one kind: what this import recorded, what was there before, and what a rule forbade."""

    recorded: int = 0
    already_there: int = 0
    not_taken: int = 0

    @property
    def settled(self) -> int:
        """How many are done, in whichever way."""
        return self.recorded + self.already_there + self.not_taken


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Something that was not imported, or not in full, why, and where it stands in the source."""

    kind: str
    source_id: str
    file: str
    row: int
    code: str
    reason: str


@dataclass(slots=True)
class Tally:
    """The figures of one run."""

    archive: Archive
    counts: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in NOUNS})
    not_taken: list[NotTaken] = field(default_factory=list)
    changed: list[NotTaken] = field(default_factory=list)
    asked_again: int = 0
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.not_taken += [_not_sent(each) for each in self.archive.left_out]

    def settle(self, line: Line, answer: Answer) -> None:
        """Counts what a line was answered."""
        count = self.counts[line.kind]
        match answer.outcome:
            case "recorded":
                count.recorded += 1
            case "repeated":
                count.already_there += 1
            case _:
                count.not_taken += 1
                self.not_taken.append(_noted(line, answer))
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
            NOUNS[kind]: {"recorded": c.recorded, "already_there": c.already_there, "not_taken": c.not_taken}
            for kind, c in self.counts.items()
        }
        return {
            "source": self.archive.source,
            **figures,
            "repeated_rows": self.archive.repeated_rows,
            "unreadable_rows": sum(each.code == UNREADABLE for each in self.not_taken),
            "asked_again": self.asked_again,
            "seconds": round(self.seconds, 2),
            "messages_per_second": round(self.messages_per_second, 1),
            "not_taken_because": dict(Counter(each.code for each in self.not_taken)),
            "not_taken": [_plain(each) for each in self.not_taken],
            "changed": [_plain(each) for each in self.changed],
        }


def _noted(line: Line, answer: Answer) -> NotTaken:
    file, row = (line.place.file, line.place.row) if line.place else ("", 0)
    return NotTaken(line.kind, line.source_id, file, row, answer.code, answer.reason)


def _not_sent(each: LeftOut) -> NotTaken:
    return NotTaken(each.kind, "", each.place.file, each.place.row, each.code, each.reason)


def _plain(each: NotTaken) -> dict[str, Any]:
    return {name: getattr(each, name) for name in NotTaken.__slots__}
