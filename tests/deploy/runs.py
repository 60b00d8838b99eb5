"""A `verbatim up` of a test's own, as its own process: started, waited for, told to stop, looked for afterwards."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from deploy.embedded.ports import free_port

VERBATIM = Path(sys.executable).with_name("verbatim")
REPOSITORY = Path(__file__).parents[2]
READY_SECONDS = 90.0
STOP_SECONDS = 30.0
NAMED_ELSEWHERE = ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SIGNING_KEY_FILE", "VERIFYING_KEY_FILE")


@dataclass
class Place:
    """A data folder and two ports."""

    folder: Path
    command_port: int = field(default_factory=free_port)
    query_port: int = field(default_factory=free_port)

    def environment(self, **more: str) -> dict[str, str]:
        """Our environment, with everything of this place's own."""
        inherited = {name: value for name, value in os.environ.items() if name not in NAMED_ELSEWHERE}
        return {
            **inherited,
            "VERBATIM_VAR": str(self.folder),
            "COMMAND_PORT": str(self.command_port),
            "QUERY_PORT": str(self.query_port),
            "PARTITIONS": "2",  # fewer start faster
            **more,
        }

    @property
    def endpoints(self) -> dict[str, Any] | None:
        """What endpoints.json says, or None while it is not there."""
        try:
            return dict(json.loads((self.folder / "endpoints.json").read_text()))
        except FileNotFoundError:
            return None

    def processes(self) -> list[psutil.Process]:
        """Every process that works on the folder, except those that only look at it."""
        return [process for process in psutil.process_iter() if self._is_here(process)]

    def _is_here(self, process: psutil.Process) -> bool:
        if process.pid == os.getpid():
            return False
        here = str(self.folder)
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            named = process.environ().get("VERBATIM_VAR") == here or any(here in word for word in process.cmdline())
            return named or process.cwd().startswith(here)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def process(self, word: str) -> psutil.Process:
        """The one process of the folder with this word in its command line."""
        (found,) = [each for each in self.processes() if word in each.cmdline()]
        return found


@dataclass
class Run:
    """A run on a place: `process` is what was started, in a session of its own; `found`: the endpoints found there."""

    place: Place
    process: subprocess.Popen[bytes]
    output: Path
    found: dict[str, Any] | None

    async def ready(self) -> dict[str, Any]:
        """Waits for endpoints.json, and gives what it says. One that a killed run left behind is passed over."""
        deadline = time.monotonic() + READY_SECONDS
        while (endpoints := self.place.endpoints) is None or endpoints == self.found:
            said = self.output.read_text()
            assert self.process.poll() is None, f"it ended before it was ready: {said}"
            assert time.monotonic() < deadline, f"it was not ready within {READY_SECONDS} s: {said}"
            await asyncio.sleep(0.05)
        return endpoints

    async def ended(self) -> int:
        """Waits for the end of the started process; gives its exit status."""
        await until(lambda: self.process.poll() is not None, STOP_SECONDS)
        return self.process.wait()

    def signal_group(self, number: signal.Signals) -> None:
        """As Ctrl-C on a terminal, or a supervisor, does."""
        os.killpg(self.process.pid, number)


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """Waits until it holds; fails when it does not in so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come true within {seconds} s"
        await asyncio.sleep(0.05)


def start(place: Place, *words: str, **more: str) -> Run:
    """Starts `verbatim up`, or the words given, on the place."""
    place.folder.mkdir(parents=True, exist_ok=True)
    output = place.folder.with_suffix(".output")
    found = place.endpoints
    with output.open("ab") as file:
        process = subprocess.Popen(
            words or (VERBATIM, "up"),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
            env=place.environment(**more),
            start_new_session=True,
            preexec_fn=_heed_interrupts,  # noqa: PLW1509  # it only sets a signal's action
        )
    return Run(place, process, output, found)


def _heed_interrupts() -> None:
    """Tests that were started in the background of a shell ignore SIGINT, which `make` would inherit."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def refusal(environment: Mapping[str, str]) -> str:
    """Runs `verbatim up`, which must refuse: gives what it says on standard error."""
    ran = subprocess.run(
        [VERBATIM, "up"], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    return ran.stderr
