"""How many seats are open at a moment: one pure function over the plan's entries and the calendar."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from core.calendar import DayKind
from core.clock import SHANGHAI

DayGroup = Literal["workday", "rest", "holiday"]
EntryKind = Literal["default", "standing", "window", "now"]
KindOf = Callable[[date], DayKind]

GROUPS: dict[DayKind, DayGroup] = {
    DayKind.WORK: "workday",
    DayKind.MAKEUP: "workday",  # 调休 counts as a working day (D-01)
    DayKind.REST: "rest",
    DayKind.HOLIDAY: "holiday",
}
EVERY_DAY: frozenset[DayGroup] = frozenset(GROUPS.values())
MIDNIGHT = 24 * 60

PRECEDENCE: tuple[frozenset[EntryKind], ...] = (
    # What is said of one occasion goes before what is said of all days; within a line the last one made wins.
    frozenset({"now", "window"}),
    frozenset({"standing"}),
    frozenset({"default"}),
)

HORIZON = timedelta(days=40)
"""How far ahead a change is looked for; the longest stretch without one in the default plan is a holiday week."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the plan: so many seats, at certain hours of certain days or during one span of time.

    A `default` or `standing` entry is in force on `days` from minute `begins` to minute `ends` of the Shanghai
    day; a `window` or `now` entry from `starts_at` to `ends_at` (None: until it is changed). Ends are exclusive.
    It is part of the plan from `made_at` to `withdrawn_at`: what the plan said in the past never changes.
    """

    id: int
    kind: EntryKind
    open_seats: int
    made_at: datetime
    reason: str = ""
    author: str = ""
    withdrawn_at: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    days: frozenset[DayGroup] = frozenset()
    begins: int = 0
    ends: int = MIDNIGHT

    def known(self, at: datetime) -> bool:
        return self.made_at <= at and (self.withdrawn_at is None or at < self.withdrawn_at)

    def covers(self, at: datetime, kind_of: KindOf) -> bool:
        """Tell whether the entry speaks of the moment `at`."""
        if self.starts_at is not None:
            return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)
        local = at.astimezone(SHANGHAI)
        minute = local.hour * 60 + local.minute
        return self.begins <= minute < self.ends and GROUPS[kind_of(local.date())] in self.days


@dataclass(frozen=True)
class Opening:
    """The answer for a moment: how many, because of which entry, and until when it is the same.

    `until` is exclusive, None if nothing changes within the horizon.
    """

    count: int
    why: Entry
    until: datetime | None


@dataclass(frozen=True)
class Stretch:
    """A span of time with one answer."""

    starts_at: datetime
    ends_at: datetime
    count: int
    why: Entry


def open_seats_at(plan: Sequence[Entry], kind_of: KindOf, at: datetime) -> Opening:
    """Return how many seats the plan opens at `at` (aware), why, and until when.

    Every plan contains default entries for every hour of every day, so there is always exactly one answer.
    """
    why = in_force(plan, kind_of, at)
    for edge in _edges(plan, at):
        if in_force(plan, kind_of, edge).id != why.id:
            return Opening(why.open_seats, why, edge)
    return Opening(why.open_seats, why, None)


def in_force(plan: Sequence[Entry], kind_of: KindOf, at: datetime) -> Entry:
    """Return the one entry that decides at `at`."""
    known = [entry for entry in plan if entry.known(at)]
    # A change of the moment replaces the one before it for good: when it ends, the plan is back, not its forerunner.
    latest = max((e for e in known if e.kind == "now"), key=_age, default=None)
    for kinds in PRECEDENCE:
        found = [
            entry
            for entry in known
            if entry.kind in kinds
            and (entry.kind != "now" or entry is latest)
            and entry.covers(at, kind_of)
        ]
        if found:
            return max(found, key=_age)
    raise ValueError("the plan has no default for this moment")


def next_change(plan: Sequence[Entry], kind_of: KindOf, at: datetime, most: int) -> Stretch | None:
    """Return the next span with another count than at `at`, both capped at `most`; None within the horizon."""
    now = open_seats_at(plan, kind_of, at)
    following = now
    while following.until is not None and following.until < at + HORIZON:
        begins = following.until
        following = open_seats_at(plan, kind_of, begins)
        if min(following.count, most) != min(now.count, most):
            ends = following.until or begins + HORIZON
            return Stretch(begins, ends, min(following.count, most), following.why)
    return None


def stretches(
    plan: Sequence[Entry], kind_of: KindOf, begins: datetime, ends: datetime
) -> list[Stretch]:
    """Return the spans between two moments, in order and without gaps."""
    found: list[Stretch] = []
    while begins < ends:
        opening = open_seats_at(plan, kind_of, begins)
        until = min(opening.until or ends, ends)
        found.append(Stretch(begins, until, opening.count, opening.why))
        begins = until
    return found


def default_entries(day_seats: int, other_seats: int, begins: time, ends: time) -> list[Entry]:
    """Return the plan of the specification (B04, B05): working days by day, and all other hours."""
    always = datetime.min.replace(tzinfo=UTC)
    rest = Entry(id=-2, kind="default", open_seats=other_seats, made_at=always, days=EVERY_DAY)
    day = Entry(
        id=-1, kind="default", open_seats=day_seats, made_at=always, days=frozenset({"workday"}),
        begins=begins.hour * 60 + begins.minute, ends=ends.hour * 60 + ends.minute,
    )  # fmt: skip
    return [rest, day]


def _age(entry: Entry) -> tuple[datetime, int]:
    return entry.made_at, entry.id


def _edges(plan: Sequence[Entry], after: datetime) -> Iterator[datetime]:
    """Yield, in order, every moment after `after` at which the answer may change."""
    last = after + HORIZON
    single = sorted(
        moment
        for entry in plan
        for moment in (entry.made_at, entry.withdrawn_at, entry.starts_at, entry.ends_at)
        if moment is not None and after < moment <= last
    )
    minutes = {0} | {m for e in plan if e.days for m in (e.begins, e.ends)}
    day = after.astimezone(SHANGHAI).date()
    while (midnight := datetime.combine(day, time(), SHANGHAI).astimezone(UTC)) <= last:
        day += timedelta(days=1)
        tomorrow = midnight + timedelta(days=1)
        daily = (midnight + timedelta(minutes=minute) for minute in minutes)
        todays = {moment for moment in single if midnight <= moment < tomorrow}
        yield from sorted(moment for moment in {*daily, *todays} if after < moment < tomorrow)
