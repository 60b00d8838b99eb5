"""A child process: in a session of its own, its output in a log file, ended with us whatever happens to us."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

POLL_SECONDS = 0.02
LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class Command:
    """What to run and how.

    `on_parent_death` is the signal the child gets when we end without a word; `keeps_open` are file descriptors it
    holds as long as it lives.
    """

    name: str
    words: Sequence[str]
    log: Path
    user: str | None = None
    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    on_parent_death: signal.Signals = signal.SIGKILL
    keeps_open: Sequence[int] = ()


class Child:
    """A running child, or one that has ended."""

    def __init__(self, command: Command, process: subprocess.Popen[bytes]) -> None:
        self.name = command.name
        self.log = command.log
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs, negative for a signal."""
        return self._process.returncode

    @property
    def how_it_ended(self) -> str:
        """In words, for a child that has ended."""
        code = self._process.returncode
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"

    async def ended(self, within: float | None = None) -> bool:
        """Waits until it has ended, at most `within` seconds; says whether it has."""
        until = None if within is None else time.monotonic() + within
        while self.is_running:
            if until is not None and time.monotonic() >= until:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    async def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Sends each signal and waits that many seconds for the end, then the next; SIGKILL after the last."""
        for signal_number, within in steps:
            self.send(signal_number)
            self.send(signal.SIGCONT)  # a stopped process would not hear it
            if await self.ended(within):
                return
        self.kill()

    def send(self, signal_number: signal.Signals) -> None:
        """Sends it a signal, if it is still there to get it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal_number)

    def kill(self) -> None:
        """Ends it as a crash would, and waits for that."""
        self._process.kill()
        self._process.wait()

    def last_words(self) -> str:
        """The last line of its log, or nothing."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4096))
            lines = log.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def start_child(command: Command) -> Child:
    """Starts it. For Linux its parent is the calling thread: it ends with that one, if not before."""
    command.log.parent.mkdir(parents=True, exist_ok=True)
    with command.log.open("ab") as log:
        process = subprocess.Popen(
            launched(command.words, command.user, command.on_parent_death),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=command.folder,
            env={**os.environ, **command.environment},
            pass_fds=command.keeps_open,
            start_new_session=True,  # Ctrl-C reaches the whole group; the order of stopping is ours
        )
    return Child(command, process)


def launched(words: Sequence[str], user: str | None, on_parent_death: signal.Signals = signal.SIGKILL) -> list[str]:
    """The command that runs these words as that user and ends them with us."""
    head = [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), str(int(on_parent_death)), user or "-"]
    return [*head, shutil.which(words[0]) or words[0], *words[1:]]
