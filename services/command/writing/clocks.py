"""The clocks of a writer: the one it stamps records with, and the one it measures its claim by."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time to the millisecond, as it is recorded."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def boot_seconds() -> float:
    """Seconds on the clock that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the writers of a process tell the time by."""

    now: Callable[[], datetime]
    boot_seconds: Callable[[], float]


MACHINE = Clocks(utc_now, boot_seconds)
