"""An event loop without a clock of its own: when nothing is ready, time jumps to the next timer. Processes can stop."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar, TypeVarTuple

STARTS_AT = 1_000.0
MOST_CANCELLATIONS = 10
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(eq=False)
class Running:
    """What runs together and stops together: one process of an operating system. While it stands still it does nothing,
    its timers included; what it has missed by then it does when it goes on."""

    name: str
    stands_still: bool = False
    missed: list[asyncio.Handle] = field(default_factory=list)

    def context(self) -> Context:
        """Whatever is started in this context belongs to it."""
        context = copy_context()
        context.run(_RUNNING.set, self)
        return context


_RUNNING: ContextVar[Running | None] = ContextVar("running", default=None)
OUTSIDE = copy_context()
"""The context of what no process can stop: the net, the servers, the people."""


class TimeIsUpError(Exception):
    """What was waited for has not come by then."""


class VirtualTime(asyncio.BaseEventLoop):
    """Runs what is ready in the order in which it became so, in one thread, however fast the machine is."""

    _ready: deque[asyncio.Handle]

    def __init__(self) -> None:
        super().__init__()
        self._now = STARTS_AT
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbers = count()
        self._running: list[Running] = []
        self.faults: list[dict[str, Any]] = []

    def time(self) -> float:
        """Seconds; they pass only when nothing is ready."""
        return self._now

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Those of one moment come in the order in which they were asked for."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heappush(self._timers, (when, next(self._numbers), timer))
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Passed over when its time comes."""

    def process(self, name: str) -> Running:
        """Something new that can stand still by itself."""
        running = Running(name)
        self._running.append(running)
        return running

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keeps what nobody looked at."""
        self.faults.append(context)

    def go_on(self, running: Running) -> None:
        """Ends a standstill."""
        running.stands_still = False
        self._ready.extend(running.missed)
        running.missed.clear()

    def run(self, main: Coroutine[Any, Any, T], seconds: float) -> T:
        """Runs until `main` is done. Raises TimeIsUpError when that takes longer in virtual time."""
        asyncio._set_running_loop(self)
        try:
            done: asyncio.Task[T] = self.create_task(main, context=OUTSIDE.copy())
            end = self._now + seconds
            while not done.done():
                self._turn(end)
            return done.result()
        finally:
            asyncio._set_running_loop(None)

    def _turn(self, end: float) -> None:
        if not self._ready:
            self._jump(end)
        ready = self._ready
        for _ in range(len(ready)):
            handle = ready.popleft()
            if handle.cancelled():
                continue
            running = handle._context.get(_RUNNING)  # type: ignore[attr-defined]
            if running is not None and running.stands_still:
                running.missed.append(handle)
            else:
                handle._run()

    def _jump(self, end: float) -> None:
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heappop(timers)
        if not timers or timers[0][0] > end:
            raise TimeIsUpError(f"nothing more happens before {end:.3f}")
        self._now = max(self._now, timers[0][0])
        while timers and timers[0][0] <= self._now:
            self._ready.append(heappop(timers)[2])

    def end(self) -> None:
        """Cancels whatever still runs, wherever it stands still, and lets it come to its end."""
        asyncio._set_running_loop(self)
        try:
            for running in self._running:
                self.go_on(running)
            for _ in range(MOST_CANCELLATIONS):
                for task in asyncio.all_tasks(self):
                    task.cancel()
                while self._ready:
                    handle = self._ready.popleft()
                    if not handle.cancelled():
                        handle._run()
                if not asyncio.all_tasks(self):
                    self.close()
                    return
            raise RuntimeError(f"these do not end: {asyncio.all_tasks(self)}")
        finally:
            asyncio._set_running_loop(None)
