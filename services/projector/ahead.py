"""What was read and waits for Postgres: it grows into large batches while Postgres is busy, within a limit."""

import asyncio
from collections.abc import Sequence

from services.projector.reading import Stretch

BATCH_RECORDS = 5_000
AHEAD_RECORDS = 10_000


class Ahead:
    """Stretches in the order in which they were read."""

    def __init__(self) -> None:
        self._stretches: list[Stretch] = []
        self._records = 0
        self._changed = asyncio.Condition()

    async def put(self, stretches: Sequence[Stretch]) -> None:
        """Adds what was read; waits while there is enough."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._records < AHEAD_RECORDS)
            for each in stretches:
                self._add(each)
            self._changed.notify_all()

    def _add(self, stretch: Stretch) -> None:
        self._records += stretch.records
        before = next((each for each in reversed(self._stretches) if each.partition == stretch.partition), None)
        if before is not None and before.records + stretch.records <= BATCH_RECORDS:
            before.go_on_with(stretch)
        else:
            self._stretches.append(stretch)

    async def take(self) -> list[Stretch]:
        """Waits for something, and takes what makes one batch: of each partition at most one stretch."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._stretches))
            taken: dict[object, Stretch] = {}
            records = 0
            while self._stretches and records < BATCH_RECORDS and self._stretches[0].partition not in taken:
                stretch = self._stretches.pop(0)
                taken[stretch.partition] = stretch
                records += stretch.records
            self._records -= records
            self._changed.notify_all()
            return list(taken.values())

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._stretches
