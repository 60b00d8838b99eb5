"""The expiration as a part of the command process: it follows, and clears what is due."""

import asyncio
from collections.abc import Callable, Collection
from typing import Any

from aiokafka.structs import TopicPartition

from services.command.dispatching import Doors
from services.command.expiration.clearing import Clearing, Clock, utc_now
from services.command.expiration.following import Follower
from services.command.expiration.schedule import Schedule
from shared.postgres import Pool
from shared.settings import Settings

LEAVE_SECONDS = 3.0
STOP_SECONDS = 2.0


class Expiration:
    """Any number of processes may run one: the group shares out what is followed. It acts through the doors only.

    `serves`: the partitions that these doors have writers for, whose statuses are therefore cleared here, whichever
    process follows them. Without it they are those that are followed here.
    """

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        doors: Doors,
        clock: Clock = utc_now,
        serves: Callable[[], Collection[TopicPartition]] | None = None,
    ) -> None:
        schedule = Schedule(pool, settings.schema("expiration"))
        self.follower = Follower(settings, schedule)
        self.clearing = Clearing(schedule, doors, serves or self._followed, self._followed, clock)
        self.follower.on_change = self.clearing.wake
        self._tasks: list[asyncio.Task[None]] = []

    def _followed(self) -> Collection[TopicPartition]:
        return self.follower.partitions

    async def start(self) -> None:
        """Returns at once; Kafka and Postgres may still be away."""
        self._tasks = [
            asyncio.create_task(self.follower.run(), name="expiration follows"),
            asyncio.create_task(self.clearing.run(), name="expiration clears"),
        ]

    async def stop(self) -> None:
        """Leaves the group, and leaves off: what was not finished is due again at the next start. Seconds at most."""
        if self._tasks:
            following, clearing = self._tasks
            self.follower.stop()
            clearing.cancel()
            await asyncio.wait(self._tasks, timeout=LEAVE_SECONDS)
            following.cancel()
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        self._tasks = []

    def health(self) -> dict[str, Any]:
        """How it is: `well` unless an operator must act or a part has ended."""
        trouble = {f"{where.topic}-{where.partition}": why for where, why in self.follower.trouble.items()}
        if self.clearing.trouble:
            trouble["schedule"] = self.clearing.trouble
        for task in self._tasks:
            if task.done():
                trouble[task.get_name()] = "it has ended: restart the process"
        return {
            "well": not trouble,
            "connected": self.follower.connected,
            "partitions": len(self.follower.partitions),
            "trouble": trouble,
        }
