"""Fills a month with CP-SAT, in two steps: as few people missing as the hard rules allow, then the fairest of those.

Every shift has slack, so that there is always an answer. Imported by solver.py alone, and only to solve.
"""

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from typing import Literal, TypeAlias

from ortools.sat.python import cp_model

from seats.roster.problem import Answer, Problem
from seats.roster.rotation import rotation
from seats.roster.rules import Assignment
from seats.roster.shifts import ShiftKind
from seats.roster.totals import Balance

Term: TypeAlias = cp_model.IntVar | int
Cell: TypeAlias = tuple[int, date, str]
Measure: TypeAlias = Literal["nights", "weekends", "minutes"]

ONE_DAY = timedelta(days=1)
CONTEXT_DAYS = 14
FIRST_STEP = 0.4
"""At most this part of the effort goes into finding people; what is left over goes into fairness."""
SCALE = 10
"""Targets are tenths: a fair share is seldom a whole number."""
NIGHT, WEEKEND, HOUR = 12, 8, 1
COMPANY, AVOID, PREFER = 300, 150, 80
MOST = 10**6
WORST = 4
"""One person who carries far too much is worse than many who carry a little."""


def fill(problem: Problem) -> Answer:
    """Return an answer that keeps every hard rule.

    Fixed assignments stay even where they break a rule: then nothing is added that makes it worse.
    """
    began = time.monotonic()
    model = _Model(cp_model.CpModel(), problem)
    model.add_hard_rules()
    missing = model.add_demand()
    model.cp.minimize(missing)
    model.begin_with(rotation(problem.roster))
    first, proven = _search(model, problem, problem.effort * FIRST_STEP)
    short = round(first.objective_value)
    model.cp.add(missing <= short)
    model.begin_with(model.chosen(first))
    model.cp.minimize(model.unfairness())
    used = first.response_proto.deterministic_time
    second, optimal = _search(model, problem, problem.effort - used)
    return Answer(
        assignments=frozenset(
            filter(lambda row: problem.roster.inside(row.day), model.chosen(second))
        ),
        short=short,
        best=proven,
        state="optimal" if optimal else "feasible",
        seconds=round(time.monotonic() - began, 2),
    )


