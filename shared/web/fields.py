"""The forms that fields share, on both edges: identifiers, addresses, limits of lists."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
UUID_PATTERN = f"^{UUID}$"
IDS_LIMIT = 100
PAGE_DEFAULT = 50
PAGE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Explained:
    """Behind a form: what whoever sends another one is told, in place of its pattern. It says what is allowed."""

    sentence: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.custom_error_schema(
            handler(source), custom_error_type="form", custom_error_message=self.sentence
        )


Id = Annotated[
    str,
    StringConstraints(pattern=UUID_PATTERN),
    Explained("must be a uuid, as 8d0f5a58-5a4e-4d0a-9c55-0a4b6a3f8f01"),
    AfterValidator(str.lower),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
"""A uuid, as its canonical lower-case text."""


MOMENT_PATTERN = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _in_full(given: Any) -> Any:
    if not (isinstance(given, str) and MOMENT_PATTERN.fullmatch(given)):
        raise ValueError("must be a date and time with its zone, as 2026-03-02T12:00:00Z")
    return given


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be within the years 1 to 9999 in UTC") from None


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_in_full), AfterValidator(_in_utc)]
"""A moment as RFC 3339 writes it, with its zone, and never a bare number of seconds; it is read into UTC."""


SAYS_SOMETHING = r"[^\s\u001C-\u001F\u0085]"
"""A character that is no white space to us: these few are none to the patterns of schemas."""


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must have more than white space")
    return text


class _NotBlank(AfterValidator):
    """As a schema says it, too."""

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(core_schema), "pattern": SAYS_SOMETHING}


NotBlank = _NotBlank(_not_blank)
"""For a text that must say something: white space alone is empty."""

SPACE = r"\s\u001C-\u001F\u0085\uFEFF"
"""White space to any language's patterns: what they disagree about is in it too."""
HttpsUrl = Annotated[
    str,
    StringConstraints(max_length=500, pattern=rf"^https://[^{SPACE}/?#]+[^{SPACE}]*$"),
    Explained("must be an https address of at most 500 characters without white space, as https://example.org/ada.png"),
]
"""An https address of at most 500 characters."""


def _whole(number: Any) -> Any:
    return int(number) if isinstance(number, float) and number.is_integer() else number


Whole = BeforeValidator(_whole)
"""For a whole number, behind its limits: to JSON, 3.0 is one, and the same as 3."""


def _split(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


Ids = Annotated[
    list[Id],
    BeforeValidator(_split),
    Field(min_length=1, max_length=IDS_LIMIT),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": rf"^{UUID}(,{UUID}){{0,{IDS_LIMIT - 1}}}$",
            "description": f"1 to {IDS_LIMIT} uuids, separated by commas",
        }
    ),
]
"""Several ids in one query parameter, separated by commas."""


class Sent(BaseModel):
    """What was sent: nothing that is not known, nothing of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Parameters(BaseModel):
    """Parameters of a path or a query: texts, read into their types."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Sent):
    """For routes that take no body."""


class Ndjson(Sent):
    """For routes that take lines of JSON and read each by themselves: the bytes as they came.

    `lines`: the forms that a line may have.
    """

    lines: ClassVar[tuple[type[BaseModel], ...]] = ()
    raw: bytes


class NoParameters(Parameters):
    """For routes without parameters of their own."""


class Page(Parameters):
    """The parameters of every list."""

    limit: int = Field(PAGE_DEFAULT, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(None, max_length=500)
