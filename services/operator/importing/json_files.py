"""The JSON files of archives: what cannot be understood is named with its file and its place there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from services.operator.importing.archives import LeftOut, NoArchiveError, Place, unreadable

Form = TypeVar("Form")


def items_of(file: Path, form: type[Form], called: str) -> Iterator[tuple[Place, Form] | LeftOut]:
    """The items of the array in a file, with their places, and what cannot be understood. `called`: what each is."""
    name = f"{file.parent.name}/{file.name}"
    try:
        items = _json_in(file)
    except (ValueError, RecursionError):
        yield unreadable(Place(name, 1), "the file is no JSON")
        return
    if not isinstance(items, list):
        yield unreadable(Place(name, 1), "the file is no array")
        return
    for number, item in enumerate(items, start=1):
        place = Place(name, number)
        try:
            yield place, msgspec.convert(item, form)
        except msgspec.ValidationError as error:
            yield unreadable(place, f"it is no {called}: {error}")


def listed_in(file: Path, form: type[Form], called: str) -> Form:
    """What a file lists. Raises NoArchiveError when it cannot be understood. `called`: what should be in it."""
    try:
        return msgspec.convert(_json_in(file), form)
    except msgspec.ValidationError as error:
        raise NoArchiveError(f"{file} does not list {called}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise NoArchiveError(f"{file} is no JSON") from error


def _json_in(file: Path) -> Any:
    return json.loads(file.read_bytes())
