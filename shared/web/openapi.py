"""OpenAPI 3.1, made from the list of routes: what is served is described, and nothing else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.web.fields import Ndjson, NoParameters, Nothing
from shared.web.problems import (
    CONTENT_TYPE,
    BodyIsSlow,
    Forbidden,
    InternalError,
    InvalidContent,
    MalformedRequest,
    NotAuthenticated,
    NotFound,
    ProblemKind,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
)
from shared.web.routes import Access, Bytes, Route
from shared.web.uploads import PART, Streamed

REFERENCE = "#/components/schemas/{model}"
MSGSPEC_REFERENCE = "#/components/schemas/{name}"


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one part of what was sent."""

    pointer: str
    message: str


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457. `code` is stable; `retryable`: the same request may succeed later."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    retryable: bool
    errors: list[FieldProblem] = []


@dataclass(frozen=True, slots=True)
class Header:
    """A header that requests may carry, to the routes that it applies to."""

    name: str
    description: str
    schema: Mapping[str, Any]
    applies: Callable[[Route], bool] = lambda route: route.access is Access.SIGNED_IN


@dataclass(frozen=True, slots=True)
class About:
    """What a service says of itself, which headers its routes read, and which problems any or some of them answer."""

    title: str
    description: str
    version: str
    headers: tuple[Header, ...] = ()
    problems: tuple[type[ProblemKind], ...] = ()
    more_problems: Callable[[Route], tuple[type[ProblemKind], ...]] = lambda _: ()


def described(routes: Sequence[Route], about: About) -> dict[str, Any]:
    """The whole description."""
    bodies = _body_schemas(routes)
    answers = {route.name: route.answer for route in routes if route.answer not in (None, Bytes)}
    schemas, components = msgspec.json.schema_components(
        [ProblemDocument, *answers.values()], ref_template=MSGSPEC_REFERENCE
    )
    by_route = dict(zip(answers, schemas[1:], strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_route.get(route.name), about)
    return {
        "openapi": "3.1.0",
        "info": {"title": about.title, "description": about.description, "version": about.version},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": {**components, **bodies}, "securitySchemes": SECURITY_SCHEMES},
    }


REQUEST_ID = {
    "X-Request-Id": {
        "description": "The one that the request gave, or a new one: it finds what was logged of it",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    }
}
RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait", "required": True, "schema": {"type": "integer", "minimum": 1}}
}
ANSWERED_HEADERS: dict[int, dict[str, Any]] = {
    HTTPStatus.TOO_MANY_REQUESTS: {
        **RETRY_AFTER,
        "RateLimit-Policy": {
            "description": "The limit: how many at once (`q`), and in how many seconds as many again (`w`)",
            "required": True,
            "schema": {"type": "string", "examples": ['"sends";q=40;w=2']},
        },
        "RateLimit": {
            "description": "What is left of it (`r`), and the seconds until there is more (`t`)",
            "required": True,
            "schema": {"type": "string", "examples": ['"sends";r=0;t=1']},
        },
    },
    HTTPStatus.SERVICE_UNAVAILABLE: RETRY_AFTER,
}

SECURITY_SCHEMES = {
    Access.SIGNED_IN.value: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    Access.OPERATOR.value: {"type": "http", "scheme": "bearer", "description": "The operator's token"},
}


BYTES = {"type": "string", "format": "binary"}
UPLOAD = {
    "multipart/form-data": {
        "schema": {"type": "object", "properties": {PART: BYTES}, "required": [PART], "additionalProperties": False}
    },
    "application/octet-stream": {"schema": BYTES},
}
DOWNLOADED_HEADERS: dict[str, Any] = {
    "ETag": {"description": "Another one for every other content", "required": True, "schema": {"type": "string"}},
    "Accept-Ranges": {"description": "`bytes`", "required": True, "schema": {"type": "string"}},
    "Content-Disposition": {
        "description": "What it is called, and whether it may be shown in place",
        "required": True,
        "schema": {"type": "string"},
    },
}
RANGE_HEADERS = {"Content-Range": {"description": "Which part it is", "required": True, "schema": {"type": "string"}}}


def _body_schemas(routes: Iterable[Route]) -> dict[str, Any]:
    models = {model for route in routes for model in _bodies(route)}
    ordered = sorted(models, key=lambda model: (model.__name__, model.__module__))
    _, schemas = models_json_schema([(model, "validation") for model in ordered], ref_template=REFERENCE)
    found: dict[str, Any] = schemas.get("$defs", {})
    return found


def _bodies(route: Route) -> tuple[type[BaseModel], ...]:
    """What its body is, or the lines of its body are."""
    if issubclass(route.body, Ndjson):
        return route.body.lines
    return (route.body,) if _has_json_body(route) else ()


def _has_json_body(route: Route) -> bool:
    return route.body is not Nothing and not issubclass(route.body, Ndjson | Streamed)


