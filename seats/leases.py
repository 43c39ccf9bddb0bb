"""Leases: who holds which seat. One agent per seat, one seat per agent, never more than open seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import SHANGHAI
from core.security import Principal
from seats.errors import NoSuchSeat, SeatClosed, SeatsFull, SeatTaken, SignedInElsewhere
from seats.models import PLAN_ID, AgentSession, Seat, SeatSetting

ACTIVE: ColumnElement[bool] = AgentSession.ended_at.is_(None)

# Made once: to build these statements costs as much as to run them, and each call runs them twenty times.
_PLAN_LOCKED = select(SeatSetting).where(SeatSetting.id == PLAN_ID).with_for_update()
_LEASE = select(AgentSession).where(ACTIVE)
_AT = _LEASE.where(AgentSession.endpoint == bindparam("endpoint"))
_OF = _LEASE.where(AgentSession.account_id == bindparam("account_id"))
_AT_SEAT = {False: _AT, True: _AT.with_for_update()}
_OF_AGENT = {False: _OF, True: _OF.with_for_update()}


@dataclass(frozen=True)
class Claim:
    """Who wants which seat, when, by when Asterisk must have confirmed, and how many seats are open."""

    principal: Principal
    seat: str
    at: datetime
    confirm_by: datetime
    physical_seats: int
    open_seats: int


async def lock_plan(session: AsyncSession) -> SeatSetting:
    """Return the plan row, locked to the end of the transaction: sign-ins and the last-ready rule take turns.

    SQLite needs no row lock: its transactions begin IMMEDIATE. Lock the plan before any session row.
    """
    return (await session.scalars(_PLAN_LOCKED)).one()


async def take_lease(session: AsyncSession, claim: Claim) -> AgentSession:
    """Give the seat to the agent, or return the lease that the agent already holds there.

    The caller holds the plan's lock (`lock_plan`) since before it asked how many seats are open.
    Raises SignedInElsewhere, NoSuchSeat, SeatTaken, SeatClosed or SeatsFull.
    """
    mine = await lease_of(session, claim.principal.account_id, lock=True)
    if mine is not None:
        if mine.seat_number != claim.seat:
            raise SignedInElsewhere(seat=mine.seat_number)
        return mine
    seat = await find_seat(session, claim.seat, claim.physical_seats)
    holder = await lease_at(session, seat.endpoint)
    if holder is not None:
        since = holder.signed_in_at.astimezone(SHANGHAI).strftime("%H:%M")
        raise SeatTaken(seat=seat.number, agent=holder.agent_name, since=since)
    if seat.out_of_service:
        raise SeatClosed(seat=seat.number)
    taken = await count_leases(session)
    if taken >= claim.open_seats:
        raise SeatsFull(taken=taken, open=claim.open_seats)
    lease = _new_lease(claim, seat)
    session.add(lease)
    await session.flush()
    return lease


async def find_seat(session: AsyncSession, number: str, physical_seats: int) -> Seat:
    """Return the seat called `number`; NoSuchSeat if there is none among the physical seats."""
    seat = await session.scalar(
        select(Seat).where(Seat.number == number, Seat.id <= physical_seats)
    )
    if seat is None:
        raise NoSuchSeat(seat=number[:8])
    return seat


async def lease_of(
    session: AsyncSession, account_id: int, *, lock: bool = False
) -> AgentSession | None:
    """Return the lease that the agent holds now."""
    return await session.scalar(_OF_AGENT[lock], {"account_id": account_id})


async def lease_at(
    session: AsyncSession, endpoint: str, *, lock: bool = False
) -> AgentSession | None:
    """Return the lease on the seat with this SIP endpoint now."""
    return await session.scalar(_AT_SEAT[lock], {"endpoint": endpoint})


async def leases(session: AsyncSession, *, lock: bool = False) -> Sequence[AgentSession]:
    """Return all leases held now, by seat."""
    query = select(AgentSession).where(ACTIVE).order_by(AgentSession.seat_id)
    return (await session.scalars(query.with_for_update() if lock else query)).all()


async def count_leases(session: AsyncSession) -> int:
    return await session.scalar(select(func.count(AgentSession.id)).where(ACTIVE)) or 0


async def another_ready(session: AsyncSession, lease: AgentSession) -> bool:
    """Tell whether somebody else could take the next call now."""
    others = select(func.count(AgentSession.id)).where(
        ACTIVE,
        AgentSession.id != lease.id,
        AgentSession.state == "ready",
        AgentSession.device_lost_at.is_(None),
        AgentSession.wanted != "leave",  # being taken back by the plan, see seats/drain.py
    )
    return bool(await session.scalar(others))


def _new_lease(claim: Claim, seat: Seat) -> AgentSession:
    return AgentSession(
        seat_id=seat.id,
        seat_number=seat.number,
        endpoint=seat.endpoint,
        account_id=claim.principal.account_id,
        agent_name=claim.principal.display_name,
        signed_in_at=claim.at,
        since=claim.at,
        check_at=claim.confirm_by,
        browser_seen_at=claim.at,
        device_lost_at=claim.at,
    )
