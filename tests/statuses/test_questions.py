"""What others are shown of a status."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.command.features.statuses.routes import StatusBody
from shared.events.statuses import DndSet, StatusSet
from shared.identifiers import JobId
from shared.web.times import time_text
from tests.fixtures.read_tables import ReadTables, at, person

ANNA, BEN, CAT = person("Anna"), person("Ben"), person("Cat")
NOBODY = person("nobody")
NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=1)
JUST_PAST = NOW - timedelta(milliseconds=1)


def lunch(expires_at: datetime | None, *, dnd: bool = False) -> StatusSet:
    return StatusSet("🥪", " Lunch ", dnd, expires_at, JobId("status-x-1") if expires_at else None)


def shown(**but: Any) -> dict[str, Any]:
    view = {
        "user_id": ANNA,
        "emoji": "🥪",
        "text": " Lunch ",
        "dnd_enabled": False,
        "expires_at": None,
        "set_at": time_text(at(4)),
    }
    return view | but


@pytest.fixture
async def town(read_tables: ReadTables) -> ReadTables:
    """Three people without a status."""
    await read_tables.registered("Anna", "Ben", "Cat")
    return read_tables


async def test_anyone_sees_a_status_as_it_was_written(town: ReadTables) -> None:
    await town.happened(ANNA, ANNA, lunch(LATER))
    assert await town.answer(BEN, f"/users/{ANNA}/status") == shown(expires_at=time_text(LATER))


async def test_who_shows_nothing_has_none(town: ReadTables) -> None:
    assert await town.answer(BEN, f"/users/{ANNA}/status") is None
    assert await town.answer(BEN, f"/users/{ANNA}/dnd") == {"dnd_enabled": False, "until": None}


@pytest.mark.parametrize("question", ["status", "dnd"])
async def test_nobody_is_not_found(town: ReadTables, question: str) -> None:
    status, body = await town.ask(BEN, f"/users/{NOBODY}/{question}")
    assert (status, body["code"]) == (404, "not-found")


async def test_past_its_time_a_status_is_none_before_its_clearing_is_recorded(town: ReadTables) -> None:
    await town.happened(ANNA, ANNA, lunch(JUST_PAST, dnd=True))
    assert await town.answer(BEN, f"/users/{ANNA}/status") is None
    assert await town.answer(BEN, f"/users/{ANNA}/dnd") == {"dnd_enabled": False, "until": None}
    assert (await town.answer(BEN, "/users/status", ids=ANNA))["items"] == []


async def test_do_not_disturb_lasts_as_long_as_the_status(town: ReadTables) -> None:
    await town.happened(ANNA, ANNA, lunch(LATER))
    await town.happened(ANNA, ANNA, DndSet(True))
    await town.happened(BEN, BEN, DndSet(True))
    assert await town.answer(CAT, f"/users/{ANNA}/dnd") == {"dnd_enabled": True, "until": time_text(LATER)}
    assert await town.answer(CAT, f"/users/{BEN}/dnd") == {"dnd_enabled": True, "until": None}


async def test_several_are_told_in_the_order_asked_for_without_those_who_show_nothing(town: ReadTables) -> None:
    await town.happened(ANNA, ANNA, lunch(None))
    await town.happened(BEN, BEN, lunch(LATER))
    answer = await town.answer(CAT, "/users/status", ids=f"{BEN},{CAT},{NOBODY},{ANNA},{BEN}")
    assert [each["user_id"] for each in answer["items"]] == [BEN, ANNA]
    assert (answer["has_more"], answer["next_cursor"]) == (False, None)


@pytest.mark.parametrize(("count", "status"), [(100, 200), (101, 422)])
async def test_a_hundred_may_be_asked_for_at_once(town: ReadTables, count: int, status: int) -> None:
    ids = ",".join(person(f"person {number}") for number in range(count))
    assert (await town.ask(ANNA, "/users/status", ids=ids))[0] == status


async def test_every_preset_can_be_sent_as_it_is(town: ReadTables) -> None:
    items = (await town.answer(ANNA, "/status/presets"))["items"]
    assert [each["key"] for each in items] == [
        "in_a_meeting",
        "commuting",
        "out_sick",
        "on_vacation",
        "working_remotely",
        "focusing",
    ]
    noon = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    ends = [
        StatusBody.model_validate({name: value for name, value in each.items() if name != "key"}).expires_at(noon)
        for each in items
    ]
    midnight = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    hour = timedelta(hours=1)
    assert ends == [noon + hour, noon + hour / 2, midnight, None, midnight, noon + 2 * hour]
    assert [each["dnd_enabled"] for each in items] == [False] * 5 + [True]
