"""A generated month, judged by rules that know nothing of the solver (B05, B06)."""

import sys
from datetime import date, timedelta

import pytest
from roster_world import DECEMBER, NOVEMBER, crew, roster

from seats.roster.conflicts import conflicts
from seats.roster.errors import SolverMissing
from seats.roster.explain import shortages
from seats.roster.generating import run
from seats.roster.months import Month
from seats.roster.problem import Problem, Wish
from seats.roster.rotation import rotation
from seats.roster.rules import Absence, Assignment, Roster
from seats.roster.solver import solve
from seats.roster.totals import Balance, totals


def hard(made: Roster) -> list[str]:
    return [each.zh for each in conflicts(made) if not each.soft]


@pytest.mark.timeout(240)
async def test_a_month_of_31_days_is_solved_fairly_in_a_process_of_its_own() -> None:
    answer = await run(Problem(roster(DECEMBER), effort=14, wall_seconds=200))
    made = roster(DECEMBER).with_assignments(answer.assignments)
    assert answer.short == 0
    assert conflicts(made) == []
    carried = totals(made).values()
    nights = [each.nights for each in carried]
    weekends = [each.weekends for each in carried]
    hours = [each.minutes / 60 for each in carried]
    assert max(nights) - min(nights) <= 2
    assert max(weekends) - min(weekends) <= 2
    assert max(hours) - min(hours) <= 16


async def test_a_problem_has_the_same_answer_in_every_process_and_another_with_another_seed() -> (
    None
):
    """Sets are ordered anew in each process; the model must not be."""
    one, two, other = [await run(Problem(_week(), seed=seed, effort=0.6)) for seed in (7, 7, 8)]
    assert one.assignments == two.assignments
    assert other.assignments != one.assignments


def test_fixed_cells_leave_wishes_and_days_off_are_respected() -> None:
    away = Absence(3, date(2026, 11, 24), date(2026, 11, 26))
    fixed = Assignment(5, date(2026, 11, 25), "evening")
    wishes = (
        Wish(6, date(2026, 11, 23), "", avoid=True),
        Wish(7, date(2026, 11, 27), "evening", avoid=False),
    )
    answer = solve(
        Problem(
            _week(away),
            fixed=frozenset({fixed}),
            days_off=frozenset({(8, date(2026, 11, 25))}),
            wishes=wishes,
            effort=4,
        )
    )
    assert fixed in answer.assignments
    worked = {(row.person, row.day): row.shift for row in answer.assignments}
    assert not [day for day in range(24, 27) if (3, date(2026, 11, day)) in worked]
    assert (8, date(2026, 11, 25)) not in worked
    assert (6, date(2026, 11, 23)) not in worked
    assert worked.get((7, date(2026, 11, 27))) == "evening"
    assert hard(_week(away).with_assignments(answer.assignments)) == [
        each.zh.split("：")[0]
        for each in shortages(_week(away).with_assignments(answer.assignments))
    ]


def test_what_cannot_be_met_is_named_with_the_reasons_and_the_rest_is_filled() -> None:
    """Seven of fifteen are ill: eight people cannot fill ten seats by day."""
    ill = [Absence(person, date(2026, 11, 23), date(2026, 11, 29)) for person in range(1, 8)]
    answer = solve(Problem(_week(*ill), effort=1.5))
    made = _week(*ill).with_assignments(answer.assignments)
    assert answer.short > 0
    assert {each.code for each in conflicts(made)} <= {"TOO_FEW", "COMPANY_MISSING"}
    found = shortages(made)
    missing = sum(
        made.need(each.day, made.rules.by_code[each.shift])
        - sum((row.day, row.shift) == (each.day, each.shift) for row in made.own)
        for each in found
    )
    assert missing == answer.short
    assert all("7 人休假或培训" in each.zh for each in found)
    assert not [each.zh for each in found if "还可以安排" in each.zh]


def test_a_fixed_cell_that_breaks_a_rule_stays_and_nothing_is_made_worse() -> None:
    nights = frozenset(
        Assignment(1, date(2026, 11, 23) + timedelta(days=n), "night") for n in range(5)
    )
    answer = solve(Problem(_week(), fixed=nights, effort=0.5))
    assert nights <= answer.assignments
    found = [
        each
        for each in conflicts(_week().with_assignments(answer.assignments))
        if each.code not in ("TOO_FEW", "COMPANY_MISSING")
    ]
    assert {(each.code, each.people) for each in found} == {("NIGHTS_IN_ROW", (1,))}


def test_who_had_more_nights_before_gets_fewer_now() -> None:
    answer = solve(
        Problem(_week(), balance={1: Balance(nights=4), 2: Balance(nights=-4)}, effort=3)
    )
    nights = {
        person: sum(row.shift == "night" for row in answer.assignments if row.person == person)
        for person in (1, 2)
    }
    assert nights[1] == 0
    assert nights[2] >= 2


def test_the_month_before_is_kept_apart_by_rest() -> None:
    rows = [(person, "11-22", "evening") for person in range(1, 6)]
    week = _week(rows=rows)
    answer = solve(Problem(week, effort=0.5))
    begun = {row.person: row.shift for row in answer.assignments if row.day == date(2026, 11, 23)}
    assert {begun.get(person, "evening") for person in range(1, 6)} == {"evening"}


async def test_without_ortools_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    monkeypatch.delitem(sys.modules, "seats.roster.cp_sat", raising=False)
    with pytest.raises(SolverMissing) as refused:
        solve(Problem(_week()))
    assert "yingkou-12345[roster]" in refused.value.rendering()["zh"]


@pytest.mark.parametrize("month", range(1, 13))
def test_the_rotation_breaks_no_rule_in_a_year_without_make_up_days(month: int) -> None:
    made = _year(2027, month)
    assert conflicts(made.with_assignments(rotation(made))) == []


@pytest.mark.parametrize("month", [2, 5, 9, 10])
def test_on_make_up_days_the_rotation_is_short_and_asks_nobody_to_break_rest(month: int) -> None:
    made = _year(2026, month)
    found = conflicts(made.with_assignments(rotation(made)))
    assert {each.code for each in found} <= {"TOO_FEW", "COMPANY_MISSING", "MONTH_HOURS"}
    assert {made.kinds[each.day].value for each in found if each.code == "TOO_FEW"} == {"makeup"}


def _year(year: int, month: int) -> Roster:
    return roster(Month(date(year, month, 1)))


def _week(*absences: Absence, rows: list[tuple[int, str, str]] | None = None) -> Roster:
    """Return the week of 23 November as a span of its own."""
    whole = roster(NOVEMBER, *(rows or ()), absences=absences, people=crew())
    first, last = date(2026, 11, 23), date(2026, 11, 29)
    kinds = {day: kind for day, kind in whole.kinds.items() if first <= day <= last}
    return Roster(first, last, kinds, whole.people, whole.rules, whole.assignments, whole.absences)
