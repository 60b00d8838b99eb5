"""The folder of one Verbatim on this machine: used by one run at a time, and saying where things are meanwhile."""

import asyncio
import fcntl
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.embedded.cannot_start import CannotStartError

LAST_ONE_ENDS_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the parts of a running Verbatim are: URLs, and Kafka's bootstrap servers."""

    command: str
    query: str
    kafka: str
    database: str


@asynccontextmanager
async def used_alone(folder: Path) -> AsyncIterator[int]:
    """Holds the folder, which is made if needed; gives the descriptor of its lock.

    Whoever inherits the descriptor holds the folder too: what a killed run leaves behind is waited for. Raises
    CannotStartError if a run that lives holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - one call, before anything runs
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        line = f"{folder} cannot be used for data ({error.strerror}): set VERBATIM_VAR to a folder that can"
        raise CannotStartError(line) from error
    try:
        await _lock(folder, descriptor)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


async def _lock(folder: Path, descriptor: int) -> None:
    until = time.monotonic() + LAST_ONE_ENDS_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode()
            if _lives(holder) or time.monotonic() > until:
                raise CannotStartError(
                    f"another run (process {holder}) is using {folder}: stop it, or set VERBATIM_VAR to another folder "
                    "and COMMAND_PORT and QUERY_PORT to other ports"
                ) from None
            await asyncio.sleep(0.1)
        else:
            return


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def announce(folder: Path, endpoints: Endpoints) -> None:
    """Writes endpoints.json, whole or not at all, for its owner only: it holds the database's password."""
    unfinished = folder / "endpoints.json.unfinished"
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(endpoints), indent=2) + "\n")
    unfinished.rename(endpoints_file(folder))


def withdraw(folder: Path) -> None:
    """Removes endpoints.json: what it said holds no longer."""
    endpoints_file(folder).unlink(missing_ok=True)


def announced(folder: Path) -> Endpoints | None:
    """What is running on the folder, or None: what a killed run left behind does not count."""
    try:
        endpoints = Endpoints(**json.loads(endpoints_file(folder).read_text()))
    except FileNotFoundError:
        return None
    return endpoints if _is_in_use(folder) else None


def _is_in_use(folder: Path) -> bool:
    try:
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def endpoints_file(folder: Path) -> Path:
    """Where the endpoints stand while Verbatim runs."""
    return folder / "endpoints.json"
