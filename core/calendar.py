"""The working days of China: which day is what, and when a promise of N working days expires.

Make-up days count (D-01), the day of receipt does not (D-02), the last day counts until 24:00 (D-03), and the day
is that of Shanghai (D-34). A year whose notice is not published yet is worked out provisionally, never refused (D-33).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from core.clock import SHANGHAI

SHIPPED = Path(__file__).with_name("calendar_years")
NEW_YEAR = "元旦"


class DayKind(StrEnum):
    WORK = "work"
    REST = "rest"  # a weekend
    HOLIDAY = "holiday"  # off by notice, by law or by local order
    MAKEUP = "makeup"  # 调休: a day of the weekend that is worked

    @property
    def worked(self) -> bool:
        return self in (DayKind.WORK, DayKind.MAKEUP)


class CalendarDay(NamedTuple):
    """A day that is not simply a weekday or a weekend; `document` is the number of a local order, or ''."""

    kind: DayKind
    name: str
    document: str = ""


class SkippedDay(NamedTuple):
    day: date
    kind: DayKind
    name: str


@dataclass(frozen=True)
class Due:
    """When a promise expires: strictly before `at` (aware UTC) is in time; said to people as `last_day` 24:00.

    `counted` are the working days, `skipped` the days between them; `provisional` if any of them lies in a year
    without a published notice.
    """

    at: datetime
    last_day: date
    provisional: bool
    counted: tuple[date, ...]
    skipped: tuple[SkippedDay, ...]


@dataclass(frozen=True)
class WorkCalendar:
    """What every day is: `days` by notice or local order, others by their weekday; `confirmed` years have a notice."""

    days: Mapping[date, CalendarDay]
    confirmed: frozenset[int]

    def kind(self, day: date) -> DayKind:
        """Return what `day` is; in a year without a notice Monday to Friday are worked, except 1 January."""
        return self._entry(day).kind

    def is_workday(self, day: date) -> bool:
        return self.kind(day).worked

    def name(self, day: date) -> str:
        """Return the holiday (国庆节), also for its make-up days, or the reason of a local order; '' for none."""
        return self._entry(day).name

    def provisional(self, day: date) -> bool:
        """True if the notice for the year of `day` is not known."""
        return day.year not in self.confirmed

    def due(self, received: datetime, working_days: int) -> Due:
        """Return when `working_days` after `received` (aware) expire; ValueError if naive or negative.

        Day 0 is the Shanghai date of `received`, whatever that day is.
        """
        if received.tzinfo is None or working_days < 0:
            raise ValueError("an aware datetime and a number of days are needed")
        day = received.astimezone(SHANGHAI).date()
        counted: list[date] = []
        skipped: list[SkippedDay] = []
        while len(counted) < working_days:
            day += timedelta(days=1)
            if self.is_workday(day):
                counted.append(day)
            else:
                skipped.append(SkippedDay(day, self.kind(day), self.name(day)))
        walked = (*counted, *(skip.day for skip in skipped))
        return Due(
            at=midnight_after(day),
            last_day=day,
            provisional=any(self.provisional(each) for each in walked),
            counted=tuple(counted),
            skipped=tuple(skipped),
        )

    def with_year(self, year: int, days: Mapping[date, CalendarDay]) -> "WorkCalendar":
        """Return this calendar with the notice for `year` in the place of what was known of it."""
        kept = {day: entry for day, entry in self.days.items() if day.year != year}
        return replace(self, days={**kept, **days}, confirmed=self.confirmed | {year})

    def with_days(self, days: Mapping[date, CalendarDay]) -> "WorkCalendar":
        """Return this calendar with single days laid over it: the local layer."""
        return replace(self, days={**self.days, **days})

    def _entry(self, day: date) -> CalendarDay:
        found = self.days.get(day)
        if found is not None:
            return found
        if self.provisional(day) and (day.month, day.day) == (1, 1):
            return CalendarDay(DayKind.HOLIDAY, NEW_YEAR)
        return CalendarDay(DayKind.REST if day.isoweekday() > 5 else DayKind.WORK, "")


def midnight_after(day: date) -> datetime:
    """Return 24:00 of `day` in Shanghai, as aware UTC: the exclusive end of the day."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


@cache
def shipped_calendar() -> WorkCalendar:
    """Return the years that come with the program, each from its notice; see calendar_years/."""
    calendar = WorkCalendar({}, frozenset())
    for path in sorted(SHIPPED.glob("*.yaml")):
        text = yaml.safe_load(path.read_text(encoding="utf-8"))
        calendar = calendar.with_year(text["year"], _days(text["days"]))
    return calendar


def _days(rows: Iterable[Mapping[str, object]]) -> dict[date, CalendarDay]:
    return {
        date.fromisoformat(str(row["date"])): CalendarDay(
            DayKind(str(row["kind"])), str(row["name"])
        )
        for row in rows
    }
