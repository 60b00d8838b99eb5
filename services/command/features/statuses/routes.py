"""Setting and clearing one's status over HTTP."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Self

import emoji
import regex  # type: ignore[import-untyped]  # it ships no types
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from services.command.asking import Asked, CommandAccepted
from services.command.dispatching import Accepted
from services.command.feature import Feature
from services.command.features.statuses.decider import (
    STATUSES,
    ClearStatus,
    ExpiryIsPast,
    SetDnd,
    SetStatus,
    StatusIsEmpty,
)
from services.command.features.statuses.expiries import Preset, end_of, known_zones, to_the_millisecond
from shared.web.fields import Moment, Sent, Whole
from shared.web.routes import Route
from shared.web.times import Time

TEXT_LIMIT = 100
TEXT_WITH_SPACES_LIMIT = 1_000
EMOJI_LIMIT = 32
EMOJI_STYLE = "\ufe0f"
LONGEST_SECONDS = 31_536_000


def _one_emoji(text: str) -> str:
    plain = text.replace(EMOJI_STYLE, "")  # some keyboards add it where it says nothing
    if not (regex.fullmatch(r"\X", text) and (emoji.is_emoji(text) or emoji.is_emoji(plain))):
        raise ValueError("must be one emoji")
    return text


def _short_or_none(text: str) -> str | None:
    trimmed = text.strip()
    if len(trimmed) > TEXT_LIMIT:
        raise ValueError(f"must have at most {TEXT_LIMIT} characters, white space around it not counted")
    return text if trimmed else None


def _known_zone(name: str) -> str:
    if name not in known_zones():
        raise ValueError("must be the name of an IANA time zone, such as Europe/Athens")
    return name


Emoji = Annotated[
    str,
    StringConstraints(min_length=1, max_length=EMOJI_LIMIT),
    AfterValidator(_one_emoji),
    Field(description="One emoji: a single grapheme"),
]
StatusText = Annotated[
    str,
    StringConstraints(max_length=TEXT_WITH_SPACES_LIMIT),
    AfterValidator(_short_or_none),
    Field(description=f"At most {TEXT_LIMIT} characters, white space around it not counted; white space alone is none"),
]
TimeZone = Annotated[
    str, StringConstraints(max_length=50), AfterValidator(_known_zone), Field(description="An IANA time zone")
]


def _one_that_is_not_null(schema: dict[str, Any]) -> None:
    """Says in the schema what `Expires` checks: one of the three is there, and it is something."""
    schema |= {"minProperties": 1, "maxProperties": 1}
    for name, field in schema["properties"].items():
        schema["properties"][name] = next(each for each in field["anyOf"] if each != {"type": "null"})


class Expires(Sent):
    """When the status ends: exactly one of the three."""

    model_config = ConfigDict(json_schema_extra=_one_that_is_not_null)
    preset: Preset | None = None
    in_seconds: Annotated[int, Field(ge=1, le=LONGEST_SECONDS), Whole] | None = None
    at: Annotated[Moment, AfterValidator(to_the_millisecond)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [each for each in (self.preset, self.in_seconds, self.at) if each is not None]
        if len(given) != 1 or len(self.model_fields_set) != 1:
            raise ValueError("must be exactly one of preset, in_seconds and at")
        return self


class StatusBody(Sent):
    """A whole status."""

    emoji: Emoji | None = None
    text: StatusText | None = None
    expires: Expires | None = None
    dnd_enabled: bool = False
    time_zone: TimeZone = "UTC"

    def expires_at(self, now: datetime) -> datetime | None:
        """When a status that is asked for now ends; None: not by itself."""
        chosen = self.expires
        if chosen is None:
            return None
        if chosen.at is not None:
            return chosen.at
        if chosen.preset is not None:
            return to_the_millisecond(end_of(chosen.preset, now, self.time_zone))
        return to_the_millisecond(now + timedelta(seconds=chosen.in_seconds or 0))


class DndBody(Sent):
    """Do-not-disturb, on or off."""

    enabled: bool


class StatusAccepted(CommandAccepted, frozen=True, kw_only=True):
    """The status is set. `job_id` is there when it expires."""

    job_id: str | None
    expires_at: Time | None


class DndAccepted(CommandAccepted, frozen=True, kw_only=True):
    """Do-not-disturb is as it was asked."""

    dnd_enabled: bool


async def set_my_status(asked: Asked[StatusBody]) -> Accepted:
    """Replaces the whole status."""
    now, body = asked.incoming.now, asked.body
    return await asked.dispatch(SetStatus(asked.by, body.emoji, body.text, body.dnd_enabled, body.expires_at(now), now))


async def set_my_dnd(asked: Asked[DndBody]) -> Accepted:
    """Switches do-not-disturb alone."""
    return await asked.dispatch(SetDnd(asked.by, asked.body.enabled))


async def clear_my_status(asked: Asked) -> Accepted:
    """Ends the status."""
    return await asked.dispatch(ClearStatus(asked.by))


ROUTES = (
    Route(
        "PUT",
        "/v1/me/status",
        "Set my status",
        set_my_status,
        StatusAccepted,
        body=StatusBody,
        refusals=(StatusIsEmpty, ExpiryIsPast),
        description="Replaces the whole status. The presets `today` and `this_week` end at midnight in `time_zone`.",
    ),
    Route("DELETE", "/v1/me/status", "Clear my status", clear_my_status, CommandAccepted),
    Route(
        "PUT",
        "/v1/me/dnd",
        "Switch do-not-disturb",
        set_my_dnd,
        DndAccepted,
        body=DndBody,
        description="Changes nothing else; it ends when the status does.",
    ),
)

FEATURE = Feature("statuses", deciders=(STATUSES,), routes=ROUTES)
