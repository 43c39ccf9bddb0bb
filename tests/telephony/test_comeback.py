"""Who comes back: a place that is kept, a call that is owed (telephony spec 6), from made-up calls."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from telephony.comeback import is_owed_a_call, kept_since, place_among

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TEN = timedelta(minutes=10)


@dataclass(frozen=True)
class Past:
    outcome: str | None
    queued_at: datetime | None
    ended_at: datetime | None


def past(outcome: str | None, ended: float, waited: float = 2) -> Past:
    """A call that ended so many minutes ago after waiting so many."""
    end = NOW - timedelta(minutes=ended)
    return Past(outcome, end - timedelta(minutes=waited), end if outcome else None)


def test_a_place_is_kept_for_less_than_ten_minutes() -> None:
    gone = past("abandoned_in_queue", 9.99, waited=3)
    assert kept_since([gone], NOW, TEN) == gone.queued_at
    assert kept_since([past("abandoned_in_queue", 10)], NOW, TEN) is None


def test_who_gives_up_twice_waits_since_the_first_time() -> None:
    first, second = past("abandoned_in_queue", 8, waited=5), past("abandoned_in_queue", 3)
    assert kept_since([past(None, 0), second, first], NOW, TEN) == first.queued_at


def test_who_was_served_or_sent_away_since_begins_anew() -> None:
    for outcome in ("answered", "referred", "emergency_transferred", "left_empty", "timed_out"):
        assert kept_since([past(outcome, 1), past("abandoned_in_queue", 3)], NOW, TEN) is None


def test_hanging_up_in_the_greeting_neither_gives_nor_takes_a_place() -> None:
    gone = past("abandoned_in_queue", 5)
    assert kept_since([past("abandoned_in_ivr", 1), gone], NOW, TEN) == gone.queued_at
    assert kept_since([past("abandoned_in_ivr", 1)], NOW, TEN) is None


def test_whom_nobody_served_is_owed_a_call_for_a_day_or_until_he_is_served() -> None:
    for outcome in ("left_empty", "timed_out", "callback_accepted"):
        assert is_owed_a_call([past("abandoned_in_queue", 30), past(outcome, 60)], NOW)
        assert not is_owed_a_call([past(outcome, 24 * 60)], NOW)
        assert not is_owed_a_call([past("answered", 30), past(outcome, 60)], NOW)
    assert not is_owed_a_call([past("abandoned_in_queue", 1)], NOW)


@given(st.lists(st.integers(-60, 60)), st.integers(0, 3))
def test_a_kept_place_is_behind_priority_and_those_who_wait_longer_and_before_the_rest(
    others: list[int], urgent: int
) -> None:
    waiting = sorted(NOW + timedelta(minutes=minutes) for minutes in others)
    line = [(100, NOW)] * urgent + [(0, since) for since in waiting]
    place = place_among(line, NOW)
    assert all(priority or since < NOW for priority, since in line[: place - 1])
    assert not any(priority or since < NOW for priority, since in line[place - 1 :])
