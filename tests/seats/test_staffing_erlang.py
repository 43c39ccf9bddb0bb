"""Seats for a load: against published figures, against a simulation, and in its order (telephony spec 4; B07)."""

import heapq
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seats.staffing.erlang import Goal, answered_within, given_up, must_wait, seats_needed

HALF_HOUR = 1800.0


def test_pyworkforce_says_the_same() -> None:
    """100 calls in 30 min of 180 s, 80 % in 20 s: 14 seats, service level 0.8884 (its README)."""
    anybody = Goal(within_percent=80, target_seconds=20, connect_percent=0)
    assert seats_needed(100, HALF_HOUR, 180, anybody) == 14
    assert answered_within(14, 10.0, 180, 20) == pytest.approx(0.888350, abs=1e-6)
    assert must_wait(14, 10.0) == pytest.approx(0.174132, abs=1e-6)
    assert answered_within(13, 10.0, 180, 20) < 0.80


def test_the_connect_rate_asks_for_seats_of_its_own() -> None:
    """GB/T 33358: 95 %. Where callers have no patience the waiting time alone is not enough."""
    hasty = Goal(within_percent=50, target_seconds=120, patience_seconds=20)
    without = Goal(within_percent=50, target_seconds=120, connect_percent=0)
    assert seats_needed(100, HALF_HOUR, 180, hasty) > seats_needed(100, HALF_HOUR, 180, without)


def test_nobody_calling_needs_one_seat() -> None:
    """24 h human answering."""
    assert seats_needed(0, HALF_HOUR, 180, Goal()) == 1
    assert given_up(1, 0.0, 180, 60) == 0.0


loads = st.floats(0.01, 40)
seats = st.integers(1, 60)


@given(seats, loads, st.floats(30, 600), st.floats(1, 120))
def test_more_seats_never_make_it_worse(
    count: int, load: float, handling: float, target: float
) -> None:
    one, more = (answered_within(n, load, handling, target) for n in (count, count + 1))
    assert 0 <= one <= more <= 1
    lost, fewer = (given_up(n, load, handling, target) for n in (count, count + 1))
    assert 0 <= fewer <= lost + 1e-12
    assert lost <= 1


@given(st.floats(0, 300), st.floats(0, 100), st.floats(0, 99), st.floats(0, 19))
def test_seats_rise_with_load_and_with_the_goal(
    calls: float, more: float, within: float, stricter: float
) -> None:
    goal = Goal(within_percent=within * 0.8)
    asked = seats_needed(calls, HALF_HOUR, 240, goal)
    assert seats_needed(calls + more, HALF_HOUR, 240, goal) >= asked
    assert seats_needed(calls, HALF_HOUR, 240 + more, goal) >= asked
    strict = Goal(within_percent=within * 0.8 + stricter)
    assert seats_needed(calls, HALF_HOUR, 240, strict) >= asked
    patient = Goal(within_percent=within * 0.8, patience_seconds=120 + 10 * more)
    assert seats_needed(calls, HALF_HOUR, 240, patient) <= asked


@pytest.mark.parametrize(("count", "load"), [(2, 1.2), (10, 8.0), (14, 13.0)])
def test_a_simulated_day_agrees(count: int, load: float) -> None:
    """Callers one by one, 120,000 of them: with endless patience Erlang C, with two minutes of it Erlang A."""
    handling, patience, target = 240.0, 120.0, 15.0
    within, _ = simulated(count, load, handling, float("inf"), target)
    assert within == pytest.approx(answered_within(count, load, handling, target), abs=0.02)
    _, lost = simulated(count, load, handling, patience, target)
    assert lost == pytest.approx(given_up(count, load, handling, patience), abs=0.01)


def simulated(
    count: int, load: float, handling: float, patience: float, target: float
) -> tuple[float, float]:
    """Return the shares answered in time and given up; first come, first served."""
    dice, now, callers = Random(12345), 0.0, 120_000
    free = [0.0] * count  # when each seat is free again
    in_time = lost = 0
    for _ in range(callers):
        now += dice.expovariate(load / handling)
        starts = max(now, free[0])
        if starts - now > (dice.expovariate(1 / patience) if patience < float("inf") else patience):
            lost += 1
            continue
        in_time += starts - now <= target
        heapq.heapreplace(free, starts + dice.expovariate(1 / handling))
    return in_time / callers, lost / callers
