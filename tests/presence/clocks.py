"""A clock that a test turns."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Clock:
    """Gives seconds, as time.monotonic does, and the time of day that belongs to them."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds

    @property
    def time(self) -> datetime:
        """The time of day."""
        return NOON + timedelta(seconds=self.seconds)
