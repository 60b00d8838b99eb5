"""The filter of rows may err towards `may have`, seldom; it never denies a row that was added."""

from uuid import UUID, uuid5

from services.command.knowing import RowPlace
from services.command.writing.row_filter import RowFilter
from shared.identifiers import StreamId

SPACE = UUID("3f0d5c1e-0000-4000-8000-000000000000")
FIRST_ROWS = 1 << 10
ROWS = 20 * FIRST_ROWS


def _place(number: int) -> RowPlace:
    return StreamId(str(uuid5(SPACE, str(number % 7)))), "command", str(uuid5(SPACE, f"key {number}"))


def test_what_was_added_is_never_denied_however_the_filter_has_grown() -> None:
    made = RowFilter(FIRST_ROWS)
    places = [_place(number) for number in range(ROWS)]
    for place in places:
        made.add(place)

    assert all(made.may_have(place) for place in places)


def test_what_was_not_added_is_denied_but_for_one_in_a_hundred() -> None:
    made = RowFilter(FIRST_ROWS)
    assert not any(made.may_have(_place(number)) for number in range(ROWS))
    for number in range(ROWS):
        made.add(_place(number))

    passed = sum(made.may_have(_place(number)) for number in range(ROWS, 2 * ROWS))

    assert passed < ROWS / 100
