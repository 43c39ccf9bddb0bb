"""What the staffing advice asks of the ledger: callers by half hour, how long talks and patience last.

Each question is a range of `ix_call_started`, like those of tallies.py, with fewer columns.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from telephony.models import CallRow
from telephony.tallies import asked, half_hour_of, in_period, ten_minutes


async def callers_by_half_hour(
    session: AsyncSession, start: datetime, end: datetime, tests: Collection[str] = ()
) -> dict[datetime, int]:
    """Return how many callers asked for a person (S02) in each half hour of [start, end) in which one did."""
    bucket = ten_minutes(session).label("bucket")
    query = select(bucket, func.count().label("callers")).where(in_period(start, end), asked)
    if tests:
        query = query.where(CallRow.caller.not_in(tests))
    halves: dict[datetime, int] = {}
    for row in await session.execute(query.group_by("bucket")):
        half = half_hour_of(row.bucket)
        halves[half] = halves.get(half, 0) + int(row.callers)
    return halves


async def first_call(session: AsyncSession) -> datetime | None:
    """Return when the oldest call of the ledger began."""
    return await session.scalar(select(func.min(CallRow.started_at)))
