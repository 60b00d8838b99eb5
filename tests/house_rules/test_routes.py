"""Every route is described: OpenAPI is made from the same list as the edge, and nothing is left out of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.command import app as command_app
from services.command import outcomes
from services.projector import app as query_app
from services.projector.questions import QUESTIONS
from shared.web.fields import Ndjson
from shared.web.openapi import About, described
from shared.web.routes import Route

EXPLAINED = "custom-error"  # what pydantic calls a form that has words of its own
COMMANDS = [route for feature in command_app.FEATURES for route in feature.routes] + [*outcomes.ROUTES]


@pytest.mark.parametrize(
    ("routes", "about"),
    [(COMMANDS, command_app.ABOUT), ([*QUESTIONS], query_app.ABOUT)],
    ids=["commands", "questions"],
)
def test_every_route_is_in_openapi(routes: list[Route], about: About) -> None:
    document: dict[str, Any] = described(routes, about)

    operations = {(method.upper(), path) for path, item in document["paths"].items() for method in item}

    assert {(route.method, route.path) for route in routes} <= operations


@pytest.mark.parametrize("routes", [COMMANDS, [*QUESTIONS]], ids=["commands", "questions"])
def test_no_two_routes_are_the_same(routes: list[Route]) -> None:
    names = [route.name for route in routes]

    assert len(names) == len(set(names))


def test_whatever_is_answered_as_a_command_is_described_as_one() -> None:
    """Else its OpenAPI would not name the key under which it is done once, nor that its outcome may be unknown."""
    answered = [route for route in COMMANDS if {"command_id", "position"} <= set(fields_of(route.answer))]

    assert [route.name for route in answered if route.method != "GET" and not command_app.makes_a_command(route)] == []


def fields_of(answer: Any) -> tuple[str, ...]:
    """What an answer that is a Struct tells."""
    fields: tuple[str, ...] = getattr(answer, "__struct_fields__", ())
    return fields


def test_whoever_sends_what_fits_no_pattern_is_told_what_is_allowed_in_words() -> None:
    models = {
        model
        for route in [*COMMANDS, *QUESTIONS]
        for model in (route.body, route.query, *(route.body.lines if issubclass(route.body, Ndjson) else ()))
    }
    schemas = [model.__pydantic_core_schema__ for model in models]

    assert len([*patterns_in(schemas)]) > 20
    assert [*patterns_in(schemas, EXPLAINED)] == []


def patterns_in(schema: Any, but_for: str = "") -> Iterator[str]:
    """The patterns in what pydantic made of models, but for those within what is of one type."""
    if isinstance(schema, dict) and schema.get("type") == "str" and "pattern" in schema:
        yield schema["pattern"]
    elif isinstance(schema, dict | list) and not (isinstance(schema, dict) and schema.get("type") == but_for):
        for each in schema.values() if isinstance(schema, dict) else schema:
            yield from patterns_in(each, but_for)


def test_every_route_says_what_it_is_for() -> None:
    assert [route.name for route in [*COMMANDS, *QUESTIONS] if not route.summary] == []
