"""How a rebuild is shown where no terminal is: a line when something is new, and the last one says how much it was."""

from io import StringIO
from math import inf

import pytest

from services.operator.filling import showing_filling
from services.projector.rebuilding import Filling


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


def test_trouble_that_stays_the_same_is_said_once() -> None:
    lines = shown(*[Filling("filling", 0, 0, 0.0, None, "LogAwayError")] * 3, Filling("filling", 0, 0, 0.0, None))

    assert lines == ["filling (LogAwayError)", "filling"]
