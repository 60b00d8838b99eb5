"""What the command service says of itself."""

from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from services.command import outcomes
from services.command.app import ABOUT, FEATURES
from services.command.features.messages.routes import NewMessage
from shared.web.docs import SERVED, assets_folder
from shared.web.fields import Nothing
from shared.web.openapi import described
from shared.web.routes import Access

ROUTES = [*(route for feature in FEATURES for route in feature.routes), *outcomes.ROUTES]


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return described(ROUTES, ABOUT)


def test_the_description_is_valid_openapi(description: dict[str, Any]) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(description).iter_errors()] == []


def test_every_route_is_described(description: dict[str, Any]) -> None:
    in_it = {f"{method.upper()} {path}" for path, operations in description["paths"].items() for method in operations}
    assert in_it == {route.name for route in ROUTES}


def test_no_two_routes_are_the_same() -> None:
    assert len({route.name for route in ROUTES}) == len(ROUTES)


def test_operations_have_names_of_their_own(description: dict[str, Any]) -> None:
    names = [each["operationId"] for operations in description["paths"].values() for each in operations.values()]
    assert len(set(names)) == len(names)


def test_no_two_bodies_share_a_name() -> None:
    bodies = {route.body for route in ROUTES}
    assert len({body.__name__ for body in bodies}) == len(bodies)


def test_limits_are_part_of_it(description: dict[str, Any]) -> None:
    username = description["components"]["schemas"]["RegistrationBody"]["properties"]["username"]
    assert (username["minLength"], username["maxLength"], username["pattern"]) == (3, 50, "^[A-Za-z0-9_]+$")
    assert username["examples"] == ["ada"]


def test_refusals_are_part_of_it(description: dict[str, Any]) -> None:
    conflict = description["paths"]["/v1/auth/register"]["post"]["responses"]["409"]
    schema = conflict["content"]["application/problem+json"]["schema"]
    assert schema["allOf"][1]["properties"]["code"]["enum"] == ["email-taken", "username-taken"]


def test_what_is_limited_says_so_and_what_it_answers_then(description: dict[str, Any]) -> None:
    limited = {
        route.name for route in ROUTES if "429" in description["paths"][route.path][route.method.lower()]["responses"]
    }
    assert limited == {
        "POST /v1/conversations/{conversation_id}/messages",
        "POST /v1/auth/login",
        "POST /v1/files",
        "GET /v1/files/{file_id}",
    }
    refusal = description["paths"]["/v1/auth/login"]["post"]["responses"]["429"]
    assert set(refusal["headers"]) == {"X-Request-Id", "Retry-After", "RateLimit-Policy", "RateLimit"}


def test_a_route_with_a_body_may_find_it_too_slow(description: dict[str, Any]) -> None:
    slow = {
        route.name for route in ROUTES if "408" in description["paths"][route.path][route.method.lower()]["responses"]
    }
    assert slow == {route.name for route in ROUTES if route.body is not Nothing}


def test_a_body_may_be_left_out_where_nothing_in_it_has_to_be_there(description: dict[str, Any]) -> None:
    bodies = {
        route.name: description["paths"][route.path][route.method.lower()]["requestBody"]["required"]
        for route in ROUTES
        if route.body is not Nothing
    }
    assert bodies["PATCH /v1/me"] is bodies["POST /v1/operator/import"] is False
    assert bodies["PUT /v1/me/dnd"] is bodies["POST /v1/auth/login"] is True


def test_the_examples_of_a_message_are_messages(description: dict[str, Any]) -> None:
    examples = description["components"]["schemas"]["NewMessage"]["examples"]
    assert [NewMessage.model_validate(each).content_type for each in examples] == [
        *("text", "image", "voice", "media", "shared_post"),
    ]


def test_who_may_ask_is_part_of_it(description: dict[str, Any]) -> None:
    for route in ROUTES:
        operation = description["paths"][route.path][route.method.lower()]
        wanted: list[Any] = [] if route.access is Access.ANYONE else [{route.access.value: []}]
        assert operation["security"] == wanted, route.name


def test_the_page_has_everything_it_shows() -> None:
    assert all(Path(assets_folder() / name).is_file() for name in SERVED)
