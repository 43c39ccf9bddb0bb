"""What the advice is made from: past volumes, how long a call occupies a seat, who was at a seat when."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import WorkCalendar
from core.clock import SHANGHAI
from seats.models import AgentSession, StateChange
from seats.staffing.forecast import HALVES, DayVolumes
from telephony.tallies import tally
from telephony.volumes import callers_by_half_hour

HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)
RECENT = timedelta(weeks=4)
LONGEST_SHIFT = timedelta(days=2)
WRAP_UPS = 2_000
ENOUGH_CALLS = 30
CHUNK = timedelta(weeks=4)


@dataclass(frozen=True, kw_only=True)
class Handling:
    """How long a call occupies a seat, and how long callers wait before they give up, in seconds.

    `calls` were measured for it; what was seen too seldom to be measured is the stated assumption, named in `assumed`.
    """

    talk_seconds: float = 180.0
    wrap_up_seconds: float = 60.0
    patience_seconds: float = 120.0
    calls: int = 0
    assumed: tuple[str, ...] = ("talk", "wrap_up", "patience")


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def half_hours(day: date) -> list[datetime]:
    """Return the beginnings of the 48 half hours of a day in Yingkou."""
    return [midnight(day) + number * HALF_HOUR for number in range(HALVES)]


async def volumes(
    session: AsyncSession,
    calendar: WorkCalendar,
    first: date,
    end: date,
    tests: Collection[str],
) -> list[DayVolumes]:
    """Return the volumes of the days in [first, end)."""
    counts: dict[datetime, int] = {}
    start, stop = midnight(first), midnight(end)
    while start < stop:  # in pieces, so that a year of rows does not keep the desktops waiting
        until = min(start + CHUNK, stop)
        counts |= await callers_by_half_hour(session, start, until, tests)
        start = until
    days = [first + number * DAY for number in range((end - first).days)]
    return [
        DayVolumes(
            day=day,
            kind=calendar.kind(day),
            holiday=calendar.name(day),
            counts=tuple(counts.get(half, 0) for half in half_hours(day)),
        )
        for day in days
    ]


async def handling(session: AsyncSession, now: datetime, tests: Collection[str]) -> Handling:
    """Return what the last four weeks say about the length of calls, and what has to be assumed."""
    seen = await tally(session, now - RECENT, now, tests)
    wrap_ups = await _wrap_ups(session, now)
    found: dict[str, float] = {}
    if seen.talked >= ENOUGH_CALLS:
        found["talk"] = seen.mean_talk_seconds or 0.0
    if len(wrap_ups) >= ENOUGH_CALLS:
        found["wrap_up"] = round(sum(wrap_ups) / len(wrap_ups), 1)
    if seen.abandoned >= ENOUGH_CALLS:
        found["patience"] = seen.patience_seconds or 0.0
    usual = Handling()
    return Handling(
        talk_seconds=max(1.0, found.get("talk", usual.talk_seconds)),
        wrap_up_seconds=found.get("wrap_up", usual.wrap_up_seconds),
        patience_seconds=max(1.0, found.get("patience", usual.patience_seconds)),
        calls=seen.talked,
        assumed=tuple(what for what in usual.assumed if what not in found),
    )


async def staffed(session: AsyncSession, day: date, now: datetime) -> list[float | None]:
    """Return how many seats were staffed on average in each half hour of a day; None for what is not over yet."""
    start, end = midnight(day), midnight(day + DAY)
    rows = await session.execute(
        select(AgentSession.signed_in_at, AgentSession.ended_at).where(
            or_(
                AgentSession.ended_at.is_(None),
                AgentSession.signed_in_at >= start - LONGEST_SHIFT,
            ),
            AgentSession.signed_in_at < end,
        )
    )
    spans = [(row.signed_in_at, row.ended_at or now) for row in rows]
    return [
        _mean_staff(spans, half) if half + HALF_HOUR <= now else None for half in half_hours(day)
    ]


def _mean_staff(spans: Iterable[tuple[datetime, datetime]], half: datetime) -> float:
    inside = (
        max(timedelta(), min(end, half + HALF_HOUR) - max(start, half)) for start, end in spans
    )
    return round(sum(inside, timedelta()) / HALF_HOUR, 2)


async def _wrap_ups(session: AsyncSession, now: datetime) -> list[float]:
    """Return the lengths of the newest wrap-ups in seconds, out of each session's steps into and out of it."""
    rows = await session.execute(
        select(StateChange.session_id, StateChange.old, StateChange.new, StateChange.at)
        .where(
            StateChange.at >= now - RECENT,
            or_(StateChange.old == "wrap_up", StateChange.new == "wrap_up"),
        )
        .order_by(StateChange.at.desc(), StateChange.id.desc())
        .limit(2 * WRAP_UPS)
    )
    newest = [(row.session_id, row.old, row.new, row.at) for row in rows]
    return wrap_up_lengths(newest[::-1])


def wrap_up_lengths(steps: Sequence[tuple[int, str, str, datetime]]) -> list[float]:
    """Return how long each wrap-up lasted; `steps` are (session, old, new, at) in order, cut at both ends."""
    begun: dict[int, datetime] = {}
    lengths: list[float] = []
    for session_id, old, new, at in steps:
        if old == "wrap_up" and new != "wrap_up" and session_id in begun:
            lengths.append((at - begun.pop(session_id)).total_seconds())
        elif new == "wrap_up":
            begun.setdefault(session_id, at)
    return lengths
