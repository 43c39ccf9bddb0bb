"""What is wrong with a roster: pure rules, independent of the solver that tries to keep them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Literal

from seats.roster.rules import Assignment, Roster

Code = Literal[
    "TOO_FEW",
    "SHORT_REST",
    "OVERLAP",
    "NIGHTS_IN_ROW",
    "NIGHTS_PILE_UP",
    "DAYS_IN_ROW",
    "ABSENT",
    "WEEK_HOURS",
    "MONTH_HOURS",
    "COMPANY_MISSING",
]
HARD_FOR_PEOPLE: frozenset[Code] = frozenset(
    {
        "SHORT_REST",
        "OVERLAP",
        "NIGHTS_IN_ROW",
        "NIGHTS_PILE_UP",
        "DAYS_IN_ROW",
        "ABSENT",
        "WEEK_HOURS",
        "MONTH_HOURS",
    }
)
"""What is asked too much of a person; TOO_FEW is asked too little of the roster."""
FORTNIGHT = 14
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Conflict:
    """One thing that is wrong: where, with whom, and in words; `soft` ones may stay."""

    code: Code
    day: date
    zh: str
    en: str
    people: tuple[int, ...] = ()
    shift: str = ""
    soft: bool = False


def conflicts(roster: Roster) -> list[Conflict]:
    """Return everything that is wrong inside the span of `roster`, by day and code.

    What began before the span counts, and is reported on the first day inside on which it is too much.
    """
    found = [conflict for rule in RULES for conflict in rule(roster)]
    return sorted(found, key=lambda each: (each.day, each.code, each.people, each.shift))


def too_few(roster: Roster) -> Iterator[Conflict]:
    """A window has fewer people than seats (B05)."""
    there = _by_slot(roster)
    for day in roster.days():
        for shift in roster.rules.shifts:
            need, have = roster.need(day, shift), len(there.get((day, shift.code), ()))
            if have < need:
                yield Conflict(
                    "TOO_FEW",
                    day,
                    f"{_zh(day)}{shift.zh}需要 {need} 人，只排了 {have} 人",
                    f"{shift.en} of {day} needs {need}, has {have}",
                    shift=shift.code,
                )


def rest(roster: Roster) -> Iterator[Conflict]:
    """Two shifts of a person overlap, or lie closer together than the rest."""
    least = timedelta(hours=roster.rules.limits.rest_hours)
    for person, rows in _by_person(roster).items():
        windows = sorted((*_window(roster, row), row) for row in rows)
        for (_, ended, before), (begins, _, row) in pairwise(windows):
            where = row.day if roster.inside(row.day) else before.day
            if not roster.inside(where) or begins - ended >= least:
                continue
            name = _name(roster, person)
            if begins < ended:
                yield Conflict(
                    "OVERLAP",
                    where,
                    f"{name}在{_zh(row.day)}被重复排班",
                    f"{name} works twice at the same time on {row.day}",
                    (person,),
                    row.shift,
                )
                continue
            hours = f"{(begins - ended) / timedelta(hours=1):g}"
            yield Conflict(
                "SHORT_REST",
                where,
                f"{name}在{_zh(before.day)}与{_zh(row.day)}的班次之间只休息 {hours} 小时",
                f"{name} rests only {hours} h between {before.day} and {row.day}",
                (person,),
                row.shift,
            )


def nights(roster: Roster) -> Iterator[Conflict]:
    """Nights pile up: too many in a row, or in fourteen days."""
    limits = roster.rules.limits
    night = {shift.code for shift in roster.rules.shifts if shift.night}
    for person, rows in _by_person(roster).items():
        name, worked = _name(roster, person), {row.day for row in rows if row.shift in night}
        for day, length in _too_long(worked, limits.nights_in_row):
            if roster.inside(day):
                yield Conflict(
                    "NIGHTS_IN_ROW",
                    day,
                    f"{name}到{_zh(day)}已连续 {length} 个夜班",
                    f"{name} has {length} nights in a row on {day}",
                    (person,),
                )
        for day in sorted(filter(roster.inside, worked)):
            count = sum(day - FORTNIGHT * ONE_DAY < each <= day for each in worked)
            if count > limits.nights_in_14:
                yield Conflict(
                    "NIGHTS_PILE_UP",
                    day,
                    f"{name}到{_zh(day)}的 14 天内有 {count} 个夜班",
                    f"{name} has {count} nights in the 14 days to {day}",
                    (person,),
                )


def runs(roster: Roster) -> Iterator[Conflict]:
    """More working days in a row than the limit."""
    for person, rows in _by_person(roster).items():
        for day, length in _too_long({row.day for row in rows}, roster.rules.limits.days_in_row):
            if roster.inside(day):
                name = _name(roster, person)
                yield Conflict(
                    "DAYS_IN_ROW",
                    day,
                    f"{name}到{_zh(day)}已连续上班 {length} 天",
                    f"{name} works the {length}th day in a row on {day}",
                    (person,),
                )


def absent(roster: Roster) -> Iterator[Conflict]:
    """Somebody works who is on leave or in training."""
    for row in roster.own:
        absence = roster.absent.get((row.person, row.day))
        if absence is not None:
            name = _name(roster, row.person)
            zh = "休假" if absence.kind == "leave" else "培训"
            yield Conflict(
                "ABSENT",
                row.day,
                f"{name}在{_zh(row.day)}{zh}，却排了班",
                f"{name} is absent ({absence.kind}) on {row.day}",
                (row.person,),
                row.shift,
            )


def hours(roster: Roster) -> Iterator[Conflict]:
    """More paid hours in a week (Monday to Sunday) or in the month than the limit."""
    limits = roster.rules.limits
    for person, rows in _by_person(roster).items():
        name = _name(roster, person)
        for monday, in_week in groupby(sorted(rows, key=lambda row: row.day), key=_monday):
            week = list(in_week)
            minutes, last = _minutes(roster, week), week[-1].day
            if minutes > limits.week_hours * 60 and any(roster.inside(row.day) for row in week):
                yield Conflict(
                    "WEEK_HOURS",
                    min(max(last, roster.first), roster.last),
                    f"{name}在{_zh(monday)}起的一周排了 {minutes / 60:g} 小时，上限 {limits.week_hours} 小时",
                    f"{name} has {minutes / 60:g} h in the week of {monday}, limit {limits.week_hours} h",
                    (person,),
                )
        own = [row for row in rows if roster.inside(row.day)]
        minutes = _minutes(roster, own)
        if minutes > roster.month_minutes:
            most = f"{roster.month_minutes / 60:g}"
            yield Conflict(
                "MONTH_HOURS",
                max(row.day for row in own),
                f"{name}本月排了 {minutes / 60:g} 小时，上限 {most} 小时",
                f"{name} has {minutes / 60:g} h this month, limit {most} h",
                (person,),
            )


def companies(roster: Roster) -> Iterator[Conflict]:
    """All people of one home company are missing in a shift by day that could have one of each (B06); soft."""
    if not roster.rules.limits.each_company_by_day:
        return
    known = {person.company for person in roster.people}
    employer = {person.id: person.company for person in roster.people}
    there = _by_slot(roster)
    for day in roster.days():
        for shift in roster.rules.shifts:
            crew = there.get((day, shift.code), [])
            if roster.need(day, shift) < len(known) or not crew:
                continue
            for company in sorted(known - {employer.get(person, "") for person in crew}):
                yield Conflict(
                    "COMPANY_MISSING",
                    day,
                    f"{_zh(day)}{shift.zh}没有{company}的人员",
                    f"Nobody of {company} in {shift.en} of {day}",
                    shift=shift.code,
                    soft=True,
                )


RULES: tuple[Callable[[Roster], Iterable[Conflict]], ...] = (
    too_few,
    rest,
    nights,
    runs,
    absent,
    hours,
    companies,
)


def _by_person(roster: Roster) -> Mapping[int, list[Assignment]]:
    found: dict[int, list[Assignment]] = defaultdict(list)
    for row in sorted(roster.assignments):
        if row.shift in roster.rules.by_code:
            found[row.person].append(row)
    return found


def _by_slot(roster: Roster) -> Mapping[tuple[date, str], list[int]]:
    found: dict[tuple[date, str], list[int]] = defaultdict(list)
    for row in roster.own:
        found[row.day, row.shift].append(row.person)
    return found


def _too_long(days: set[date], most: int) -> Iterator[tuple[date, int]]:
    """Yield each day on which a run of consecutive days is longer than `most`, with the run's length so far."""
    length, before = 0, None
    for day in sorted(days):
        length = length + 1 if before == day - ONE_DAY else 1
        before = day
        if length > most:
            yield day, length


def _window(roster: Roster, row: Assignment) -> tuple[datetime, datetime]:
    return roster.rules.by_code[row.shift].window(row.day)


def _minutes(roster: Roster, rows: list[Assignment]) -> int:
    return sum(roster.rules.by_code[row.shift].minutes for row in rows)


def _monday(row: Assignment) -> date:
    return row.day - row.day.weekday() * ONE_DAY


def _name(roster: Roster, person: int) -> str:
    return next((each.name for each in roster.people if each.id == person), str(person))


def _zh(day: date) -> str:
    return f"{day.month}月{day.day}日"
