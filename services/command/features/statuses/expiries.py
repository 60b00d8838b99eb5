"""When a status ends: in a while, at a moment, or with the day or the week where the person is."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

Preset = Literal["30_minutes", "1_hour", "4_hours", "today", "this_week"]
DAYS_IN_WEEK = 7
NO_ZONES = frozenset({"Factory", "localtime"})
"""Names that stand among the zones: of none, and of the one that the server happens to be in."""


@cache
def known_zones() -> frozenset[str]:
    """The IANA time zones that there are. Only these are looked up: the name of a zone is the name of a file."""
    return frozenset(available_timezones()) - NO_ZONES


def end_of(preset: Preset, now: datetime, zone: str) -> datetime:
    """When a status that is set now ends, in UTC."""
    match preset:
        case "30_minutes":
            return now + timedelta(minutes=30)
        case "1_hour":
            return now + timedelta(hours=1)
        case "4_hours":
            return now + timedelta(hours=4)
        case "today":
            return end_of_day(now.astimezone(ZoneInfo(zone)).date(), ZoneInfo(zone))
        case "this_week":
            today = now.astimezone(ZoneInfo(zone)).date()
            return end_of_day(today + timedelta(days=DAYS_IN_WEEK - 1 - today.weekday()), ZoneInfo(zone))


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which this day is over for good.

    Midnight may be missing, where clocks go forward at it: the day ends as they do. It may come twice: the day ends at
    the first, unless clocks go back from after midnight into the same day, which then ends at the second.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    first, second = midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC)
    comes_twice = first < second
    still_that_day = (second - timedelta(microseconds=1)).astimezone(zone).date() == day
    return second if comes_twice and still_that_day else first


def to_the_millisecond(moment: datetime) -> datetime:
    """Times in answers have milliseconds, and so have the moments that people choose."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
