"""When a status ends, in every night that the clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.command.features.statuses.expiries import Preset, end_of, end_of_day, known_zones

# A Wednesday.
NOW = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)
ZONES = sorted(name for name in known_zones() if not name.startswith(("Etc/", "SystemV/")))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("preset", "zone", "end"),
    [
        ("30_minutes", "UTC", "2026-03-04T16:00"),
        ("1_hour", "UTC", "2026-03-04T16:30"),
        ("4_hours", "UTC", "2026-03-04T19:30"),
        ("today", "UTC", "2026-03-05T00:00"),
        ("today", "Pacific/Auckland", "2026-03-05T11:00"),
        ("today", "America/Los_Angeles", "2026-03-05T08:00"),
        ("this_week", "UTC", "2026-03-09T00:00"),
        ("this_week", "Asia/Kolkata", "2026-03-08T18:30"),
    ],
)
def test_a_preset_ends_where_the_person_is(preset: Preset, zone: str, end: str) -> None:
    assert end_of(preset, NOW, zone) == utc(end)


@pytest.mark.parametrize("day", range(7))
def test_the_week_ends_in_the_night_after_sunday(day: int) -> None:
    noon = datetime(2026, 3, 2 + day, 12, 0, tzinfo=UTC)
    assert end_of("this_week", noon, "UTC") == utc("2026-03-09T00:00")


@pytest.mark.parametrize(
    ("zone", "now", "end"),
    [
        # 23 and 25 hours long
        ("Europe/Berlin", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("Europe/Berlin", "2026-10-24T22:00", "2026-10-25T23:00"),
        # clocks go forward at midnight: there is none
        ("Africa/Cairo", "2026-04-23T12:00", "2026-04-23T22:00"),
        ("America/Sao_Paulo", "2018-11-03T12:00", "2018-11-04T03:00"),
        # clocks go back at midnight to 23:00: the last hour comes twice
        ("America/Sao_Paulo", "2018-02-17T12:00", "2018-02-18T03:00"),
        # clocks go back at 1:00 to midnight: midnight comes twice, and the day is over at the first
        ("Atlantic/Azores", "2026-10-24T12:00", "2026-10-25T00:00"),
        ("America/Havana", "2026-10-31T12:00", "2026-11-01T04:00"),
        # clocks go back at 0:01 to 23:01: the day comes back, and is over at the second midnight
        ("America/St_Johns", "2010-11-06T12:00", "2010-11-07T03:30"),
        # a whole day is missing
        ("Pacific/Apia", "2011-12-30T05:00", "2011-12-30T10:00"),
    ],
)
def test_today_ends_right_in_nights_when_the_clocks_change(zone: str, now: str, end: str) -> None:
    assert end_of("today", utc(now), zone) == utc(end)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 13 * 365 * 86_400))
def test_a_day_is_over_at_its_end_and_not_before(zone: str, seconds: int) -> None:
    now, there = utc("2024-01-01T00:00") + timedelta(seconds=seconds), ZoneInfo(zone)
    today = now.astimezone(there).date()
    end = end_of_day(today, there)
    assert now < end <= now + timedelta(hours=26)
    assert local_day(end, there) > today
    assert local_day(end - timedelta(microseconds=1), there) == today
    assert local_day(end_of("this_week", now, zone), there).weekday() == 0


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
