"""What has ended by itself is started again."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.child import Child

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
STEADY_SECONDS = 10.0


class Restartable(Protocol):
    """A server or a service: something with a process."""

    name: str

    @property
    def child(self) -> Child:
        """The process as it was last started."""

    async def start(self) -> None:
        """Starts it and waits until it can be used."""

    async def spawn(self) -> None:
        """Only starts its process."""

    async def stop(self) -> None:
        """Ends it in good order."""


async def keep_running(what: Restartable, say: Callable[[str], None]) -> None:
    """Starts it again whenever its process has ended, soon at first and more slowly if it keeps ending."""
    pause, began = FIRST_PAUSE_SECONDS, time.monotonic()
    while True:
        await what.child.ended()
        if time.monotonic() - began > STEADY_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        say(f"{what.name} has ended ({what.child.how_it_ended}): starting it again, its log is {what.child.log}")
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        began = time.monotonic()
        try:
            await what.spawn()
        except CannotStartError as error:
            say(str(error))
