"""What a file may be called, and what whoever calls one otherwise is told."""

import pytest

from services.command.files.names import NAME_LIMIT, file_name
from shared.web.problems import FieldError, InvalidContent


@pytest.mark.parametrize("name", ["a", "n" * NAME_LIMIT, " boat (1).png ", "..png"])
def test_a_name_is_kept_as_it_came(name: str) -> None:
    assert file_name(name) == name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (None, "must be there, unless the form's part has a filename"),
        ("a/b", "must be a name, not a path"),
        ("..", "must be a name, not a path"),
        ("a\nb", "may not contain control characters, line breaks or changes of direction"),
        (" ", "must have more than white space"),
    ],
)
def test_whoever_gives_a_name_that_no_file_may_have_is_told_why(name: str | None, told: str) -> None:
    with pytest.raises(InvalidContent) as refused:
        file_name(name)
    assert refused.value.errors == (FieldError("/name", told),)
