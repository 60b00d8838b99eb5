"""The forms that fields share: what they take, and that the schema says the same."""

import re
import sys
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from services.command.features.importing.lines import Source
from services.command.features.messages.routes import UpTo
from services.command.features.people.bodies import Username
from services.command.features.statuses.routes import Expires
from services.projector.questions.people import UsernameAsked
from shared.web.bodies import field_errors, parse_body
from shared.web.fields import HttpsUrl, Id, Ids, NotBlank, Parameters, Sent, Whole
from shared.web.problems import FieldError, InvalidContent

SPACES = [chr(code) for code in range(sys.maxunicode) if chr(code).isspace()]


class Said(Sent):
    text: Annotated[str, NotBlank]


class Counted(Sent):
    number: Annotated[int, Field(ge=0, le=5), Whole]


class Addressed(Sent):
    url: HttpsUrl


class Asked(Parameters):
    ids: Ids


def pattern_of(model: type[Sent] | type[Parameters], field: str) -> str:
    pattern: str = model.model_json_schema()["properties"][field]["pattern"]
    return pattern


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_what_is_blank_is_so_to_the_schema_too(space: str) -> None:
    with pytest.raises(InvalidContent):
        parse_body(Said.model_construct(text=space * 3).model_dump_json().encode(), Said)
    assert not re.search(pattern_of(Said, "text"), space * 3)
    assert re.search(pattern_of(Said, "text"), f"{space}.{space}")


@pytest.mark.parametrize("space", [*SPACES, "\ufeff"], ids=ascii)
def test_no_white_space_is_part_of_an_address_to_us_or_to_the_schema(space: str) -> None:
    url = f"https://example.org/a{space}b"
    with pytest.raises(InvalidContent):
        parse_body(Addressed.model_construct(url=url).model_dump_json().encode(), Addressed)
    assert not re.search(pattern_of(Addressed, "url"), url)


@pytest.mark.parametrize("number", ["3", "3.0", "3e0", "0.3e1"])
def test_a_whole_number_is_one_however_it_is_written(number: str) -> None:
    read = parse_body(f'{{"number": {number}}}'.encode(), Counted).number
    assert (read, type(read)) == (3, int)


@pytest.mark.parametrize("number", ["3.5", '"3"', "true", "null", "1e999", "[3]", "-1.0", "6.0"])
def test_what_is_no_whole_number_is_refused(number: str) -> None:
    with pytest.raises(InvalidContent):
        parse_body(f'{{"number": {number}}}'.encode(), Counted)


@pytest.mark.parametrize("model", [Counted, UpTo, Expires])
def test_the_limits_of_a_whole_number_are_part_of_its_schema(model: type[Sent]) -> None:
    numbers = [each for each in model.model_json_schema()["properties"].values() if each.get("type") == "integer"]
    assert numbers
    assert all("minimum" in each for each in numbers)


A_UUID = "must be a uuid, as 8d0f5a58-5a4e-4d0a-9c55-0a4b6a3f8f01"
AN_ADDRESS = "must be an https address of at most 500 characters without white space, as https://example.org/ada.png"
A_USERNAME = "must be 3 to 50 of the letters A to Z and a to z, the digits and _, as ada_99"
A_WHOLE_USERNAME = "must be a whole username: at most 50 of the letters A to Z and a to z, the digits and _, as ada_99"
A_SOURCE = "must be 1 to 40 of the letters a to z, the digits and -, as zulip"


@pytest.mark.parametrize(
    ("form", "sent", "told"),
    [
        (Id, "8d0f5a58", A_UUID),
        (Id, 8, A_UUID),
        (HttpsUrl, "http://example.org", AN_ADDRESS),
        (HttpsUrl, "https://example.org/" + "a" * 481, AN_ADDRESS),
        (Username, "ada-l", A_USERNAME),
        (Username, "ad", A_USERNAME),
        (Username, "a" * 51, A_USERNAME),
        (UsernameAsked, "ada-l", A_WHOLE_USERNAME),
        (UsernameAsked, "", A_WHOLE_USERNAME),
        (Source, "Zulip", A_SOURCE),
        (Source, "z" * 41, A_SOURCE),
    ],
)
def test_whoever_sends_another_form_is_told_what_is_allowed(form: Any, sent: object, told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(form).validate_python(sent)
    assert field_errors(refused.value) == [FieldError("", told)]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (Id, A_UUID),
        (HttpsUrl, AN_ADDRESS),
        (Username, A_USERNAME),
        (UsernameAsked, A_WHOLE_USERNAME),
        (Source, A_SOURCE),
    ],
)
def test_whoever_sends_what_they_were_told_is_understood(form: Any, told: str) -> None:
    example = told.rpartition(" as ")[2]
    assert TypeAdapter(form).validate_python(example) == example


ID = "6f1d5f3e-0f0c-5c0e-9a57-3b1f4e0a7c11"


@pytest.mark.parametrize(
    ("ids", "is_good"),
    [
        (ID, True),
        (ID.upper(), True),
        (",".join([ID] * 100), True),
        (",".join([ID] * 101), False),
        ("", False),
        (f"{ID},", False),
        (f"{ID}, {ID}", False),
        (ID.replace("-", ""), False),
    ],
)
def test_ids_are_what_their_schema_says(ids: str, is_good: Any) -> None:
    assert bool(re.search(pattern_of(Asked, "ids"), ids)) is is_good
    if is_good:
        assert {*Asked.model_validate({"ids": ids}).ids} == {ID}
    else:
        with pytest.raises(ValueError, match="ids"):
            Asked.model_validate({"ids": ids})
