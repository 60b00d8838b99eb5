"""What clients wanted, asked, saw and were told: one line for each request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.identifiers import CommandId, command_id_of

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
class Message:
    """Where a message is."""

    conversation_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who has registered and is in a conversation that has a message."""

    user_id: str
    token: str
    conversation_id: str
    message_id: str
    leads: bool = False

    @property
    def first_message(self) -> Message:
        """The message that their conversation began with."""
        return Message(self.conversation_id, self.message_id)


@dataclass(frozen=True, slots=True)
class Wish:
    """One command that a client wants, whatever it takes. Its stream, its actor, `route` and `key` make its id.

    `route` is as the service names it: a method and a path, in which `ids` take the places in braces. `content`: what
    is sent as it is, under this name, in place of a body. `recorded_key`: the key that makes its id, where that is not
    the key that is sent.
    """

    kind: str
    stream: str
    actor: str
    route: str
    key: str
    body: dict[str, Any]
    ids: Mapping[str, str] = field(default_factory=dict)
    content: tuple[str, bytes] | None = None
    recorded_key: str | None = None

    @property
    def name(self) -> str:
        """Tells it from every other one: two people may use the same key."""
        return f"{self.kind} {self.key} of {self.actor}"

    @property
    def method(self) -> str:
        return self.route.split(" ")[0]

    @property
    def path(self) -> str:
        return self.route.split(" ")[1].format(**self.ids)

    @property
    def command_id(self) -> CommandId:
        """The id that its command must have."""
        return command_id_of(self.stream, self.actor, self.route, self.recorded_key or self.key)

    @property
    def message(self) -> Message:
        """The message that it sends: its id is the command's."""
        return Message(self.stream, self.command_id)


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
    messages: tuple[tuple[int, str, str | None], ...]


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
