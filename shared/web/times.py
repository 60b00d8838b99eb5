"""Times in answers: RFC 3339, UTC, with milliseconds."""

from datetime import UTC, datetime
from typing import Annotated, overload

import msgspec

Time = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""A time as answers have it. Views and results hold it as text, so that it is the same from memory and from a store."""


@overload
def time_text(time: datetime) -> str: ...
@overload
def time_text(time: None) -> None: ...
@overload
def time_text(time: datetime | None) -> str | None: ...
def time_text(time: datetime | None) -> str | None:
    """`2026-03-02T12:00:00.000Z`; None stays None."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
