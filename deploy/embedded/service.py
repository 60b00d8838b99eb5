"""One of our services as a child process."""

import asyncio
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp

from deploy.embedded.cannot_start import CannotStartError
from deploy.embedded.child import Child, Command, start_child

START_SECONDS = 60.0
STOP_SECONDS = 10.0
PROBE = aiohttp.ClientTimeout(total=5)


class EmbeddedService:
    """`python -m <module>`, which says at `<url>/ready` whether it can be used."""

    def __init__(
        self,
        name: str,
        module: str,
        url: str,
        *,
        log: Path,
        environment: Mapping[str, str],
        keeps_open: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.url = url
        self._command = Command(
            name,
            [sys.executable, "-m", module],
            log,
            environment={**environment, "PYTHONUNBUFFERED": "1"},
            keeps_open=keeps_open,
        )
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The process as it was last started."""
        if self._child is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._child

    async def start(self) -> None:
        """Returns when it is ready. Raises CannotStartError if it is not within a minute, or ends."""
        await self.spawn()
        until = time.monotonic() + START_SECONDS
        async with aiohttp.ClientSession(timeout=PROBE) as session:
            while not await _is_ready(session, self.url, self.child.pid):
                if not self.child.is_running:
                    raise CannotStartError(
                        f"{self.name} ended while starting ({self.child.how_it_ended}; {self.child.last_words()}): "
                        f"see {self.child.log}"
                    )
                if time.monotonic() > until:
                    raise CannotStartError(
                        f"{self.name} was not ready within {START_SECONDS:.0f} s: see {self.child.log}"
                    )
                await asyncio.sleep(0.05)

    async def spawn(self) -> None:
        """Starts the process."""
        self._child = start_child(self._command)

    async def stop(self) -> None:
        """Lets it finish what it has begun, within limits."""
        if self._child is not None:
            await self._child.stop((signal.SIGTERM, STOP_SECONDS))


async def _is_ready(session: aiohttp.ClientSession, url: str, pid: int) -> bool:
    """Whether this process says so: another one may have taken the port meanwhile, and be ready itself."""
    try:
        async with session.get(f"{url}/ready") as answer:
            return answer.status == 200 and (await answer.json())["process"] == pid
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
        return False
