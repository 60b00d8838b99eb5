"""What clients wanted, asked, saw and were told: one line for each request."""

from dataclasses import dataclass, field
from typing import Any

ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN, UNSENT, BROKEN = (
    "accepted",
    "refused",
    "unavailable",
    "unknown",
    "unsent",
    "broken",
)
OTHER_CONTENT = "other content"
"""The kind of a wish under a key that its owner has used for something else."""
HURT = frozenset({UNAVAILABLE, UNKNOWN, UNSENT})
LOGGED = ("wish", "attempt", "url", "invoked", "completed", "outcome", "status")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who has registered and is in a conversation that has a message."""

    user_id: str
    token: str
    conversation_id: str
    message_id: str
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """One command that a client wants, whatever it takes. `route` and `key` make its id, with its stream and actor."""

    kind: str
    stream: str
    actor: str
    method: str
    path: str
    route: str
    key: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """Tells it from every other one: two people may use the same key."""
        return f"{self.kind} {self.key} of {self.actor}"


@dataclass(frozen=True, slots=True)
class Try:
    """One request for a wish, as its client saw it. Times are seconds on the monotonic clock."""

    wish: str
    attempt: int
    url: str
    invoked: float
    completed: float
    outcome: str
    status: int
    answer: dict[str, Any]

    @property
    def seconds(self) -> float:
        """How long its answer took."""
        return self.completed - self.invoked

    @property
    def line(self) -> dict[str, Any]:
        """What is written down of it."""
        place = self.answer.get("position") or self.answer.get("code")
        return {name: getattr(self, name) for name in LOGGED} | {"says": place}


@dataclass(frozen=True, slots=True)
class Look:
    """A reader's look at the newest messages of a conversation, the newest first, each as (seq, id, content).

    `least`: the seq that its `Min-Position` promises, 0 without one. `status` 0: there was no answer.
    """

    reader: int
    url: str
    conversation_id: str
    least: int
    invoked: float
    completed: float
    status: int
    messages: tuple[tuple[int, str, str], ...]


@dataclass(slots=True)
class History:
    """All of it. `clock`: what to add to the clock of the times here to get seconds since 1970."""

    clock: float
    wishes: dict[str, Wish] = field(default_factory=dict)
    """By their names."""
    tries: list[Try] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    frozen: list[tuple[str, float, float]] = field(default_factory=list)
    """The times at which the process behind a URL stood still: nobody answers for it then."""

    def tries_by_wish(self) -> dict[str, list[Try]]:
        """The tries of each wish, in the order in which they ended."""
        found: dict[str, list[Try]] = {name: [] for name in self.wishes}
        for each in self.tries:
            found[each.wish].append(each)
        return found

    def hurt_since(self, moment: float) -> int:
        """How many requests did not get what they wanted since then, for a reason that is not theirs."""
        return _count_back(self.tries, moment, lambda each: each.outcome in HURT)

    def slow_since(self, moment: float, seconds: float) -> int:
        """How many requests that ended since then took so long."""
        return _count_back(self.tries, moment, lambda each: each.seconds >= seconds)

    def blind_since(self, moment: float) -> int:
        """How many looks saw nothing since then."""
        return _count_back(self.looks, moment, lambda each: each.status != 200)


def _count_back(ended: list[Any], moment: float, counts: Any) -> int:
    number = 0
    for each in reversed(ended):
        if each.completed < moment:
            break
        number += counts(each)
    return number
