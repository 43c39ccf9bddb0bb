"""The figures of a period cut into rows: by hour, half hour, day or weekday, in Yingkou's time (pure)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.clock import SHANGHAI
from telephony.figures import Tally

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


class By(StrEnum):
    """Hours and half hours are those of the clock, over all days of the period; so are weekdays."""

    HOUR = "hour"
    HALF_HOUR = "half_hour"
    DAY = "day"
    WEEKDAY = "weekday"


def rows_by(
    by: By, halves: Mapping[datetime, Tally], start: datetime, end: datetime
) -> dict[str, Tally]:
    """Return key -> tally in order, also for rows without calls; they add up to the whole period.

    Keys: "09:00", "09:30", "2026-11-25", and "1" (Monday) to "7".
    """
    rows = {key: Tally() for key in _keys(by, start, end)}
    for at, counted in halves.items():
        rows[_key(by, at.astimezone(SHANGHAI))] += counted
    return rows


def by_hour(halves: Mapping[datetime, Tally]) -> dict[datetime, Tally]:
    """Return the tallies by whole hour."""
    hours: dict[datetime, Tally] = {}
    for at, counted in halves.items():
        hour = at.replace(minute=0)
        hours[hour] = hours.get(hour, Tally()) + counted
    return hours


def _keys(by: By, start: datetime, end: datetime) -> list[str]:
    match by:
        case By.HOUR:
            return [f"{hour:02d}:00" for hour in range(24)]
        case By.HALF_HOUR:
            return [f"{hour:02d}:{minute}" for hour in range(24) for minute in ("00", "30")]
        case By.WEEKDAY:
            return [str(number) for number in range(1, 8)]
        case By.DAY:
            return [each.isoformat() for each in _days(start, end)]


def _key(by: By, at: datetime) -> str:
    match by:
        case By.HOUR:
            return f"{at.hour:02d}:00"
        case By.HALF_HOUR:
            return f"{at.hour:02d}:{at.minute:02d}"
        case By.WEEKDAY:
            return str(at.isoweekday())
        case By.DAY:
            return at.date().isoformat()


def _days(start: datetime, end: datetime) -> list[date]:
    first = start.astimezone(SHANGHAI).date()
    last = (end - timedelta(microseconds=1)).astimezone(SHANGHAI).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
