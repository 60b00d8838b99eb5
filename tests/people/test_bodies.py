"""The limits of what people send about themselves: at each, and one past it."""

from typing import Any

import pytest

from services.command.features.people.bodies import ProfileBody, RegistrationBody
from shared.web.bodies import parse_body
from shared.web.problems import InvalidContent
from tests.web.sending import as_json

GOOD = {"email": "ada@example.com", "username": "ada", "password": "Correct1horse", "display_name": "Ada"}
LOCAL = "a" * 64
DOMAIN = ".".join(["d" * 61] * 3)


def pointers(body: dict[str, Any], model: Any = RegistrationBody) -> list[str]:
    """Where something is wrong; empty when nothing is."""
    try:
        parse_body(as_json(body), model)
    except InvalidContent as problem:
        return [error.pointer for error in problem.errors]
    return []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "abc"),
        ("username", "a" * 50),
        ("username", "A_9"),
        ("password", "Abcdefg1"),
        ("password", "Aa1" + "x" * 97),
        ("display_name", "A"),
        ("display_name", "👩" * 100),
        ("display_name", " A "),
        ("email", "a@b.example"),
        ("email", "ada@company.test"),
        ("email", f"{LOCAL}@{DOMAIN}.abc"[:254]),
    ],
)
def test_at_the_limit_it_is_taken(field: str, value: str) -> None:
    assert pointers({**GOOD, field: value}) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "ab"),
        ("username", "a" * 51),
        ("username", "ada-l"),
        ("username", "ada\n"),
        ("username", "ädä"),
        ("password", "Abcdef1"),
        ("password", "Aa1" + "x" * 98),
        ("password", "abcdefg1"),
        ("password", "ABCDEFG1"),
        ("password", "Abcdefgh"),
        ("password", "Abcdefg\u00b2"),  # a power is no digit
        ("display_name", ""),
        ("display_name", " \u2003"),
        ("display_name", "👩" * 101),
        ("email", "ada"),
        ("email", "ada@"),
        ("email", "Ada <ada@example.com>"),
        ("email", f"{LOCAL}@{DOMAIN}.abcd"),
        ("email", 7),
        ("email", None),
    ],
)
def test_one_past_the_limit_it_is_refused_and_the_place_named(field: str, value: Any) -> None:
    assert pointers({**GOOD, field: value}) == [f"/{field}"]


def test_what_is_not_known_is_refused() -> None:
    assert pointers({**GOOD, "role": "admin"}) == ["/role"]


def test_what_is_missing_is_named() -> None:
    assert pointers({}) == ["/email", "/username", "/password", "/display_name"]


def test_text_is_kept_as_it_came() -> None:
    body = parse_body(as_json({**GOOD, "email": "Ada@EXAMPLE.com", "display_name": " Ada "}), RegistrationBody)
    assert (body.email, body.display_name) == ("Ada@EXAMPLE.com", " Ada ")


@pytest.mark.parametrize("url", ["https://a", "https://a/" + "x" * 490, None])
def test_a_picture_is_an_https_address_or_none(url: str | None) -> None:
    assert pointers({"avatar_url": url}, ProfileBody) == []


@pytest.mark.parametrize("url", ["http://a/b", "https://", "https://a/" + "x" * 491, "https://a/ b", "", 1])
def test_another_address_is_no_picture(url: Any) -> None:
    assert pointers({"avatar_url": url}, ProfileBody) == ["/avatar_url"]


def test_a_display_name_cannot_be_removed() -> None:
    assert pointers({"display_name": None}, ProfileBody) == ["/display_name"]


def test_a_profile_says_what_is_to_change() -> None:
    nothing, removed = parse_body(b"{}", ProfileBody), parse_body(b'{"avatar_url": null}', ProfileBody)
    assert (nothing.new_display_name, nothing.new_avatar) == (None, None)
    assert removed.new_avatar is not None
    assert removed.new_avatar.url is None
