"""When an alarm is raised, gets worse and is cleared (telephony spec 9, 10): the pure rules, with hysteresis."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.alarms.rules import (
    RULE_OF,
    RULES,
    Cleared,
    Raised,
    Rule,
    Standing,
    Watch,
    due_alarms,
    look,
    shown,
)

START = datetime(2026, 11, 23, 1, tzinfo=UTC)
WAIT = RULE_OF["LONGEST_WAIT"]
RATE = RULE_OF["CONNECT_RATE"]

rules = st.sampled_from(RULES)
readings = st.lists(
    st.tuples(st.floats(0, 1000), st.floats(0.1, 120)), min_size=1, max_size=60
)  # value, seconds since the last look


def history(
    rule: Rule, looks: list[tuple[float, float]]
) -> list[tuple[datetime, float, Raised | Cleared]]:
    """Return what changes during these looks, with time and value."""
    now, standing, told = START, Standing(), []
    for value, seconds in looks:
        now += timedelta(seconds=seconds)
        standing, change = look(rule, standing, value, now)
        if change is not None:
            told.append((now, value, change))
    return told


def test_a_long_wait_is_a_warning_then_an_alarm_and_is_over_some_seconds_after_it_ended() -> None:
    told = history(WAIT, [(59, 2), (60, 2), (90, 2), (181, 2), (29, 2), (10, 9), (0, 2)])
    assert [(value, type(change), getattr(change, "level", "")) for _, value, change in told] == [
        (60, Raised, "warning"),
        (181, Raised, "alarm"),
        (0, Cleared, ""),
    ]


def test_a_rate_is_bad_when_it_is_low_and_only_after_a_minute() -> None:
    told = history(RATE, [(96, 5), (94, 5), (94, 59), (94, 2), (95.2, 600), (95.6, 5), (96, 301)])
    assert [value for _, value, _ in told] == [94, 96]
    assert isinstance(told[0][2], Raised)
    assert isinstance(told[1][2], Cleared)


def test_what_is_not_known_changes_nothing() -> None:
    watch, _ = due_alarms({"LONGEST_WAIT": 200}, Watch(), START)
    later = START + timedelta(hours=1)
    for unknown in ({}, {"LONGEST_WAIT": None}):
        after, changes = due_alarms(unknown, watch, later)
        assert (after, changes) == (watch, [])


def test_every_rule_can_be_raised_and_cleared_and_has_both_texts() -> None:
    for rule in RULES:
        worst = 0.0 if rule.low else 1e9
        best = 100.0 if rule.low else 0.0
        told = history(rule, [(worst, 1), (worst, 1000), (best, 1), (best, 1000)])
        assert [type(change) for *_, change in told] == [Raised, Cleared], rule.code
        assert "{value}" in rule.zh
        assert "{value}" in rule.en


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_calm_lies_apart_from_bad_so_that_nothing_flaps(rule: Rule) -> None:
    limits = [limit for limit in (rule.warning, rule.alarm) if limit is not None]
    assert limits
    assert rule.step > 0
    assert rule.quiet > 0
    for limit in limits:
        assert not rule.is_calm(limit)


@given(rules, readings)
def test_an_alarm_is_raised_once_until_it_is_cleared_or_worse(
    rule: Rule, looks: list[tuple[float, float]]
) -> None:
    standing: Raised | None = None
    for _, value, change in history(rule, looks):
        if isinstance(change, Cleared):
            assert standing is not None
            assert rule.is_calm(value)
            standing = None
        elif standing is None:
            assert not change.again
            assert change.level == rule.level(value)
            standing = change
        else:
            assert change.again
            louder = (standing.level, change.level) == ("warning", "alarm")
            assert louder or rule.is_worse(change.value, standing.value)
            assert not (standing.level == "alarm" and change.level == "warning")
            standing = change


@given(rules, readings)
def test_nothing_is_cleared_before_it_has_been_calm_long_enough(
    rule: Rule, looks: list[tuple[float, float]]
) -> None:
    now, calm_since = START, None
    cleared = {at for at, _, change in history(rule, looks) if isinstance(change, Cleared)}
    for value, seconds in looks:
        now += timedelta(seconds=seconds)
        calm_since = (calm_since or now) if rule.is_calm(value) else None
        if now in cleared:
            assert calm_since is not None
            assert now - calm_since >= timedelta(seconds=rule.quiet)


@given(rules, st.lists(st.booleans(), max_size=60))
def test_a_value_that_swings_between_calm_and_bad_raises_at_most_once(
    rule: Rule, swings: list[bool]
) -> None:
    """Between two looks there is never the quiet time that clearing wants."""
    bad = rule.alarm if rule.alarm is not None else rule.warning
    assert bad is not None
    calm = rule.calm
    looks = [(bad if is_bad else calm, rule.quiet / 100) for is_bad in swings]
    assert len(history(rule, looks)) <= 1


@given(rules, readings, st.integers(0, 60))
def test_looking_twice_at_the_same_moment_tells_nothing_new(
    rule: Rule, looks: list[tuple[float, float]], at: int
) -> None:
    now, standing = START, Standing()
    for value, seconds in looks[: at + 1]:
        now += timedelta(seconds=seconds)
        standing, _ = look(rule, standing, value, now)
    again, change = look(rule, standing, value, now)
    assert change is None
    assert again == standing


def test_measures_are_written_as_people_read_them() -> None:
    assert [shown(value) for value in (3, 93.14, 93.04, 0)] == ["3", "93.1", "93", "0"]
