"""What was read and waits for Postgres: it grows into large batches while Postgres is busy, within a limit."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

from services.projector.reading import Stretch

BATCH_RECORDS = 10_000
BATCH_BYTES = 32 * 1024 * 1024
"""Of long records far fewer make a batch: of each its value is kept, and what was read from it, until it is applied."""

Planned = TypeVar("Planned")


class Ahead(Generic[Planned]):
    """Stretches in the order in which they were read.

    As soon as there are enough for a batch it is planned, by `plan`, while Postgres still works on the one before. A
    smaller one is planned when it is taken: until then it may grow. Beside what is planned no more than another batch
    waits.
    """

    def __init__(self, plan: Callable[[list[Stretch]], Coroutine[Any, Any, Planned]]) -> None:
        self._plan = plan
        self._stretches: list[Stretch] = []
        self._records = 0
        self._size = 0
        self._coming: tuple[list[Stretch], asyncio.Task[Planned]] | None = None
        self._taken: tuple[list[Stretch], asyncio.Task[Planned]] | None = None
        self._done: tuple[list[Stretch], asyncio.Task[Planned]] | None = None
        self._changed = asyncio.Condition()

    async def put(self, stretches: Sequence[Stretch]) -> None:
        """Adds what was read; waits while there is enough.

        The batch that was taken last is kept until the next one is taken, and then let go here: to free all that it is
        made of takes a while, and who takes the next one has Postgres waiting.
        """
        self._done = None
        async with self._changed:
            await self._changed.wait_for(lambda: not _is_enough(self._records, self._size))
            for each in stretches:
                self._add(each)
            self._plan_what_is_enough()
            self._changed.notify_all()

    def _add(self, stretch: Stretch) -> None:
        self._records += stretch.records
        self._size += stretch.size
        before = next((each for each in reversed(self._stretches) if each.partition == stretch.partition), None)
        if before is not None and _fits(before, stretch):
            before.go_on_with(stretch)
        else:
            self._stretches.append(stretch)

    async def take(self) -> tuple[list[Stretch], asyncio.Task[Planned]]:
        """Waits for something, and takes what makes one batch, of each partition at most one stretch; and its plan,
        which raises what went wrong with that."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self.empty)
            self._done, self._taken = self._taken, self._coming or self._begun()
            self._coming = None
            self._plan_what_is_enough()
            self._changed.notify_all()
            return self._taken

    def stop(self) -> None:
        """Nothing is taken any more: a plan that was begun ends, and what went wrong with it nobody is told."""
        if self._coming is not None:
            self._coming[1].cancel()

    def _plan_what_is_enough(self) -> None:
        if self._coming is None and _is_enough(self._records, self._size):
            self._coming = self._begun()

    def _begun(self) -> tuple[list[Stretch], asyncio.Task[Planned]]:
        taken: dict[object, Stretch] = {}
        records = size = 0
        while self._stretches and not _is_enough(records, size) and self._stretches[0].partition not in taken:
            stretch = self._stretches.pop(0)
            taken[stretch.partition] = stretch
            records += stretch.records
            size += stretch.size
        self._records -= records
        self._size -= size
        stretches = list(taken.values())
        return stretches, asyncio.create_task(self._plan(stretches))

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._stretches and self._coming is None


def _is_enough(records: int, size: int) -> bool:
    """Whether they make a batch."""
    return records >= BATCH_RECORDS or size >= BATCH_BYTES


def _fits(before: Stretch, later: Stretch) -> bool:
    """Whether both together are no more than a batch."""
    return before.records + later.records <= BATCH_RECORDS and before.size + later.size <= BATCH_BYTES
