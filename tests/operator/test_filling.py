"""How a rebuild is shown where no terminal is: a line when something is new, and the last one says how much it was."""

from io import StringIO
from math import inf

import pytest

from services.operator.filling import showing_filling
from services.projector.progress import Progress
from services.projector.rebuilding import BEGIN_SECONDS, Filling, comparing_of, filling_of


@pytest.fixture(autouse=True)
def _only_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the test is, nothing is said again because time has passed."""
    monkeypatch.setattr("services.operator.filling.LINE_SECONDS", inf)


def shown(*fillings: Filling) -> list[str]:
    to = StringIO()
    with showing_filling(to) as say:
        for filling in fillings:
            say(filling)
    return to.getvalue().splitlines()


def test_a_step_that_is_over_says_how_many_records_it_took() -> None:
    lines = shown(*(Filling("filling", records, of, 5.0, None) for records, of in ((0, 0), (4, 9), (9, 9), (9, 9))))

    assert lines == ["filling", "filling: 9 of 9 records, 5/s"]


def test_the_time_left_is_said_while_there_is_any_and_a_rate_where_there_is_one() -> None:
    lines = shown(
        Filling("filling", 4, 9, 2.0, 2.5), Filling("filling", 9, 9, 2.0, 0.0), Filling("catching up", 9, 9, 0.0, None)
    )

    assert lines == [
        "filling: 4 of 9 records, 2/s, 0:00:02 left",
        "filling: 9 of 9 records, 2/s",
        "catching up: 9 of 9 records",
    ]


def test_a_comparison_is_told_in_rows_of_about_so_many_and_at_the_end_of_as_many_as_there_were() -> None:
    lines = shown(comparing_of(0, 9, 0.0), comparing_of(6, 9, 2.0), comparing_of(8, 8, 4.0))

    assert lines == ["comparing: 0 of 9 rows", "comparing: 8 of 8 rows, 2/s"]
    assert comparing_of(6, 9, 2.0).seconds_left == 1.0


def test_a_comparison_of_more_rows_than_postgres_knew_of_is_not_over_before_it_is() -> None:
    lines = shown(comparing_of(0, 0, 0.0), comparing_of(4, 0, 2.0), comparing_of(17, 0, 2.0), comparing_of(23, 23, 4.0))

    assert lines == ["comparing", "comparing: 23 of 23 rows, 6/s"]


def test_it_waits_for_another_only_when_it_has_not_begun_for_a_while() -> None:
    assert filling_of("filling", Progress(), 0, BEGIN_SECONDS / 2).trouble == ""
    assert filling_of("filling", Progress(), 0, BEGIN_SECONDS * 2).trouble == "waiting until nobody else rebuilds"
    assert filling_of("filling", Progress(following=True), 0, BEGIN_SECONDS * 2).trouble == ""


def test_trouble_that_stays_the_same_is_said_once() -> None:
    lines = shown(*[Filling("filling", 0, 0, 0.0, None, "LogAwayError")] * 3, Filling("filling", 0, 0, 0.0, None))

    assert lines == ["filling (LogAwayError)", "filling"]
