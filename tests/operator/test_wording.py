"""How numbers are told."""

from services.operator.wording import counted


def test_one_is_singular_and_everything_else_is_plural() -> None:
    assert [counted(number, "row") for number in (0, 1, 2, 1_000)] == ["0 rows", "1 row", "2 rows", "1,000 rows"]
