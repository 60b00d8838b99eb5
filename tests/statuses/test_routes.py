"""Statuses over HTTP: what may be sent, and what is answered."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.command.features.statuses.routes import DndBody, StatusBody
from tests.conversations.talking import pointers_of, read, told
from tests.fixtures.command_service import CommandService

NOW = datetime(2026, 3, 4, 15, 30, 0, 123_456, tzinfo=UTC)
YEAR = 31_536_000


def body_of(**fields: Any) -> StatusBody:
    body = read(StatusBody, fields)
    assert isinstance(body, StatusBody)
    return body


# What may be sent


@pytest.mark.parametrize(
    "emoji",
    ["👍", "👍🏽", "❤️", "❤", "1️⃣", "👨‍👩‍👧‍👦", "🇬🇧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👍️", "🫠"],
)
def test_one_emoji_is_one_grapheme(emoji: str) -> None:
    assert body_of(emoji=emoji).emoji == emoji


@pytest.mark.parametrize(
    "emoji", ["", " ", "a", "1", "👍👍", "👍 ", "👍\u200d", "🇬", "🇦🇧", "\u200d", ":+1:", "é", "👍" * 50, 1]
)
def test_anything_else_is_no_emoji(emoji: object) -> None:
    assert pointers_of(StatusBody, {"emoji": emoji}) == ["/emoji"]


@pytest.mark.parametrize("text", ["x", "x" * 100, "🙂" * 100, f"  {'x' * 100}\n", " \u202eabc\u200d "])
def test_a_text_at_its_limit_is_read_as_it_came(text: str) -> None:
    assert body_of(text=text).text == text


@pytest.mark.parametrize("text", ["x" * 101, f" {'x' * 101}", " " * 1_001, 1])
def test_a_text_past_its_limit_is_refused(text: object) -> None:
    assert pointers_of(StatusBody, {"text": text}) == ["/text"]


@pytest.mark.parametrize("text", ["", " ", "\u2003\n\t"])
def test_a_text_of_white_space_alone_is_none(text: str) -> None:
    assert body_of(text=text).text is None


@pytest.mark.parametrize(
    ("expires", "end"),
    [
        (None, None),
        ({"in_seconds": 1}, "2026-03-04T15:30:01.123"),
        ({"in_seconds": YEAR}, "2027-03-04T15:30:00.123"),
        ({"at": "2026-03-05T01:02:03.456789+02:00"}, "2026-03-04T23:02:03.456"),
        ({"preset": "1_hour"}, "2026-03-04T16:30:00.123"),
        ({"preset": "today"}, "2026-03-04T22:00:00"),
        ({"preset": "this_week"}, "2026-03-08T22:00:00"),
    ],
)
def test_an_expiry_is_reckoned_to_the_millisecond_where_the_person_is(expires: Any, end: str | None) -> None:
    wanted = end and datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert body_of(text="x", expires=expires, time_zone="Europe/Athens").expires_at(NOW) == wanted


@pytest.mark.parametrize(
    ("expires", "pointer"),
    [
        ({}, "/expires"),
        ({"in_seconds": 1, "preset": "today"}, "/expires"),
        ({"in_seconds": 1, "at": None}, "/expires"),
        ({"preset": None}, "/expires"),
        ({"in_seconds": 0}, "/expires/in_seconds"),
        ({"in_seconds": YEAR + 1}, "/expires/in_seconds"),
        ({"in_seconds": 1.5}, "/expires/in_seconds"),
        ({"in_seconds": "1"}, "/expires/in_seconds"),
        ({"preset": "2_hours"}, "/expires/preset"),
        ({"at": "tomorrow"}, "/expires/at"),
        ({"at": "2026-03-05T01:02:03"}, "/expires/at"),
        ({"at": 1_800_000_000}, "/expires/at"),
        ({"at": "1800000000"}, "/expires/at"),
        ({"at": "2026-03-05 01:02:03Z"}, "/expires/at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "/expires/at"),
        ({"in_minutes": 1}, "/expires/in_minutes"),
        ("today", "/expires"),
    ],
)
def test_what_no_expiry_can_be_is_refused_by_its_place(expires: object, pointer: str) -> None:
    assert pointers_of(StatusBody, {"text": "x", "expires": expires}) == [pointer]


@pytest.mark.parametrize(
    "zone",
    ["", "Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "europe", "x" * 51, "localtime", "Factory", None],
)
def test_a_time_zone_that_there_is_not_is_refused(zone: object) -> None:
    assert pointers_of(StatusBody, {"text": "x", "time_zone": zone}) == ["/time_zone"]


@pytest.mark.parametrize("body", [{}, {"enabled": None}, {"enabled": 1}, {"enabled": "true"}])
def test_do_not_disturb_is_on_or_off(body: dict[str, object]) -> None:
    assert pointers_of(DndBody, body) == ["/enabled"]


# What is answered


async def test_a_status_is_set_once_and_told_again(command_service: CommandService) -> None:
    anna = await command_service.register()
    wanted = {"emoji": "🥪", "text": " Lunch ", "expires": {"in_seconds": 3600}, "dnd_enabled": False}
    first = await anna.ask("PUT", "/v1/me/status", wanted, key="lunch")
    again = await anna.ask("PUT", "/v1/me/status", wanted, key="lunch")
    other = await anna.ask("PUT", "/v1/me/status", wanted | {"text": "Lunch"}, key="lunch")
    assert first.status == 200
    assert set(first.body) == {"command_id", "position", "job_id", "expires_at"}
    assert first.body["job_id"].startswith(f"status-{anna.user_id}-")
    assert (again.status, again.body) == (200, first.body)
    assert told(other) == (422, "key-used-for-other-content")


async def test_the_same_status_again_is_not_recorded_again(command_service: CommandService) -> None:
    anna = await command_service.register()
    end = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    wanted = {"text": "Lunch", "expires": {"at": end}}
    first = await anna.ask("PUT", "/v1/me/status", wanted)
    again = await anna.ask("PUT", "/v1/me/status", wanted)
    assert {**again.body, "command_id": ""} == {**first.body, "command_id": ""}


async def test_a_status_of_nothing_or_of_the_past_is_refused(command_service: CommandService) -> None:
    anna = await command_service.register()
    nothing = await anna.ask("PUT", "/v1/me/status", {"text": "  ", "dnd_enabled": False, "expires": None})
    assert told(nothing) == (422, "status-is-empty")
    past = await anna.ask("PUT", "/v1/me/status", {"text": "x", "expires": {"at": "2020-01-01T00:00:00Z"}})
    assert told(past) == (422, "expiry-is-past")
    assert [each["pointer"] for each in past.body["errors"]] == ["/expires/at"]


async def test_do_not_disturb_and_clearing_are_answered(command_service: CommandService) -> None:
    anna = await command_service.register()
    on = await anna.ask("PUT", "/v1/me/dnd", {"enabled": True})
    cleared = await anna.ask("DELETE", "/v1/me/status")
    again = await anna.ask("DELETE", "/v1/me/status")
    assert (on.status, on.body["dnd_enabled"]) == (200, True)
    assert (cleared.status, set(cleared.body)) == (200, {"command_id", "position"})
    assert (again.status, again.body["position"]) == (200, cleared.body["position"])


async def test_a_stranger_sets_nothing(command_service: CommandService) -> None:
    for method, path in (("PUT", "/v1/me/status"), ("DELETE", "/v1/me/status"), ("PUT", "/v1/me/dnd")):
        assert told(await command_service.ask(method, path)) == (401, "not-authenticated")
