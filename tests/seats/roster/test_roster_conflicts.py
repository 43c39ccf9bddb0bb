"""What is wrong with a roster (telephony spec 4 "Roster"), rule by rule and as properties."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roster_world import DECEMBER, NOVEMBER, crew, roster

from seats.roster.conflicts import HARD_FOR_PEOPLE, conflicts
from seats.roster.months import Month
from seats.roster.rules import Absence, Assignment, Limits, Roster, Rules
from seats.roster.shifts import DEFAULT_SHIFTS, ShiftKind
from seats.roster.totals import Totals, balance, totals

OCTOBER = Month(date(2026, 10, 1))


def codes(given: Roster, *, of_people: bool = True) -> list[tuple[str, str]]:
    """Return (code, MM-DD) of what is wrong with people, or with all."""
    return [
        (each.code, f"{each.day:%m-%d}")
        for each in conflicts(given)
        if not of_people or each.code in HARD_FOR_PEOPLE
    ]


def in_a_row(person: int, first: str, count: int, shift: str) -> list[tuple[int, str, str]]:
    begin = date.fromisoformat(f"2026-{first}")
    return [(person, f"{begin + timedelta(days=n):%m-%d}", shift) for n in range(count)]


def test_b05_a_holiday_evening_needs_two_seats_and_warns_if_fewer_are_staffed() -> None:
    """B05: 2026-10-01 22:00 is in the evening shift of National Day."""
    one = roster(OCTOBER, (1, "10-01", "evening"))
    found = [each for each in conflicts(one) if (each.day.day, each.shift) == (1, "evening")]
    assert [each.zh for each in found] == ["10月1日晚班需要 2 人，只排了 1 人"]
    two = roster(OCTOBER, (1, "10-01", "evening"), (2, "10-01", "evening"))
    assert not [each for each in conflicts(two) if (each.day.day, each.shift) == (1, "evening")]


def test_d01_a_make_up_saturday_needs_ten_by_day_and_a_saturday_two() -> None:
    needs = {
        day: DEFAULT_SHIFTS[1].seats_work
        if month.kinds[day].worked
        else DEFAULT_SHIFTS[1].seats_off
        for month in [roster(OCTOBER)]
        for day in (date(2026, 10, 10), date(2026, 10, 17))
    }
    october = roster(OCTOBER)
    for day, need in needs.items():
        assert october.need(day, DEFAULT_SHIFTS[1]) == need
    assert list(needs.values()) == [10, 2]


@pytest.mark.parametrize(
    ("first", "second", "hours"),
    [
        (("11-24", "day"), ("11-25", "night"), "6.5"),
        (("11-24", "evening"), ("11-25", "day"), "8"),
        (("11-24", "evening"), ("11-25", "night"), "0"),
        (("11-24", "night"), ("11-24", "evening"), "9.5"),
    ],
)
def test_less_than_eleven_hours_between_shifts_is_told_with_the_hours(
    first: tuple[str, str], second: tuple[str, str], hours: str
) -> None:
    made = roster(NOVEMBER, (1, *first), (1, *second))
    (found,) = [each for each in conflicts(made) if each.code == "SHORT_REST"]
    assert f"只休息 {hours} 小时" in found.zh
    assert found.people == (1,)


def test_enough_rest_and_other_peoples_shifts_are_no_conflict() -> None:
    fine = [
        (1, "11-24", "day"),
        (1, "11-25", "day"),
        (2, "11-26", "night"),
        (1, "11-26", "evening"),
    ]
    assert codes(roster(NOVEMBER, *fine)) == []


def test_rest_counts_across_the_end_of_the_month_on_both_sides() -> None:
    rows = [(1, "11-30", "evening"), (1, "12-01", "day")]
    assert codes(roster(NOVEMBER, *rows)) == [("SHORT_REST", "11-30")]
    assert codes(roster(DECEMBER, *rows)) == [("SHORT_REST", "12-01")]


def test_two_shifts_at_the_same_time_are_a_double_booking() -> None:
    late = ShiftKind("late", "中班", "Late", "中", 12 * 60, 20 * 60, 0, 0)
    rules = Rules((*DEFAULT_SHIFTS, late))
    made = roster(NOVEMBER, (1, "11-24", "day"), (1, "11-24", "late"), rules=rules)
    assert codes(made) == [("OVERLAP", "11-24")]


def test_the_fourth_night_in_a_row_is_one_too_many() -> None:
    assert codes(roster(NOVEMBER, *in_a_row(1, "11-10", 3, "night"))) == []
    assert codes(roster(NOVEMBER, *in_a_row(1, "11-10", 4, "night"))) == [
        ("NIGHTS_IN_ROW", "11-13")
    ]


def test_nights_pile_up_in_fourteen_days_also_from_the_month_before() -> None:
    rows = [*in_a_row(1, "11-27", 3, "night"), *in_a_row(1, "12-02", 3, "night")]
    assert codes(roster(DECEMBER, *rows)) == [("NIGHTS_PILE_UP", "12-04")]
    strict = Rules(limits=Limits(nights_in_14=4))
    assert codes(roster(DECEMBER, *rows, rules=strict)) == [
        ("NIGHTS_PILE_UP", "12-03"),
        ("NIGHTS_PILE_UP", "12-04"),
    ]


def test_the_seventh_day_in_a_row_is_one_too_many() -> None:
    assert codes(roster(NOVEMBER, *in_a_row(1, "11-10", 6, "evening"))) == []
    seven = codes(roster(NOVEMBER, *in_a_row(1, "11-10", 7, "evening")))
    assert seven == [("DAYS_IN_ROW", "11-16")]


def test_who_is_on_leave_or_in_training_may_not_be_rostered() -> None:
    away = (
        Absence(1, date(2026, 11, 24), date(2026, 11, 25)),
        Absence(2, date(2026, 11, 24), date(2026, 11, 24), "training"),
    )
    rows = [(1, "11-23", "day"), (1, "11-25", "day"), (2, "11-24", "day")]
    made = roster(NOVEMBER, *rows, absences=away)
    assert codes(made) == [("ABSENT", "11-24"), ("ABSENT", "11-25")]


def test_paid_hours_of_a_week_and_of_the_month_have_limits() -> None:
    few = Rules(limits=Limits(week_hours=39))
    assert codes(roster(NOVEMBER, *in_a_row(1, "11-23", 5, "day"), rules=few)) == [
        ("WEEK_HOURS", "11-27")
    ]
    # 21 working days make 168 h, and the month has 22 shifts of 8 h.
    rows = [
        row for week in ("11-02", "11-09", "11-16", "11-23") for row in in_a_row(1, week, 6, "day")
    ]
    none = Rules(limits=Limits(month_overtime=0, week_hours=60))
    assert ("MONTH_HOURS", "11-28") in codes(roster(NOVEMBER, *rows, rules=none))


def test_b06_a_day_shift_without_anybody_of_one_company_is_a_soft_conflict() -> None:
    rows = [(person, "11-24", "day") for person in range(1, 11)]
    found = [each for each in conflicts(roster(NOVEMBER, *rows)) if each.code == "COMPANY_MISSING"]
    assert [(each.zh, each.soft) for each in found] == [("11月24日白班没有市热电集团的人员", True)]
    off = Rules(limits=Limits(each_company_by_day=False))
    assert not [
        each
        for each in conflicts(roster(NOVEMBER, *rows, rules=off))
        if each.code == "COMPANY_MISSING"
    ]


assignments = st.sets(
    st.builds(
        Assignment,
        person=st.integers(1, 4),
        day=st.dates(date(2026, 11, 1), date(2026, 11, 30)),
        shift=st.sampled_from(["night", "day", "evening"]),
    ),
    max_size=60,
)


@given(assignments)
def test_a_person_taken_off_a_shift_never_asks_more_of_anybody(rows: set[Assignment]) -> None:
    made = replace(roster(people=crew(4)), assignments=frozenset(rows))
    before = {(each.code, each.people) for each in conflicts(made) if each.code in HARD_FOR_PEOPLE}
    for row in rows:
        less = made.with_assignments(made.assignments - {row})
        after = {
            (each.code, each.people) for each in conflicts(less) if each.code in HARD_FOR_PEOPLE
        }
        # Two shifts that overlapped may leave a third too close to one of them.
        assert {pair for pair in after if pair[0] != "SHORT_REST"} <= before


@given(assignments)
def test_conflicts_lie_inside_the_month_and_name_people_who_work(rows: set[Assignment]) -> None:
    made = replace(roster(people=crew(4)), assignments=frozenset(rows))
    working = {row.person for row in rows}
    for each in conflicts(made):
        assert made.inside(each.day)
        assert set(each.people) <= working
        assert each.zh
        assert each.en


@given(assignments)
def test_shortages_are_exactly_the_seats_that_nobody_fills(rows: set[Assignment]) -> None:
    made = replace(roster(people=crew(4)), assignments=frozenset(rows))
    short = {(each.day, each.shift) for each in conflicts(made) if each.code == "TOO_FEW"}
    for day in made.days():
        for shift in made.rules.shifts:
            have = sum((row.day, row.shift) == (day, shift.code) for row in rows)
            assert ((day, shift.code) in short) == (have < made.need(day, shift))


@given(st.lists(st.dictionaries(st.integers(1, 6), st.integers(0, 12), min_size=1), max_size=4))
def test_balances_of_those_who_were_always_there_sum_to_nothing(
    months: list[dict[int, int]],
) -> None:
    given = [
        {person: Totals(minutes=480 * n, nights=n, shifts=n) for person, n in month.items()}
        for month in months
    ]
    found = balance(given)
    assert abs(sum(each.nights for each in found.values())) < 1e-6
    assert abs(sum(each.minutes for each in found.values())) < 1e-3


def test_totals_count_hours_without_breaks_nights_and_days_off() -> None:
    made = roster(NOVEMBER, (1, "11-21", "night"), (1, "11-23", "day"), (1, "11-22", "evening"))
    assert totals(made)[1] == Totals(minutes=480 + 480 + 390, nights=1, weekends=2, shifts=3)
