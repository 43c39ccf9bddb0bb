"""What each person carries: hours, nights, shifts on weekends and holidays; and what earlier months left over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seats.roster.rules import Roster


@dataclass(frozen=True)
class Totals:
    """Of one person in one span: paid minutes, nights, shifts on days that are not worked, shifts."""

    minutes: int = 0
    nights: int = 0
    weekends: int = 0
    shifts: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.minutes + other.minutes,
            self.nights + other.nights,
            self.weekends + other.weekends,
            self.shifts + other.shifts,
        )


@dataclass(frozen=True)
class Balance:
    """How much more than the average of those who were there a person has carried so far; negative for less."""

    minutes: float = 0
    nights: float = 0
    weekends: float = 0


def totals(roster: Roster) -> dict[int, Totals]:
    """Return what each person of `roster` carries inside its span."""
    found = {person.id: Totals() for person in roster.people}
    for row in roster.own:
        shift = roster.rules.by_code.get(row.shift)
        if shift is None or row.person not in found:
            continue
        off = not roster.kinds[row.day].worked
        found[row.person] += Totals(shift.minutes, int(shift.night), int(off), 1)
    return found


def balance(months: Iterable[Mapping[int, Totals]]) -> dict[int, Balance]:
    """Return the balance that earlier months leave; a month counts for those who worked in it."""
    found: dict[int, Balance] = {}
    for month in months:
        there = {person: each for person, each in month.items() if each.shifts}
        for person, each in there.items():
            count, before = len(there), found.get(person, Balance())
            found[person] = Balance(
                before.minutes + each.minutes - sum(one.minutes for one in there.values()) / count,
                before.nights + each.nights - sum(one.nights for one in there.values()) / count,
                before.weekends
                + each.weekends
                - sum(one.weekends for one in there.values()) / count,
            )
    return found
