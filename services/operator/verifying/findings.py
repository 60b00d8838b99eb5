"""What was found to be wrong, and how much was looked at."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

KEPT = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be. `rule` names what it breaks, `place` says where to look."""

    rule: str
    place: str
    what: str


@dataclass(slots=True)
class Report:
    """All that a check came to. Every finding is counted; the first ones are kept in full."""

    looked_at: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    first: list[Finding] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def count(self, what: str, number: int = 1) -> None:
        """Says that this many of something were looked at."""
        self.looked_at[what] += number

    def find(self, rule: str, place: str, what: str) -> None:
        """Says that something is wrong."""
        self.found[rule] += 1
        if len(self.first) < KEPT:
            self.first.append(Finding(rule, place, what))

    def notice(self, text: str) -> None:
        """Says what is no fault, but limits what the check could see."""
        self.notices.append(text)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.found

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "clean": self.is_clean,
            "looked_at": dict(self.looked_at),
            "found": dict(self.found),
            "findings": [{"rule": each.rule, "place": each.place, "what": each.what} for each in self.first],
            "notices": self.notices,
        }
