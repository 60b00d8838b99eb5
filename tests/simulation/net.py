"""The net between the processes and the servers: what is sent arrives soon, late or never, and so do the answers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, TypeVar

from tests.simulation.virtual_time import OUTSIDE, VirtualTime

T = TypeVar("T")
STORMY = 0.3


@dataclass(frozen=True)
class Weather:
    """How likely each fault is, for each thing sent. `late_by` is the most by which something is late, in seconds."""

    lost: float = 0.0
    late: float = 0.0
    answer_lost: float = 0.0
    refused: float = 0.0
    late_by: float = 3.0

    @classmethod
    def drawn(cls, chance: Random) -> "Weather":
        """Some weather: each fault is absent in about half of them."""
        if chance.random() < STORMY:
            return cls(0.02, 0.4, 0.05, 0.0, chance.choice((0.3, 1.0, 3.0)))
        lost, late, answer_lost, refused = (chance.choice((0.0, 0.0, 0.02, 0.1, 0.25)) for _ in range(4))
        return cls(lost, late, answer_lost, refused, chance.choice((0.02, 0.3, 3.0)))


@dataclass
class Net:
    """Carries calls. Whoever calls waits for the answer as long as it has patience; what it sent may arrive after."""

    loop: VirtualTime
    chance: Random
    kafka: Weather
    postgres: Weather
    leases_forgotten: float = 0.0
    held_up: dict[str, list[Callable[[], None]]] = field(default_factory=dict)

    def clear_up(self) -> None:
        """From now on everything arrives; what is on its way still arrives when it does."""
        self.kafka = self.postgres = Weather()
        self.leases_forgotten = 0.0
        self.held_up.clear()

    def hold_up(self, what: str) -> list[Callable[[], None]]:
        """Lets nothing of this name through from now on; gives where it gathers. Each arrives when it is called."""
        return self.held_up.setdefault(what, [])

    def let_pass(self, what: str) -> None:
        """What is sent under this name from now on arrives again."""
        del self.held_up[what]

    def soon(self) -> float:
        """How long something takes that is not late."""
        return self.chance.uniform(0.0002, 0.004)

    def happens(self, probability: float) -> bool:
        """Whether something happens that has this probability."""
        return probability > 0 and self.chance.random() < probability

    async def call(self, weather: Weather, act: Callable[[], T], patience: float, what: str = "") -> T:
        """Has the other side do something. Raises TimeoutError when no answer comes, and what `act` raises."""
        answer: asyncio.Future[T] = self.loop.create_future()
        if what in self.held_up:
            self.held_up[what].append(partial(self._arrive, weather, act, answer))
        elif not self.happens(weather.lost):
            delay = self.chance.uniform(0, weather.late_by) if self.happens(weather.late) else self.soon()
            self._at(delay, self._arrive, weather, act, answer)
        async with asyncio.timeout(patience):
            return await answer

    def _arrive(self, weather: Weather, act: Callable[[], Any], answer: "asyncio.Future[Any]") -> None:
        try:
            result = act()
        except Exception as error:  # noqa: BLE001  # it is the caller's to judge
            if not self.happens(weather.answer_lost):
                self._at(self.soon(), _fail, answer, error)
        else:
            if not self.happens(weather.answer_lost):
                self._at(self.soon(), _give, answer, result)

    def _at(self, delay: float, *what: Any) -> None:
        self.loop.call_later(delay, *what, context=OUTSIDE.copy())


def _give(answer: "asyncio.Future[Any]", result: Any) -> None:
    if not answer.done():
        answer.set_result(result)


def _fail(answer: "asyncio.Future[Any]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
