"""What people show of themselves. Past its time a status is none, whether or not its clearing is recorded."""

from typing import Any

import asyncpg
import msgspec

from services.projector.paging import Listed
from services.projector.questioning import Asked
from services.projector.questions.people import OfUser
from shared.identifiers import UserId
from shared.web.fields import Ids, NoParameters, Nothing, Parameters
from shared.web.problems import NotFound
from shared.web.routes import Route
from shared.web.times import Time, time_text


class StatusView(msgspec.Struct, frozen=True):
    """What somebody shows. `expires_at` is null where it lasts until they clear it."""

    user_id: UserId
    emoji: str | None
    text: str | None
    dnd_enabled: bool
    expires_at: Time | None
    set_at: Time


class DndView(msgspec.Struct, frozen=True):
    """Whether somebody wants to be left alone, and until when: null is until they say otherwise."""

    dnd_enabled: bool
    until: Time | None


class ExpiresView(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a status ends: one of the two, to be sent as it is."""

    preset: str | None = None
    in_seconds: int | None = None


class PresetView(msgspec.Struct, frozen=True):
    """A status to choose: all but its key can be sent as it is."""

    key: str
    emoji: str
    text: str
    expires: ExpiresView | None
    dnd_enabled: bool


class PresetsView(msgspec.Struct, frozen=True):
    """All that there are."""

    items: list[PresetView]


class StatusesAsked(Parameters):
    """Whose."""

    ids: Ids


PRESETS = PresetsView(
    [
        PresetView("in_a_meeting", "📅", "In a meeting", ExpiresView(preset="1_hour"), dnd_enabled=False),
        PresetView("commuting", "🚌", "Commuting", ExpiresView(preset="30_minutes"), dnd_enabled=False),
        PresetView("out_sick", "🤒", "Out sick", ExpiresView(preset="today"), dnd_enabled=False),
        PresetView("on_vacation", "🌴", "On vacation", None, dnd_enabled=False),
        PresetView("working_remotely", "🏠", "Working remotely", ExpiresView(preset="today"), dnd_enabled=False),
        PresetView("focusing", "🎯", "Focusing", ExpiresView(in_seconds=7_200), dnd_enabled=True),
    ]
)


def status_view(row: asyncpg.Record) -> StatusView:
    """What a row of `user_statuses` shows."""
    return StatusView(
        user_id=row["user_id"],
        emoji=row["emoji"],
        text=row["text"],
        dnd_enabled=row["dnd_enabled"],
        expires_at=time_text(row["expires_at"]),
        set_at=time_text(row["set_at"]),
    )


async def status_presets(_: Asked) -> PresetsView:
    return PRESETS


async def status_of(asked: Asked[Nothing, OfUser]) -> StatusView | None:
    row = await _shown_by(asked)
    return None if row["set_at"] is None else status_view(row)


async def dnd_of(asked: Asked[Nothing, OfUser]) -> DndView:
    row = await _shown_by(asked)
    if not row["dnd_enabled"]:
        return DndView(dnd_enabled=False, until=None)
    return DndView(dnd_enabled=True, until=time_text(row["expires_at"]))


async def _shown_by(asked: Asked[Any, OfUser, Any]) -> asyncpg.Record:
    """The person and what they show: all null but their id where that is nothing. Raises NotFound for nobody."""
    row = await asked.row(
        """
        SELECT users.user_id, emoji, text, dnd_enabled, expires_at, set_at
        FROM users LEFT JOIN user_statuses
            ON user_statuses.user_id = users.user_id AND (expires_at IS NULL OR expires_at > $2)
        WHERE users.user_id = $1
        """,
        asked.path.user_id,
        asked.incoming.now,
    )
    if row is None:
        raise NotFound
    return row


async def statuses(asked: Asked[Nothing, NoParameters, StatusesAsked]) -> Listed[StatusView]:
    rows = await asked.rows(
        """
        SELECT user_statuses.*
        FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (user_id, place) JOIN user_statuses USING (user_id)
        WHERE expires_at IS NULL OR expires_at > $2
        ORDER BY place
        """,
        list(dict.fromkeys(asked.query.ids)),
        asked.incoming.now,
    )
    return Listed([status_view(row) for row in rows], has_more=False, next_cursor=None)


ROUTES = (
    Route(
        "GET",
        "/v1/status/presets",
        "Statuses to choose from",
        handle=status_presets,
        answer=PresetsView,
        description="`today` and `this_week` end at midnight in the time zone that is sent with the status.",
    ),
    Route(
        "GET",
        "/v1/users/{user_id}/status",
        "What somebody shows",
        handle=status_of,
        answer=StatusView | None,
        parameters=OfUser,
        refusals=(NotFound,),
        description="null when they show nothing.",
    ),
    Route(
        "GET",
        "/v1/users/status",
        "What these people show",
        handle=statuses,
        answer=Listed[StatusView],
        query=StatusesAsked,
        description="In the order asked for, without those who show nothing. All on one page.",
    ),
    Route(
        "GET",
        "/v1/users/{user_id}/dnd",
        "Whether somebody wants to be left alone",
        handle=dnd_of,
        answer=DndView,
        parameters=OfUser,
        refusals=(NotFound,),
        description="For whoever sends notifications.",
    ),
)
