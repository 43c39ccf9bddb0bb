"""The callback list's table (telephony spec 8, last bullet): every pair of state and trigger."""

from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Settings
from seats.callbacks.rules import Rules
from seats.callbacks.states import (
    CLOSED,
    MEANING,
    STATES,
    TRANSITIONS,
    TRIGGERS,
    State,
    Trigger,
    next_state,
)

RULES = Rules.of(Settings(demo=True, _env_file=None))
ALLOWED: dict[str, str] = {
    # trigger: old>new …
    "lost_again": "open>open claimed>claimed calling>calling spent>open",
    "claim": "open>claimed",
    "release": "claimed>open",
    "lapse": "claimed>open",
    "call": "claimed>calling",
    "seat_silent": "calling>claimed",
    "unreached": "calling>open",
    "used_up": "calling>spent",
    "connected": "calling>reached",
    "called_again": "open>answered claimed>answered calling>answered spent>answered",
    "dismiss": "open>dismissed claimed>dismissed spent>dismissed",
}


@pytest.mark.parametrize(("state", "trigger"), [*product(STATES, TRIGGERS)])
def test_each_pair_is_allowed_exactly_where_the_work_allows_it(
    state: State, trigger: Trigger
) -> None:
    expected = dict(pair.split(">") for pair in ALLOWED[trigger].split())
    assert next_state(state, trigger) == expected.get(state)


def test_every_trigger_has_a_meaning_and_closed_is_closed_for_good() -> None:
    assert set(MEANING) == set(TRIGGERS)
    assert {old for old, _ in TRANSITIONS} == set(STATES) - CLOSED


@given(st.lists(st.sampled_from(TRIGGERS), max_size=40))
def test_an_entry_closes_by_a_talk_or_by_a_manager_and_by_nothing_else(
    triggers: list[Trigger],
) -> None:
    """B-list: closed only by a connected call, an answered redial, or a manager; never silently."""
    state: State = "open"
    for trigger in triggers:
        new = next_state(state, trigger)
        if new in CLOSED:
            assert trigger in ("connected", "called_again", "dismiss")
        state = new or state


@pytest.mark.parametrize(
    ("outcome", "waited", "wanted"),
    [
        ("abandoned_in_queue", 5.0, False),
        ("abandoned_in_queue", 5.1, True),
        ("timed_out", 0.0, True),
        ("left_empty", 0.0, True),
        ("callback_accepted", 0.0, True),
        ("answered", 60.0, False),
        ("abandoned_in_ivr", 60.0, False),
        ("failed", 60.0, False),
        ("emergency_transferred", 60.0, False),
    ],
)
def test_who_left_unserved_after_a_real_wait_is_owed_a_call(
    outcome: str, waited: float, wanted: bool
) -> None:
    assert RULES.wants_entry(outcome, waited) is wanted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("utc_hour", "by_day"), [(23, False), (0, True), (12, True), (13, False), (18, False)]
)
def test_citizens_are_not_rung_at_night_in_yingkou(utc_hour: int, by_day: bool) -> None:
    assert RULES.by_day(datetime(2026, 11, 23, utc_hour, 30, tzinfo=UTC)) is by_day


@given(st.integers(1, 10))
def test_the_last_attempt_uses_the_entry_up(attempts: int) -> None:
    entry = SimpleNamespace(attempts=attempts, not_before=None)
    expected = "used_up" if attempts >= RULES.most_attempts else "unreached"
    assert RULES.after_failure(entry) == expected


def test_rest_ends_on_the_minute() -> None:
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    entry = SimpleNamespace(attempts=1, not_before=now + RULES.retry_after)
    assert RULES.too_soon(entry, now)
    assert not RULES.too_soon(entry, now + timedelta(minutes=15))