def _operation(route: Route, answer: Any, about: About) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [_subject(route)],
        "parameters": [*_parameters(route), *(_header(header) for header in _headers(route, about))],
        "responses": {**_successes(route, answer), **_problems(route, about)},
        "security": [] if route.access is Access.ANYONE else [{route.access.value: []}],
    }
    if route.description:
        operation["description"] = route.description
    if _has_json_body(route):
        reference = {"$ref": REFERENCE.format(model=route.body.__name__)}
        required = any(field.is_required() for field in route.body.model_fields.values())
        operation["requestBody"] = {"required": required, "content": {"application/json": {"schema": reference}}}
    elif issubclass(route.body, Ndjson):
        forms = [{"$ref": REFERENCE.format(model=line.__name__)} for line in route.body.lines]
        line = {"contentMediaType": "application/json", "contentSchema": {"oneOf": forms}}
        lines = {"schema": {"type": "string", "description": "one JSON object a line, of one of the forms", **line}}
        operation["requestBody"] = {"required": False, "content": {"application/x-ndjson": lines}}
    elif issubclass(route.body, Streamed):
        operation["requestBody"] = {"required": False, "content": UPLOAD}  # without one, it is an empty file
    return operation


def _operation_id(route: Route) -> str:
    words = route.path.removeprefix("/v1").replace("{", "").replace("}", "").replace("-", "_").split("/")
    return "_".join([route.method.lower(), *(word for word in words if word)])


def _subject(route: Route) -> str:
    return route.path.removeprefix("/v1").split("/")[1]


def _parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": place, "required": place == "path" or name in required, "schema": schema}
        for place, model in (("path", route.parameters), ("query", route.query), ("header", route.headers))
        for required, fields in [_fields(model)]
        for name, schema in fields.items()
    ]


def _fields(model: type[BaseModel]) -> tuple[list[str], dict[str, Any]]:
    if model is NoParameters:
        return [], {}
    schema = model.model_json_schema(ref_template=REFERENCE)
    return schema.get("required", []), schema.get("properties", {})


def _headers(route: Route, about: About) -> tuple[Header, ...]:
    return tuple(header for header in about.headers if header.applies(route))


def _header(header: Header) -> dict[str, Any]:
    return {
        "name": header.name,
        "in": "header",
        "required": False,
        "description": header.description,
        "schema": header.schema,
    }


def _successes(route: Route, answer: Any) -> dict[str, Any]:
    if route.answer is Bytes:
        return _whole_or_part(route)
    if answer is None:
        return {"200": {"description": "Done", "headers": REQUEST_ID}}
    more = {"headers": REQUEST_ID, "content": {"application/json": {"schema": answer}}}
    if not route.creates:
        return {"200": {"description": "As it is" if route.method == "GET" else "Done, now or before", **more}}
    return {
        "201": {"description": "Made by this request", **more},
        "200": {"description": "It was there already", **more},
    }


def _whole_or_part(route: Route) -> dict[str, Any]:
    content = {} if route.method == "HEAD" else {"content": {"*/*": {"schema": BYTES}}}
    headers = {**REQUEST_ID, **DOWNLOADED_HEADERS}
    part = {"206": {"description": "The range that was asked for", "headers": {**headers, **RANGE_HEADERS}, **content}}
    return {
        "200": {"description": "All of it", "headers": headers, **content},
        **(part if route.method == "GET" else {}),
        "304": {"description": "It is still what `If-None-Match` names", "headers": headers},
    }


def _problems(route: Route, about: About) -> dict[str, Any]:
    kinds: dict[int, dict[str, str]] = {}
    for kind in (*_expected(route), *about.problems, *about.more_problems(route), *route.refusals):
        kinds.setdefault(kind.status, {})[kind.code] = kind.title
    return {
        str(status): {
            "description": "; ".join(f"`{code}`: {title}" for code, title in sorted(titles.items())),
            "headers": {**REQUEST_ID, **ANSWERED_HEADERS.get(status, {})},
            "content": {CONTENT_TYPE: {"schema": _problem_schema(sorted(titles))}},
        }
        for status, titles in sorted(kinds.items())
    }


def _problem_schema(codes: list[str]) -> dict[str, Any]:
    document = {"$ref": MSGSPEC_REFERENCE.format(name=ProblemDocument.__name__)}
    return {"allOf": [document, {"properties": {"code": {"enum": codes}}}]}


def _expected(route: Route) -> list[type[ProblemKind]]:
    """What the edge itself may answer, from what the route takes."""
    found: list[type[ProblemKind]] = [MalformedRequest, InvalidContent, InternalError, Unavailable]
    if route.access is not Access.ANYONE:
        found.append(NotAuthenticated)
    if route.access is Access.OPERATOR:
        found.append(Forbidden)
    if route.parameters is not NoParameters:
        found.append(NotFound)
    if route.body is not Nothing:
        found += [BodyIsSlow, TooLarge]
        if not issubclass(route.body, Streamed):
            found.append(UnsupportedMediaType)
    return found
