"""The working days of China: which day is what, and when a promise of N working days expires.

Make-up days count (D-01), the day of receipt does not (D-02), the last day counts until 24:00 (D-03), and the day
is that of Shanghai (D-34). A year whose notice is not published yet is worked out provisionally, never refused (D-33).
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from core.calendar_file import read_paper
from core.calendar_paper import CalendarDay, DayKind, YearPaper
from core.clock import SHANGHAI

__all__ = [
    "CalendarDay", "DayKind", "Due", "SkippedDay", "WorkCalendar", "YearPaper",
    "compose", "midnight_after", "shipped_calendar", "shipped_papers",
]  # fmt: skip

SHIPPED = Path(__file__).with_name("calendar_years")
NEW_YEAR = "元旦"
ALARM_MONTH = 10
"""The notices of the last years came between 25 October and 12 November (5.3)."""


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

    def document(self, day: date) -> str:
        """Return the number of the local order that rules `day`, or ''."""
        return self._entry(day).document

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

    def missing_next_year(self, now: datetime) -> int | None:
        """Return next year if its notice is not known, from 1 October (Shanghai) on; else None (5.3, X18)."""
        today = now.astimezone(SHANGHAI)
        if today.month < ALARM_MONTH or today.year + 1 in self.confirmed:
            return None
        return today.year + 1

    @cached_property
    def version(self) -> str:
        """Return 16 hexadecimal digits, equal for calendars that are equal: what a deadline was reckoned with."""
        days = sorted((day.isoformat(), *entry) for day, entry in self.days.items())
        return sha256(json.dumps([days, sorted(self.confirmed)]).encode()).hexdigest()[:16]

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


def compose(
    papers: Collection[YearPaper], orders: Iterable[Mapping[date, CalendarDay]] = ()
) -> WorkCalendar:
    """Return the calendar of `papers`, one a year, with local orders laid over it: the later order wins."""
    days: dict[date, CalendarDay] = {}
    # In the order of years: a notice may also change the December before its year (2018-12-29 by that for 2019).
    for paper in sorted(papers, key=lambda each: each.year):
        days |= paper.days
    for order in orders:
        days |= order
    return WorkCalendar(days, frozenset(paper.year for paper in papers))


@cache
def shipped_papers() -> tuple[YearPaper, ...]:
    """Return the notices that come with the program; see calendar_years/."""
    return tuple(
        read_paper(path.name, path.read_bytes()) for path in sorted(SHIPPED.glob("*.yaml"))
    )


@cache
def shipped_calendar() -> WorkCalendar:
    """Return the calendar of the years that come with the program."""
    return compose(shipped_papers())
