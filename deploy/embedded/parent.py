"""When who started us ends, or wants to, so do we."""

import asyncio
import os
import signal
from pathlib import Path

POLL_SECONDS = 0.25


async def parent_ends() -> None:
    """Returns when our parent has ended, or is `make` and was asked to end with SIGINT.

    GNU make does not pass a SIGINT on that was sent to it alone: it gives up its own handler and waits for its
    children, for ever if nobody tells them. That it gave up the handler can be seen.
    """
    parent = os.getppid()
    cared_for_interrupts = _catches_interrupts(parent)
    while os.getppid() == parent:
        if cared_for_interrupts and not _catches_interrupts(parent):
            return
        await asyncio.sleep(POLL_SECONDS)


def _catches_interrupts(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)
