"""How many seats are open when (B04, B05, D-01): the table of precedence, and what holds for every plan."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_world import CALENDAR, DEFAULTS, at, calendars, entries, moment, moments, plans, window

from core.calendar import WorkCalendar
from seats.plan_page import rule_spans
from seats.plan_rules import (
    HORIZON,
    MIDNIGHT,
    Entry,
    in_force,
    next_change,
    open_seats_at,
    stretches,
)

kind_of = CALENDAR.kind
TICK = timedelta(microseconds=1)
PATIENT = [HealthCheck.too_slow]  # a calendar of ten weeks is much to draw on a busy machine


@pytest.mark.parametrize(
    ("when", "count", "until"),
    [
        ("2026-11-23 07:59", 2, "2026-11-23 08:00"),
        ("2026-11-23 08:00", 10, "2026-11-23 17:30"),
        ("2026-11-23 17:29", 10, "2026-11-23 17:30"),
        ("2026-11-23 17:30", 2, "2026-11-24 08:00"),
        ("2026-11-27 17:30", 2, "2026-11-30 08:00"),  # a weekend is one stretch
        ("2026-10-01 22:00", 2, "2026-10-08 08:00"),  # B05
        ("2026-09-20 09:00", 10, "2026-09-20 17:30"),  # a Sunday that is worked: 调休
        ("2026-10-10 12:00", 10, "2026-10-10 17:30"),  # a Saturday that is worked
        ("2026-12-31 18:00", 2, "2027-01-04 08:00"),  # 1 January of a year without a notice
    ],
)
def test_b04_b05_the_plan_without_any_entry(when: str, count: int, until: str) -> None:
    found = open_seats_at(DEFAULTS, kind_of, at(when))
    assert (found.count, found.why.kind, found.until) == (count, "default", at(until))


def standing(count: int) -> Entry:
    return Entry(
        id=1, kind="standing", open_seats=count, made_at=at("2026-11-01 08:00"),
        days=frozenset({"workday"}), begins=8 * 60, ends=18 * 60,
    )  # fmt: skip


def test_the_table_of_precedence() -> None:
    rule = standing(8)
    slot = window(2, "2026-11-23 14:00", "2026-11-23 20:00", 12, made="2026-11-22 08:00")
    now = moment(3, "2026-11-23 15:00", "2026-11-23 17:00", 5)
    plan = [*DEFAULTS, rule, slot, now]
    told = [
        (each.starts_at, each.count, each.why.kind)
        for each in stretches(plan, kind_of, at("2026-11-23 07:00"), at("2026-11-24 07:00"))
    ]
    assert told == [
        (at("2026-11-23 07:00"), 2, "default"),
        (at("2026-11-23 08:00"), 8, "standing"),
        (at("2026-11-23 14:00"), 12, "window"),
        (at("2026-11-23 15:00"), 5, "now"),
        (at("2026-11-23 17:00"), 12, "window"),
        (at("2026-11-23 20:00"), 2, "default"),
    ]


def test_a_window_made_after_a_lasting_change_counts_in_its_time_and_not_longer() -> None:
    lasting = moment(1, "2026-11-23 09:00", None, 4)
    slot = window(2, "2026-11-23 14:00", "2026-11-23 20:00", 12, made="2026-11-23 10:00")
    counts = [
        open_seats_at([*DEFAULTS, lasting, slot], kind_of, at(f"2026-11-23 {hour}")).count
        for hour in ("13:59", "14:00", "19:59", "20:00")
    ]
    assert counts == [4, 12, 12, 4]


def test_a_change_of_the_moment_replaces_the_one_before_it_for_good() -> None:
    """What was set "until changed" has been changed: it does not come back when its successor ends."""
    lasting = moment(1, "2026-11-23 09:00", None, 4)
    short = moment(2, "2026-11-23 10:00", "2026-11-23 11:00", 6)
    plan = [*DEFAULTS, lasting, short]
    assert open_seats_at(plan, kind_of, at("2026-11-23 10:30")).count == 6
    assert open_seats_at(plan, kind_of, at("2026-11-23 11:00")).why.kind == "default"


def test_a_window_over_midnight_outlasts_the_change_of_the_kind_of_day() -> None:
    plan = [*DEFAULTS, window(1, "2026-11-27 20:00", "2026-11-28 06:00", 5)]
    for when, count in (("19:59", 2), ("20:00", 5), ("23:59", 5)):
        assert open_seats_at(plan, kind_of, at(f"2026-11-27 {when}")).count == count
    for when, count in (("00:00", 5), ("05:59", 5), ("06:00", 2)):
        assert open_seats_at(plan, kind_of, at(f"2026-11-28 {when}")).count == count


def test_a_rule_for_one_kind_of_day_begins_and_ends_at_its_midnight() -> None:
    rule = Entry(
        id=1, kind="standing", open_seats=3, made_at=at("2026-09-01 08:00"), days=frozenset({"rest"})
    )  # fmt: skip
    friday, saturday, monday = (
        at("2026-11-27 23:59"),
        at("2026-11-28 00:00"),
        at("2026-11-30 00:00"),
    )
    plan = [*DEFAULTS, rule]
    assert open_seats_at(plan, kind_of, friday).until == saturday
    assert (open_seats_at(plan, kind_of, saturday).count, monday) == (
        3, open_seats_at(plan, kind_of, saturday).until,
    )  # fmt: skip


def test_the_next_change_passes_over_boundaries_that_change_no_number() -> None:
    plan = [*DEFAULTS, window(1, "2026-11-23 17:00", "2026-11-23 20:00", 10)]
    following = next_change(plan, kind_of, at("2026-11-23 12:00"), most=12)
    assert following is not None
    assert (following.starts_at, following.count) == (at("2026-11-23 20:00"), 2)
    capped = next_change(plan, kind_of, at("2026-11-23 12:00"), most=2)
    assert capped is None or capped.starts_at >= at("2026-11-23 12:00") + HORIZON


@given(plan=plans(), calendar=calendars(), when=moments)
@settings(max_examples=150, deadline=None, suppress_health_check=PATIENT)
def test_any_moment_has_one_answer_and_its_end_is_exclusive(
    plan: list[Entry], calendar: WorkCalendar, when: datetime
) -> None:
    found = open_seats_at(plan, calendar.kind, when)
    assert found.why in plan
    if found.until is None:
        return
    assert found.until > when
    assert in_force(plan, calendar.kind, found.until - TICK) is found.why
    assert in_force(plan, calendar.kind, found.until) is not found.why


@given(plan=plans(), calendar=calendars(), when=moments, part=st.integers(0, 999))
@settings(max_examples=100, deadline=None, suppress_health_check=PATIENT)
def test_nothing_changes_before_until(
    plan: list[Entry], calendar: WorkCalendar, when: datetime, part: int
) -> None:
    found = open_seats_at(plan, calendar.kind, when)
    between = when + ((found.until or when + HORIZON) - when) * part // 1000
    assert open_seats_at(plan, calendar.kind, between).why is found.why


@given(
    plan=plans(), calendar=calendars(), when=moments, hours=st.integers(-12, 14), order=st.randoms()
)
@settings(max_examples=60, deadline=None, suppress_health_check=PATIENT)
def test_neither_the_time_zone_nor_the_order_of_the_entries_matters(
    plan: list[Entry], calendar: WorkCalendar, when: datetime, hours: int, order: Random
) -> None:
    elsewhere = when.astimezone(timezone(timedelta(hours=hours)))
    shuffled = list(plan)
    order.shuffle(shuffled)
    assert open_seats_at(shuffled, calendar.kind, elsewhere) == open_seats_at(
        plan, calendar.kind, when
    )


@given(plan=plans(), calendar=calendars(), when=moments, added=entries(number=99))
@settings(max_examples=100, deadline=None, suppress_health_check=PATIENT)
def test_what_the_plan_said_in_the_past_never_changes(
    plan: list[Entry], calendar: WorkCalendar, when: datetime, added: Entry
) -> None:
    if when < added.made_at or (added.withdrawn_at and when >= added.withdrawn_at):
        assert in_force([*plan, added], calendar.kind, when) is in_force(plan, calendar.kind, when)


@given(plan=plans(), calendar=calendars(), begins=moments)
@settings(max_examples=30, deadline=None, suppress_health_check=PATIENT)
def test_the_spans_of_a_day_follow_each_other_without_a_gap(
    plan: list[Entry], calendar: WorkCalendar, begins: datetime
) -> None:
    ends = begins + timedelta(days=1)
    spans = stretches(plan, calendar.kind, begins, ends)
    edges = [span.starts_at for span in spans] + [ends]
    assert edges[0] == begins
    assert [span.ends_at for span in spans] == edges[1:]
    assert edges == sorted(set(edges))


@given(plan=plans())
@settings(max_examples=60, deadline=None, suppress_health_check=PATIENT)
def test_the_grid_of_standing_rules_says_what_the_plan_would_say_without_exceptions(
    plan: list[Entry],
) -> None:
    standing_only = [e for e in plan if e.days and e.withdrawn_at is None]
    monday = at("2026-11-23 00:00")
    for span in rule_spans(standing_only, "workday"):
        for minute in (span.begins, span.ends - 1):
            assert (
                in_force(standing_only, kind_of, monday + timedelta(minutes=minute)) is span.entry
            )
    spans = rule_spans(standing_only, "workday")
    assert [spans[0].begins, spans[-1].ends] == [0, MIDNIGHT]


def test_every_answer_is_in_utc() -> None:
    until = open_seats_at(DEFAULTS, kind_of, at("2026-11-23 12:00")).until
    assert until is not None
    assert until.tzinfo is UTC
