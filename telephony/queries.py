"""What the rooms above may ask about calls; every query is bounded and runs on an index."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from core.errors import NotFound
from telephony.events import Outcome
from telephony.models import CallRow, FactRow, SegmentRow

MOST = 200
UNSERVED: tuple[Outcome, ...] = ("abandoned_in_queue", "timed_out", "left_empty")


async def call_lines(
    session: AsyncSession,
    *,
    caller: str | None = None,
    endpoint: str | None = None,
    account_calls: Sequence[str] | None = None,
    limit: int = 20,
    before: datetime | None = None,
) -> list[CallRow]:
    """Return calls, newest first, with their segments; `before` is the last line's `started_at` (exclusive).

    `caller` is a normalised number: '' (unknown) finds nothing, since unknown callers are not one person.
    `endpoint`: calls in which this seat talked. `account_calls`: only these call ids.
    """
    if caller == "" or (account_calls is not None and not account_calls):
        return []
    query = select(CallRow).options(selectinload(CallRow.segments))
    if caller is not None:
        query = query.where(CallRow.caller == caller)
    if endpoint is not None:
        talked = select(SegmentRow.call_id).where(SegmentRow.endpoint == endpoint)
        if before is not None:
            # Talk begins after its call does, but never a day after.
            talked = talked.where(SegmentRow.started_at < before + timedelta(days=1))
        # Only the seat's newest segments are looked at, however long its history is.
        newest = talked.order_by(SegmentRow.started_at.desc()).limit(MOST).subquery()
        query = query.where(CallRow.id.in_(select(newest.c.call_id)))
    if account_calls is not None:
        query = query.where(CallRow.id.in_(account_calls))
    if before is not None:
        query = query.where(CallRow.started_at < before)
    query = query.order_by(CallRow.started_at.desc(), CallRow.id.desc()).limit(min(limit, MOST))
    return list(await session.scalars(query))


async def call(session: AsyncSession, call_id: str) -> CallRow:
    """Return one call with legs, offers and segments; NotFound."""
    query = (
        select(CallRow)
        .where(CallRow.id == call_id)
        .options(
            selectinload(CallRow.legs),
            selectinload(CallRow.offers),
            selectinload(CallRow.segments),
        )
    )
    row = await session.scalar(query)
    if row is None:
        raise NotFound(what="call")
    return row


async def timeline(session: AsyncSession, call_id: str) -> list[FactRow]:
    """Return the recorded facts of a call in order; [] for an unknown call."""
    query = select(FactRow).where(FactRow.call_id == call_id).order_by(FactRow.seq)
    return list(await session.scalars(query))


async def caller_of(session: AsyncSession, call_id: str) -> str:
    """Return the number of a call, '' for an unknown call or caller."""
    return await session.scalar(select(CallRow.caller).where(CallRow.id == call_id)) or ""


async def lost_unknown(session: AsyncSession, *, since: datetime, least_wait: float) -> int:
    """Return how many callers without a number have left unserved since then, those who hung up sooner left out."""
    query = select(func.count()).where(
        CallRow.started_at >= since,
        CallRow.caller == "",
        CallRow.outcome.in_(UNSERVED),
        (CallRow.outcome != "abandoned_in_queue") | (CallRow.waited_seconds > least_wait),
    )
    return await session.scalar(query) or 0
