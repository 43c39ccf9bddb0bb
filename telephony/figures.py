"""The telephone figures S01 to S07 out of counts: exact integers in, percentages and means out (pure).

Counts of neighbouring periods add up to those of the whole. A rate whose denominator is nothing is None, which
screens show as a dash: neither 0 nor 100 would be true.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import get_args

from telephony.events import Outcome

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
CONNECT_TARGET = 95.0
"""Percent of the callers of any 24 hours who must reach a person (S06)."""
WINDOW = timedelta(hours=24)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What was counted of the calls that reached the trunk in a period, test calls left out; sums in ms.

    offered = Σ outcomes + in_system. `queued` entered or asked for the human queue; `answered` reached a person,
    each call once. `undecided` are in the system and answered by nobody yet, `waiting` those of them in the queue.
    """

    offered: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    in_system: int = 0
    ivr_hang_ups: int = 0
    queued: int = 0
    answered: int = 0
    answered_in_15: int = 0
    abandoned_in_5: int = 0
    undecided: int = 0
    waiting: int = 0
    wait_ms: int = 0
    queue_ms: int = 0
    talked: int = 0
    talk_ms: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        numbers = {name: getattr(self, name) + getattr(other, name) for name in NUMBERS}
        both = {
            outcome: self.outcomes.get(outcome, 0) + other.outcomes.get(outcome, 0)
            for outcome in OUTCOMES
            if outcome in self.outcomes or outcome in other.outcomes
        }
        return Tally(outcomes=both, **numbers)

    @property
    def blacklisted(self) -> int:
        return self.outcomes.get("rejected", 0)

    @property
    def abandoned(self) -> int:
        return self.outcomes.get("abandoned_in_queue", 0)

    @property
    def connect_percent(self) -> float | None:
        """S04: answered of those who asked for a person. Who still waits is counted when it is decided."""
        return percent(self.answered, self.queued - self.waiting)

    @property
    def total_connect_percent(self) -> float | None:
        """S04b: answered of all that called, the blacklist left out."""
        return percent(self.answered, self.offered - self.blacklisted - self.undecided)

    @property
    def in_15_percent(self) -> float | None:
        """S05: answered within 15.0 s of the queue entry, of those who asked for a person."""
        return percent(self.answered_in_15, self.queued - self.waiting)

    @property
    def in_15_of_answered_percent(self) -> float | None:
        """S05b: the same, of those who were answered."""
        return percent(self.answered_in_15, self.answered)

    @property
    def abandoned_percent(self) -> float | None:
        """S07: hung up while waiting, of those who asked for a person."""
        return percent(self.abandoned, self.queued - self.waiting)

    @property
    def mean_wait_seconds(self) -> float | None:
        """S07: from the queue entry to the answer, of the answered; to 0.1 s."""
        return mean_seconds(self.wait_ms, self.answered)

    @property
    def mean_talk_seconds(self) -> float | None:
        """S07: of the answered whose talk is over; to 0.1 s."""
        return mean_seconds(self.talk_ms, self.talked)

    @property
    def patience_seconds(self) -> float | None:
        """Mean patience: all time spent waiting over all who gave up (exponential, censored by the answer)."""
        return mean_seconds(self.queue_ms, self.abandoned)


NUMBERS = tuple(f.name for f in fields(Tally) if f.name != "outcomes")


def total(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())


def percent(part: int, whole: int) -> float | None:
    """Return 100 · part / whole rounded half up to two decimals, out of integers; None of nothing."""
    if whole <= 0:
        return None
    return (2 * 10_000 * part + whole) // (2 * whole) / 100


def mean_seconds(milliseconds: int, count: int) -> float | None:
    """Return the mean in seconds, rounded half up to 0.1 s; None of nothing."""
    if count <= 0:
        return None
    return (2 * milliseconds + 100 * count) // (200 * count) / 10


@dataclass(frozen=True, kw_only=True)
class WorstWindow:
    """The 24 hours from `start` with the lowest connect rate of a period."""

    start: datetime
    percent: float

    @property
    def below_target(self) -> bool:
        return self.percent < CONNECT_TARGET


def worst_window(
    hours: Mapping[datetime, Tally], start: datetime, end: datetime
) -> WorstWindow | None:
    """S06: return the worst of the 24-hour windows that begin at whole hours and lie in [start, end).

    `hours` are counts by whole hour, those without calls may be missing. None if no window had a caller.
    """
    first = start.replace(minute=0, second=0, microsecond=0)
    first += _HOUR * (first < start)
    begin, answered, decided = first, 0, 0
    for step in range(24):
        answered, decided = _moved(hours.get(first + step * _HOUR), answered, decided, 1)
    worst: WorstWindow | None = None
    while begin + WINDOW <= end:
        rate = percent(answered, decided)
        if rate is not None and (worst is None or rate < worst.percent):
            worst = WorstWindow(start=begin, percent=rate)
        answered, decided = _moved(hours.get(begin), answered, decided, -1)
        answered, decided = _moved(hours.get(begin + WINDOW), answered, decided, 1)
        begin += _HOUR
    return worst


def _moved(hour: Tally | None, answered: int, decided: int, sign: int) -> tuple[int, int]:
    if hour is None:
        return answered, decided
    return answered + sign * hour.answered, decided + sign * (hour.queued - hour.waiting)
