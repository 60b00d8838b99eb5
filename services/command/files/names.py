"""What a file may be called."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints, TypeAdapter, ValidationError

from shared.web.bodies import field_errors
from shared.web.fields import NotBlank
from shared.web.problems import FieldError, InvalidContent

NAME_LIMIT = 255
SEPARATORS = frozenset("/\\")
FOLDERS = frozenset({".", ".."})
TURNS_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Makes a name look as if it had another ending: the characters of Unicode that change the direction of those after."""
BREAKS = frozenset({"Cc", "Zl", "Zp"})


def _plain(name: str) -> str:
    if SEPARATORS.intersection(name) or name in FOLDERS:
        raise ValueError("must be a name, not a path")
    if TURNS_AROUND.intersection(name) or any(unicodedata.category(each) in BREAKS for each in name):
        raise ValueError("may not contain control characters, line breaks or changes of direction")
    return name


FileName = Annotated[str, StringConstraints(min_length=1, max_length=NAME_LIMIT), NotBlank, AfterValidator(_plain)]
"""1 to 255 characters, kept as they came."""
_names: TypeAdapter[str] = TypeAdapter(FileName)


def file_name(given: str | None) -> str:
    """The name that came with a file. Raises InvalidContent for one that no file may have, and for none."""
    if given is None:
        raise InvalidContent(errors=[FieldError("/name", "must be there, unless the form's part has a filename")])
    try:
        return _names.validate_python(given)
    except ValidationError as error:
        raise InvalidContent(errors=[FieldError("/name", each.message) for each in field_errors(error)]) from None
