"""Our own estimate of a caller's wait: Asterisk's is an average since its last restart, wrong after a shift change."""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from seats.leases import leases
from seats.models import StateChange
from seats.skill_book import ON_DUTY

LOOK_BACK = timedelta(hours=2)
FEWEST = 5
"""With fewer calls handled nothing is said: no estimate is better than a wrong one."""
LONGEST_MINUTES = 60


async def expected_minutes(session: AsyncSession, ahead: int, now: datetime) -> int | None:
    """Return how long a caller with `ahead` others before him may wait, in whole minutes; None where nobody knows.

    Asks how long the agents were busy with a call, talk and after-call work, in the last two hours.
    """
    seats = [row for row in await leases(session) if row.state in ON_DUTY]
    handled = await _handling_seconds(session, now - LOOK_BACK)
    if len(handled) < FEWEST:
        return None
    return estimate(ahead, len(seats), sum(handled) / len(handled))


def estimate(ahead: int, seats: int, handling_seconds: float) -> int | None:
    """Return minutes: `seats` free one after the other, each after `handling_seconds` (pure).

    The caller is taken by the (ahead + 1)th seat that becomes free. None with no seat, or beyond an hour.
    """
    if not seats:
        return None
    minutes = max(1, ceil((ahead + 1) * handling_seconds / seats / 60))
    return minutes if minutes <= LONGEST_MINUTES else None


async def anybody_free(session: AsyncSession) -> bool:
    """Tell whether a seat could ring at once."""
    return any(row.state == "ready" and row.device_lost_at is None for row in await leases(session))


async def _handling_seconds(session: AsyncSession, since: datetime) -> list[float]:
    """Return the lengths of the spells from the pick-up to the end of the after-call work."""
    query = (
        select(StateChange.session_id, StateChange.new, StateChange.at)
        .where(StateChange.at > since, StateChange.expected)
        .order_by(StateChange.id)
    )
    began: dict[int, datetime] = {}
    spells = []
    for session_id, new, at in await session.execute(query):
        if new == "talking":
            began[session_id] = at
        elif new != "wrap_up" and session_id in began:
            spells.append((at - began.pop(session_id)).total_seconds())
    return spells