@dataclass
class _Model:
    """The variables of a problem: `terms` has 0, 1 or a variable for every person, day and shift."""

    cp: cp_model.CpModel
    problem: Problem
    terms: dict[Cell, Term] = field(default_factory=dict)

    def __post_init__(self) -> None:
        roster, fixed = self.problem.roster, self.problem.fixed
        held = {(row.person, row.day) for row in fixed}
        for person, day, shift in product(roster.people, roster.days(), roster.rules.shifts):
            cell = (person.id, day, shift.code)
            if (person.id, day) in held:
                self.terms[cell] = int(Assignment(*cell) in fixed)
            elif (person.id, day) in roster.absent or (person.id, day) in self.problem.days_off:
                self.terms[cell] = 0
            else:
                self.terms[cell] = self.cp.new_bool_var("")
        # In order: the search follows the order of the model, and sets have another in every process.
        for row in sorted(roster.assignments):
            if not roster.inside(row.day):
                self.terms[row.person, row.day, row.shift] = 1

    def begin_with(self, assignments: Collection[Assignment]) -> None:
        """Let the search begin at `assignments`, or near them where they break a rule."""
        self.cp.clear_hints()  # type: ignore[no-untyped-call]
        for cell, term in self.terms.items():
            if not isinstance(term, int):
                self.cp.add_hint(term, int(Assignment(*cell) in assignments))

    def chosen(self, solver: cp_model.CpSolver) -> frozenset[Assignment]:
        return frozenset(
            Assignment(*cell) for cell, term in self.terms.items() if solver.value(term)
        )

    def at_most(self, terms: Iterable[Term], most: int) -> None:
        """Keep the sum at `most`, or at what the given part of it makes already."""
        self.weighted_at_most(((term, 1) for term in terms), most)

    def weighted_at_most(self, terms: Iterable[tuple[Term, int]], most: int) -> None:
        given, free = 0, []
        for term, weight in terms:
            if isinstance(term, int):
                given += term * weight
            else:
                free.append(term * weight)
        if free:
            self.cp.add(sum(free) <= max(most - given, 0))

    def add_hard_rules(self) -> None:
        roster = self.problem.roster
        limits, shifts = roster.rules.limits, roster.rules.shifts
        nights = [shift for shift in shifts if shift.night]
        for person in (each.id for each in roster.people):
            for day in roster.days():
                self.at_most(self.of(person, [day], shifts), 1)
            for days in self._windows(limits.nights_in_row + 1):
                self.at_most(self.of(person, days, nights), limits.nights_in_row)
            for days in self._windows(CONTEXT_DAYS):
                self.at_most(self.of(person, days, nights), limits.nights_in_14)
            for days in self._windows(limits.days_in_row + 1):
                self.at_most(self.of(person, days, shifts), limits.days_in_row)
            self._rest(person)
            self._hours(person)

    def add_demand(self) -> cp_model.LinearExpr:
        """Ask for the people that each shift needs; return how many are missing in all."""
        roster, missing = self.problem.roster, []
        for day, shift in product(roster.days(), roster.rules.shifts):
            crew = [self.terms[person.id, day, shift.code] for person in roster.people]
            need = max(roster.need(day, shift), sum(term for term in crew if isinstance(term, int)))
            gap = self.cp.new_int_var(0, need, "")
            self.cp.add(sum(crew) + gap == need)
            missing.append(gap)
        return cp_model.LinearExpr.sum(missing)

    def unfairness(self) -> cp_model.LinearExpr:
        """Return what the second step makes small: uneven shares, missing companies, wishes not kept."""
        shifts = self.problem.roster.rules.shifts
        days = list(self.problem.roster.days())
        kinds = self.problem.roster.kinds
        off = [day for day in days if not kinds[day].worked]
        nights = [shift for shift in shifts if shift.night]
        return (
            NIGHT * self._uneven(days, nights, "nights")
            + WEEKEND * self._uneven(off, shifts, "weekends")
            + HOUR * self._uneven(days, shifts, "minutes")
            + COMPANY * cp_model.LinearExpr.sum(list(self._companies_missing()))
            + cp_model.LinearExpr.sum(list(self._wishes()))
        )

    def of(self, person: int, days: Iterable[date], shifts: Iterable[ShiftKind]) -> list[Term]:
        return [
            term
            for day, shift in product(days, shifts)
            if (term := self.terms.get((person, day, shift.code))) is not None
        ]

    def _windows(self, length: int) -> Iterator[list[date]]:
        """Yield every window of `length` days that touches the span."""
        roster = self.problem.roster
        begins = roster.first - (length - 1) * ONE_DAY
        while begins <= roster.last:
            yield [begins + number * ONE_DAY for number in range(length)]
            begins += ONE_DAY

    def _rest(self, person: int) -> None:
        roster = self.problem.roster
        least = timedelta(hours=roster.rules.limits.rest_hours)
        for first, second in product(roster.rules.shifts, repeat=2):
            for day in (roster.first - ONE_DAY, *roster.days()):
                gap = second.window(day + ONE_DAY)[0] - first.window(day)[1]
                pair = self.of(person, [day], [first]), self.of(person, [day + ONE_DAY], [second])
                if gap < least and all(pair):
                    self.at_most([*pair[0], *pair[1]], 1)

    def _hours(self, person: int) -> None:
        roster = self.problem.roster
        shifts = roster.rules.shifts
        monday = roster.first - roster.first.weekday() * ONE_DAY
        while monday <= roster.last:
            week = [monday + number * ONE_DAY for number in range(7)]
            self.weighted_at_most(
                self._minutes(person, week, shifts), roster.rules.limits.week_hours * 60
            )
            monday += 7 * ONE_DAY
        self.weighted_at_most(self._minutes(person, roster.days(), shifts), roster.month_minutes)

    def _minutes(
        self, person: int, days: Iterable[date], shifts: Iterable[ShiftKind]
    ) -> Iterator[tuple[Term, int]]:
        for day, shift in product(days, shifts):
            term = self.terms.get((person, day, shift.code))
            if term is not None:
                yield term, shift.minutes

    def _uneven(
        self, days: Iterable[date], shifts: Iterable[ShiftKind], what: Measure
    ) -> cp_model.LinearExpr:
        """Return how far shares lie from what is fair for the time that each person is there, in tenths."""
        roster, slots = self.problem.roster, list(product(days, shifts))
        unit = 60 if what == "minutes" else 1
        weights = {shift.code: shift.minutes if unit > 1 else 1 for _, shift in slots}
        tenths = {code: weight * SCALE // unit for code, weight in weights.items()}
        total = sum(roster.need(day, shift) * tenths[shift.code] for day, shift in slots)
        present = self._presence()
        carried = {
            person: getattr(self.problem.balance.get(person, Balance()), what) * SCALE / unit
            for person in present
        }
        distances, worst = [], self.cp.new_int_var(0, MOST, "")
        for person, part in present.items():
            fair = round((total + sum(carried.values())) * part - carried[person])
            share = cp_model.LinearExpr.weighted_sum(
                [self.terms[person, day, shift.code] for day, shift in slots],
                [tenths[shift.code] for _, shift in slots],
            )
            distance = self.cp.new_int_var(0, MOST, "")
            self.cp.add(distance >= share - fair)
            self.cp.add(distance >= fair - share)
            self.cp.add(worst >= distance)
            distances.append(distance)
        return cp_model.LinearExpr.sum([*distances, WORST * worst])

    def _presence(self) -> dict[int, float]:
        """Return which part of all the days that people are there is each person's."""
        roster = self.problem.roster
        there = {
            person.id: sum((person.id, day) not in roster.absent for day in roster.days())
            for person in roster.people
        }
        return {person: days / (sum(there.values()) or 1) for person, days in there.items()}

    def _companies_missing(self) -> Iterator[cp_model.IntVar]:
        roster = self.problem.roster
        if not roster.rules.limits.each_company_by_day:
            return
        companies = sorted({person.company for person in roster.people})
        for day, shift, company in product(roster.days(), roster.rules.shifts, companies):
            if roster.need(day, shift) < len(companies):
                continue
            crew = [
                self.terms[person.id, day, shift.code]
                for person in roster.people
                if person.company == company
            ]
            missing = self.cp.new_bool_var("")
            self.cp.add(sum(crew) + missing >= 1)
            yield missing

    def _wishes(self) -> Iterator[cp_model.LinearExpr]:
        roster = self.problem.roster
        for wish in self.problem.wishes:
            shifts = [each for each in roster.rules.shifts if wish.shift in ("", each.code)]
            works = cp_model.LinearExpr.sum(self.of(wish.person, [wish.day], shifts))
            yield AVOID * works if wish.avoid else PREFER * (1 - works)


def _search(model: _Model, problem: Problem, effort: float) -> tuple[cp_model.CpSolver, bool]:
    """Return the solver with its best answer, and whether that is proven to be the best there is.

    Interleaved search is deterministic: the seed decides what is found, not which thread was quicker.
    """
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.interleave_search = True
    solver.parameters.linearization_level = 0  # relaxations cost more here than they tell
    solver.parameters.random_seed = problem.seed
    solver.parameters.max_deterministic_time = effort
    solver.parameters.max_time_in_seconds = problem.wall_seconds / 2
    state = solver.solve(model.cp)
    # Slack makes every month solvable: all shifts empty is an answer.
    assert state in (cp_model.OPTIMAL, cp_model.FEASIBLE), solver.status_name(state)
    return solver, state == cp_model.OPTIMAL
