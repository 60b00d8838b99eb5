"""A position is read as it was given out, and in no other form."""

import pytest

from shared.identifiers import StreamKind
from shared.log.positions import BadPositionError, Position, parse_position

GIVEN_OUT = [
    Position(StreamKind.CONVERSATIONS, 0, 0),
    Position(StreamKind.USERS, 12, 9_000_000_000),
    Position(StreamKind.USERS, 3, -1),
]


@pytest.mark.parametrize("position", GIVEN_OUT, ids=str)
def test_what_was_given_out_is_read(position: Position) -> None:
    assert parse_position(str(position)) == position


@pytest.mark.parametrize(
    "text", ["", "c", "c0", "c0-", "c0--2", "c0--0", "c0-+1", "c0-1_0", "c-1-0", "c0-\u0663", "x0-1", "c0-1 "]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadPositionError):
        parse_position(text)
