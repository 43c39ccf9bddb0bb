"""Counts over calls by time, for boards and alarms: what was offered to people, what was answered, how fast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from telephony.models import CallRow
from telephony.queries import UNSERVED

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


# Whom nobody could serve never joined a queue, but he asked for a person.
_asked_at = func.coalesce(CallRow.queued_at, CallRow.started_at)
_asked = CallRow.queued_at.is_not(None) | CallRow.outcome.in_(UNSERVED)


async def served(session: AsyncSession, since: datetime, until: datetime) -> Served:
    """Count the calls that asked for a person in [since, until) and are decided: answered, or over."""
    answered = CallRow.answered_at.is_not(None)
    in_time = answered & (CallRow.waited_seconds <= IN_TIME_SECONDS)
    query = select(
        func.count(),
        func.coalesce(func.sum(case((answered, 1), else_=0)), 0),
        func.coalesce(func.sum(case((in_time, 1), else_=0)), 0),
    ).where(*_asked_between(since, until))
    offered, of_them, quickly = (await session.execute(query)).one()
    return Served(offered=offered, answered=of_them, in_time=quickly)


async def by_interval(
    session: AsyncSession, begin: datetime, length: timedelta, count: int
) -> Sequence[Served]:
    """Count the calls that asked for a person in each of `count` intervals from `begin` and are decided."""
    query = select(
        CallRow.queued_at, CallRow.started_at, CallRow.answered_at, CallRow.waited_seconds
    ).where(*_asked_between(begin, begin + count * length))
    offered, answered, in_time = [0] * count, [0] * count, [0] * count
    for queued_at, started_at, answered_at, waited in await session.execute(query):
        slot = int(((queued_at or started_at) - begin) / length)
        offered[slot] += 1
        if answered_at is not None:
            answered[slot] += 1
            in_time[slot] += waited <= IN_TIME_SECONDS
    return [
        Served(offered=o, answered=a, in_time=t)
        for o, a, t in zip(offered, answered, in_time, strict=True)
    ]


def _asked_between(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """The index is on the start of a call: it bounds what is looked at."""
    return (
        CallRow.started_at >= since - LONGEST_MENU,
        CallRow.started_at < until,
        _asked,
        _asked_at >= since,
        _asked_at < until,
        CallRow.answered_at.is_not(None) | CallRow.outcome.is_not(None),
    )
