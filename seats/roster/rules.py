"""What a roster is made of, as plain values: people, days, assignments, absences, and the limits they must keep."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from core.calendar import DayKind
from seats.roster.shifts import DEFAULT_SHIFTS, ShiftKind, demand

AbsenceKind = Literal["leave", "training"]


@dataclass(frozen=True)
class Limits:
    """How much may be asked of a person. Hours are paid hours; 0 for `nights_in_14` and the like allows none.

    `month_overtime` comes on top of 8 h for each working day of the month (36 h: Labour Law of the PRC, art. 41).
    `each_company_by_day` asks for one person of every home company in a shift that needs that many. `early_minutes`
    is how long before a shift its people may sign in.
    """

    rest_hours: int = 11
    nights_in_row: int = 3
    nights_in_14: int = 5
    days_in_row: int = 6
    week_hours: int = 48
    month_overtime: int = 36
    each_company_by_day: bool = True
    early_minutes: int = 30


@dataclass(frozen=True)
class Rules:
    """The shifts and limits that a month was made with; kept with it, so that old months stay what they were."""

    shifts: tuple[ShiftKind, ...] = DEFAULT_SHIFTS
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def by_code(self) -> dict[str, ShiftKind]:
        return {shift.code: shift for shift in self.shifts}


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    company: str
    work_number: str = ""


@dataclass(frozen=True, order=True)
class Assignment:
    """`person` works `shift` (its code) on `day`."""

    person: int
    day: date
    shift: str


@dataclass(frozen=True)
class Absence:
    """`person` is not there from `first` to `last`, both included."""

    person: int
    first: date
    last: date
    kind: AbsenceKind = "leave"

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Roster:
    """A span of days with who works when; `kinds` has every day of the span, `assignments` may reach beyond it.

    Assignments before and after the span are what the neighbouring months say: they count for rest and runs.
    """

    first: date
    last: date
    kinds: Mapping[date, DayKind]
    people: tuple[Person, ...]
    rules: Rules = Rules()
    assignments: frozenset[Assignment] = frozenset()
    absences: tuple[Absence, ...] = ()

    def days(self) -> Iterator[date]:
        """Yield the days of the span."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)

    def inside(self, day: date) -> bool:
        return self.first <= day <= self.last

    def need(self, day: date, shift: ShiftKind) -> int:
        return demand(self.kinds[day], shift)

    @property
    def month_minutes(self) -> int:
        """The most paid minutes of a person in the span."""
        workdays = sum(kind.worked for kind in self.kinds.values())
        return workdays * 8 * 60 + self.rules.limits.month_overtime * 60

    @cached_property
    def own(self) -> tuple[Assignment, ...]:
        """The assignments inside the span, in order."""
        return tuple(sorted(each for each in self.assignments if self.inside(each.day)))

    @cached_property
    def absent(self) -> Mapping[tuple[int, date], Absence]:
        """Who is absent on which day of the span, and why."""
        return {
            (absence.person, day): absence
            for absence in self.absences
            for day in self.days()
            if absence.covers(day)
        }

    def with_assignments(self, assignments: frozenset[Assignment]) -> "Roster":
        return replace(self, assignments=assignments)
