"""Reads what was sent into a model, strictly: what is ambiguous is refused, and what is wrong is said by place."""

import json
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import BaseModel, ValidationError

from shared.web.problems import FieldError, InvalidContent, MalformedRequest, TooLarge, UnsupportedMediaType

DEPTH_LIMIT = 32
OUR_OWN = "Value error, "  # what pydantic puts before the words of a check of ours
NO_NUL = "may not contain the character NUL"
M = TypeVar("M", bound=BaseModel)


async def read_body(request: web.Request, model: type[M]) -> M:
    """Reads a JSON body into the model. An absent body counts as `{}`.

    Raises MalformedRequest, TooLarge, UnsupportedMediaType or InvalidContent.
    """
    return parse_body(await read_raw(request, "application/json") or b"{}", model)


async def read_raw(request: web.Request, content_type: str) -> bytes:
    """Reads a body as it came.

    Raises TooLarge, MalformedRequest for one that ends too soon or is not encoded as its headers say, and
    UnsupportedMediaType when it says to be something else.
    """
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge from None
    except (web.RequestPayloadError, HttpProcessingError, ConnectionError):
        raise MalformedRequest("the body ends too soon, or is not encoded as Content-Encoding says") from None
    if raw and request.headers.get("Content-Type") != content_type and request.content_type != content_type:
        raise UnsupportedMediaType(f"the body must be {content_type}")
    return raw


def parse_body(raw: bytes, model: type[M]) -> M:
    """Reads JSON bytes into the model, as `read_body` does."""
    check_json(raw)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise InvalidContent(errors=field_errors(error)) from None


def check_json(raw: bytes) -> None:
    """Refuses what different readers would understand differently, or could not store.

    Raises MalformedRequest for bad UTF-8, bad JSON, duplicate keys, NaN, lone surrogates and nesting beyond the limit,
    and InvalidContent for NUL in a text.
    """
    try:
        parsed = _strict.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        detail = str(error) if isinstance(error, _RefusedJsonError) else "the body is not valid JSON in UTF-8"
        raise MalformedRequest(detail) from None
    if b"\\u" in raw or raw.count(b"[") + raw.count(b"{") > DEPTH_LIMIT:
        _check_values(parsed)


class _RefusedJsonError(ValueError):
    pass


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedJsonError("an object has the same key twice")
    return found


def _no_constant(_: str) -> None:
    raise _RefusedJsonError("NaN and Infinity are not JSON")


_strict = json.JSONDecoder(object_pairs_hook=_without_duplicates, parse_constant=_no_constant)


def _check_values(parsed: Any) -> None:
    waiting = [(parsed, "", 1)]
    while waiting:
        value, pointer, depth = waiting.pop()
        if isinstance(value, str):
            _check_text(value, pointer)
        elif isinstance(value, dict | list):
            if depth > DEPTH_LIMIT:
                raise MalformedRequest(f"the body is nested more than {DEPTH_LIMIT} deep")
            for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(key, str):
                    _check_text(key, pointer)
                waiting.append((inner, f"{pointer}/{escaped(key)}", depth + 1))


def _check_text(text: str, pointer: str) -> None:
    if "\0" in text:
        raise InvalidContent(errors=[FieldError(pointer, NO_NUL)])
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedRequest("a text has half of a surrogate pair") from None


def escaped(key: str | int) -> str:
    """A key as a part of a pointer; one that is not among the known characters is not repeated."""
    text = str(key)
    return text if text.isascii() and text.replace("_", "").isalnum() and len(text) <= 50 else "*"


def field_errors(error: ValidationError) -> list[FieldError]:
    """What a model found wrong, by JSON pointer, without what was sent."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        FieldError("".join(f"/{escaped(part)}" for part in each["loc"]), each["msg"].removeprefix(OUR_OWN))
        for each in found
    ]
