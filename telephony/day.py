"""Counts over calls by time, for boards and alarms: what was offered to people, what was answered, how fast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from telephony.models import CallRow

IN_TIME_SECONDS = 15.0
LONGEST_MENU = timedelta(hours=1)
"""A call reaches the queue at most so long after it began."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """Of the calls that asked for a person (D-22): how many, answered, answered within 15 s."""

    offered: int
    answered: int
    in_time: int

    @property
    def connect_rate(self) -> float | None:
        return self.answered / self.offered if self.offered else None

    @property
    def in_time_rate(self) -> float | None:
        return self.in_time / self.offered if self.offered else None


async def served(session: AsyncSession, since: datetime, until: datetime) -> Served:
    """Count the calls that entered the queue in [since, until) and are decided: answered, or over."""
    answered = CallRow.answered_at.is_not(None)
    in_time = answered & (CallRow.waited_seconds <= IN_TIME_SECONDS)
    query = select(
        func.count(),
        func.coalesce(func.sum(case((answered, 1), else_=0)), 0),
        func.coalesce(func.sum(case((in_time, 1), else_=0)), 0),
    ).where(
        CallRow.started_at >= since - LONGEST_MENU,
        CallRow.started_at < until,
        CallRow.queued_at >= since,
        CallRow.queued_at < until,
        answered | CallRow.outcome.is_not(None),
    )
    offered, of_them, quickly = (await session.execute(query)).one()
    return Served(offered=offered, answered=of_them, in_time=quickly)


async def by_interval(
    session: AsyncSession, begin: datetime, length: timedelta, count: int
) -> Sequence[Served]:
    """Count the calls that entered the queue in each of `count` intervals from `begin`."""
    end = begin + count * length
    query = select(CallRow.queued_at, CallRow.answered_at, CallRow.waited_seconds).where(
        CallRow.started_at >= begin - LONGEST_MENU,
        CallRow.started_at < end,
        CallRow.queued_at >= begin,
        CallRow.queued_at < end,
    )
    offered, answered, in_time = [0] * count, [0] * count, [0] * count
    for queued_at, answered_at, waited in await session.execute(query):
        assert queued_at is not None
        slot = int((queued_at - begin) / length)
        offered[slot] += 1
        if answered_at is not None:
            answered[slot] += 1
            in_time[slot] += waited <= IN_TIME_SECONDS
    return [
        Served(offered=o, answered=a, in_time=t)
        for o, a, t in zip(offered, answered, in_time, strict=True)
    ]
