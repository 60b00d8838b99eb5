"""`verbatim parked` where nothing is parked. What is parked is shown and released in `tests/following`."""

from tests.operator.command_line import one_line, typed


def test_where_nothing_is_parked_nothing_is_listed_and_nothing_released(database_url: str) -> None:
    listed, released = (typed({"DATABASE_URL": database_url}, "parked", each) for each in ("list", "release"))

    assert (listed.exit_code, listed.stdout) == (0, "0 parked\n")
    assert (released.exit_code, released.stdout) == (0, "0 applied, 0 did not count, 0 still parked\n")


def test_a_place_where_nothing_is_parked_is_said_to_be_so(database_url: str) -> None:
    line = one_line(typed({"DATABASE_URL": database_url}, "parked", "show", "chat.users", "0", "9"))

    assert "nothing is parked there: `verbatim parked list` says where something is" in line
