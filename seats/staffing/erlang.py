"""How many seats a load of calls needs: Erlang C for the waiting time, Erlang A for callers who give up (pure).

Load in erlangs = calls a second × handling time. Calls arrive by chance (Poisson), handling and patience are taken
as exponential. Checked against pyworkforce (Erlang C) and a simulation; the desktop has the same formulas in
`office/staffing/erlang.ts`.
"""

from dataclasses import dataclass
from math import exp

MOST_SEATS = 1000


@dataclass(frozen=True, kw_only=True)
class Goal:
    """80 % within 15 s, and 95 % connected with GB/T 33358; `patience_seconds` is how long callers wait on average."""

    within_percent: float = 80.0
    target_seconds: float = 15.0
    connect_percent: float = 95.0
    patience_seconds: float = 120.0


def blocked(seats: int, load: float) -> float:
    """Return Erlang B, the share of the time in which all seats talk if nobody could wait."""
    share = 1.0
    for seat in range(1, seats + 1):
        share = load * share / (seat + load * share)
    return share


def must_wait(seats: int, load: float) -> float:
    """Return Erlang C, the chance that a caller waits; 1 if the seats cannot carry the load."""
    if load >= seats:
        return 1.0
    share = blocked(seats, load)
    return share / (1 - load / seats * (1 - share))


def answered_within(
    seats: int, load: float, handling_seconds: float, target_seconds: float
) -> float:
    """Return the share answered within `target_seconds` by Erlang C, in which nobody gives up."""
    if load >= seats:
        return 0.0
    decay = exp(-(seats - load) * target_seconds / handling_seconds)
    return 1 - must_wait(seats, load) * decay


def given_up(seats: int, load: float, handling_seconds: float, patience_seconds: float) -> float:
    """Return the share of callers who give up by Erlang A (M/M/n+M)."""
    # Weights of the states with so many in line, that of "all seats talk, nobody waits" being 1; those in which a
    # seat is free weigh 1/B - 1 together. Who comes to a line of n - 1 and makes it n is one of n who may leave.
    leaving = handling_seconds / patience_seconds
    weight, waiting, lost = 1.0, 0.0, 0.0
    line = 0
    while weight > 1e-12 * (1.0 + waiting) or line < load:
        line += 1
        out = seats + line * leaving
        lost += weight * line * leaving / out
        weight *= load / out
        waiting += weight
    share = blocked(seats, load)
    return share * lost / (1 + share * waiting)


def seats_needed(calls: float, period_seconds: float, handling_seconds: float, goal: Goal) -> int:
    """Return the fewest seats with which `calls` in a period reach the goal, at least one (24 h answering)."""
    load = calls / period_seconds * handling_seconds
    seats = max(1, int(load))
    while seats < MOST_SEATS and not reached(seats, load, handling_seconds, goal):
        seats += 1
    return seats


def reached(seats: int, load: float, handling_seconds: float, goal: Goal) -> bool:
    within = answered_within(seats, load, handling_seconds, goal.target_seconds)
    if 100 * within < goal.within_percent:
        return False
    lost = given_up(seats, load, handling_seconds, goal.patience_seconds)
    return 100 * (1 - lost) >= goal.connect_percent
