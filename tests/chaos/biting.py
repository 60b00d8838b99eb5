"""A fault, and whether it did anything: one that did not bite says nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos.planning import Planned
from tests.chaos.square import Square


@dataclass(frozen=True, slots=True)
class Bite:
    """How often it bit, and how that is known."""

    count: int
    how: str


Fault = Callable[[Square, Planned], Awaitable[Bite]]
