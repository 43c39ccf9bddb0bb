"""A rotation of fifteen weeks for fifteen people that keeps every rule: where a month starts without a solver.

Each person follows the same row of weeks, one week apart. On a holiday those of the day shift that are not needed
stay at home; on a make-up day they come if rest and runs allow it, otherwise the shift stays short.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product

from seats.roster.conflicts import HARD_FOR_PEOPLE, conflicts
from seats.roster.rules import Assignment, Roster

# Monday to Sunday; D day, E evening, N night. Made once by the solver: on each weekday the column has 10 D, 2 E
# and 2 N, at weekends 2 of each; no more than 3 nights in a row, 4 in a fortnight, 6 days in a row.
WEEKS = (
    "DDDDDE-",
    "-NNDD--",
    "DDDDDD-",
    "DDDDD-D",
    "D-NNDE-",
    "DDDDD-D",
    "DDDDD--",
    "NNDDD-N",
    "NDEEE-E",
    "EEEEE--",
    "DDDD-NN",
    "DDD-NN-",
    "DDDDDD-",
    "DDDDD-E",
    "EE-NN--",
)
CODES = {"D": "day", "E": "evening", "N": "night"}
EPOCH = date(2024, 1, 1)  # a Monday


def rotation(roster: Roster) -> frozenset[Assignment]:
    """Return the assignments of the span, by the order of `roster.people`; the same every time.

    Wants the shifts day, evening and night with no more seats than the table fills.
    """
    rows = set(_by_table(roster))
    off_days: Counter[int] = Counter()
    for day, shift in product(roster.days(), roster.rules.shifts):
        crew = [row.person for row in rows if (row.day, row.shift) == (day, shift.code)]
        crew.sort(key=lambda person: (off_days[person], person))
        for person in crew[roster.need(day, shift) :]:
            rows.discard(Assignment(person, day, shift.code))
        if not roster.kinds[day].worked:
            off_days.update(crew[: roster.need(day, shift)])
        for _ in range(roster.need(day, shift) - len(crew)):
            _call_one_in(roster, rows, day, shift.code)
    return frozenset(rows)


def _by_table(roster: Roster) -> Iterator[Assignment]:
    for place, person in enumerate(roster.people):
        for day in roster.days():
            week = (day - EPOCH).days // 7 + place
            mark = WEEKS[week % len(WEEKS)][day.weekday()]
            if mark in CODES and (person.id, day) not in roster.absent:
                yield Assignment(person.id, day, CODES[mark])


def _call_one_in(roster: Roster, rows: set[Assignment], day: date, shift: str) -> None:
    busy = {row.person for row in rows if row.day == day}
    for person in roster.people:
        added = Assignment(person.id, day, shift)
        if person.id not in busy and not _asks_too_much(roster, [*rows, added], person.id):
            rows.add(added)
            return


def _asks_too_much(roster: Roster, rows: Iterable[Assignment], person: int) -> bool:
    own = frozenset(row for row in rows if row.person == person)
    return any(each.code in HARD_FOR_PEOPLE for each in conflicts(roster.with_assignments(own)))
