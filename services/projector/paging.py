"""Lists: what every answer that is a list looks like, and the opaque cursors that lead to the next page."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Generic, TypeVar

import asyncpg
import msgspec

from shared.web.fields import UUID_PATTERN
from shared.web.problems import FieldError, InvalidContent

T = TypeVar("T")
R = TypeVar("R")
C = TypeVar("C", bound=msgspec.Struct)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EARLIEST_MOMENT = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
LATEST_MOMENT = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
COUNT_LIMIT = 9_007_199_254_740_991  # the largest whole number that every reader of JSON can hold
PAGE_BYTES = 1_048_576
"""A page of texts ends behind the one with which it comes to so many bytes: each may have 400,000."""

IdPlace = Annotated[str, msgspec.Meta(pattern=UUID_PATTERN)]
"""An id in a cursor."""
CountPlace = Annotated[int, msgspec.Meta(ge=0, le=COUNT_LIMIT)]
"""A seq in a cursor."""
Moment = Annotated[int, msgspec.Meta(ge=EARLIEST_MOMENT, le=LATEST_MOMENT)]
"""A time in a cursor: microseconds since 1970, so that nothing of it is lost."""


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list. `next_cursor`, given as `cursor`, leads to the next page; it is null on the last one.

    It may be shorter than `limit` while there are more: `has_more` alone says that it is the last one.
    """

    items: list[T]
    has_more: bool
    next_cursor: str | None


def moment(time: datetime) -> int:
    """A time as a cursor holds it."""
    return (time - EPOCH) // MICROSECOND


def time_of(moment: int) -> datetime:
    """The time that a cursor holds."""
    return EPOCH + moment * MICROSECOND


def encode_cursor(place: msgspec.Struct) -> str:
    """A place in a list, as an opaque text."""
    return urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, form: type[C]) -> C | None:
    """The place that a cursor stands for; None where there is no cursor.

    Raises InvalidContent for a text that this list never gave out.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(b64decode(padded, altchars=b"-_", validate=True), type=form)
    except (ValueError, msgspec.MsgspecError):
        problem = FieldError("/cursor", "is no cursor of this list: give back a next_cursor as it came, or none")
        raise InvalidContent(errors=[problem]) from None


def fitting(rows: Sequence[asyncpg.Record], limit: int) -> int:
    """How many of these rows a page has, at most `limit`. A row's `bytes_before` are those of the texts before it."""
    return sum(row["bytes_before"] < PAGE_BYTES for row in rows[:limit])


def listed(rows: Sequence[R], limit: int, *, view: Callable[[R], T], place: Callable[[R], msgspec.Struct]) -> Listed[T]:
    """A page of at most `limit`, of rows that were fetched up to one beyond it.

    `view` is what is shown of a row, `place` where in the list it stands.
    """
    shown = rows[:limit]
    has_more = len(rows) > limit
    return Listed(
        items=[view(row) for row in shown],
        has_more=has_more,
        next_cursor=encode_cursor(place(shown[-1])) if has_more else None,
    )
