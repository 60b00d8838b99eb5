"""A part of the benchmarks: one question, measured in interleaved rounds, answered with figures."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.figures import Figure
from benchmarks.plan import Plan
from benchmarks.stack import Servers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bench:
    """What a part measures with: the run's servers, and how much is to be measured."""

    servers: Servers
    plan: Plan

    def in_turn(self, things: Sequence[T]) -> Iterator[tuple[int, list[T]]]:
        """The rounds, by number; in each other one, what is compared comes in the opposite order."""
        for number in range(self.plan.rounds):
            yield number, list(things) if number % 2 == 0 else list(reversed(things))


@dataclass(frozen=True, slots=True)
class Part:
    """`letter` chooses it; `asks` is the question."""

    letter: str
    asks: str
    measure: Callable[[Bench], Awaitable[list[Figure]]]
