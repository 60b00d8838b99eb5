"""Usernames for people who are only named in an archive."""

import re
from itertools import islice

from hypothesis import given
from hypothesis.strategies import text, uuids

from services.command.accounts.imported_names import usernames_for
from shared.identifiers import UserId

ADA = UserId("0d4ff1c2-90a1-5b0f-8f3e-6c0d1e2f3a4b")


def first(wanted: str) -> str:
    return next(usernames_for(wanted, ADA))


def test_a_name_that_is_fit_stays() -> None:
    assert first("Ada_1815") == "Ada_1815"


def test_what_is_not_allowed_is_replaced() -> None:
    assert first("ada-lovelace.x") == "ada_lovelace_x"


def test_a_long_name_is_cut() -> None:
    assert first("a" * 51) == "a" * 50


def test_a_name_that_is_too_short_has_some_of_its_id() -> None:
    assert first("al") == "al_0d4ff1"


def test_a_name_that_is_taken_has_some_of_its_id_within_the_limit() -> None:
    second = list(islice(usernames_for("a" * 60, ADA), 2))[1]
    assert second == "a" * 43 + "_0d4ff1"


@given(text(), uuids())
def test_every_try_is_a_username(wanted: str, user_id: object) -> None:
    for username in usernames_for(wanted, UserId(str(user_id))):
        assert re.fullmatch(r"[A-Za-z0-9_]{3,50}", username)
