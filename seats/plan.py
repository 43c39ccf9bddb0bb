"""The seats that exist, who is there, and what the plan means for them now."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from seats.drain import drain_order, may_leave
from seats.draining import draining
from seats.leases import leases, lock_plan
from seats.models import PLAN_ID, AgentSession, Seat, SeatSetting
from seats.plan_book import PlanNow, plan_at
from seats.room import SeatRoom
from seats.views import NextCount, Plan, SeatView, seat_view


async def ensure_seats(room: SeatRoom) -> None:
    """Make the plan and the missing seats on the first start, or after `physical_seats` was raised."""
    try:
        async with room.database.unit_of_work() as uow:
            if await uow.session.get(SeatSetting, PLAN_ID) is None:
                uow.session.add(await _first_setting(uow.session, room))
                await uow.session.flush()
            await lock_plan(uow.session)
            known = set(await uow.session.scalars(select(Seat.id)))
            for number in range(1, room.settings.physical_seats + 1):
                if number not in known:
                    uow.session.add(_seat(number))
    except IntegrityError:
        # Another process made the plan row at the same moment; now it is there.
        await ensure_seats(room)


def plan_view(now: PlanNow, rows: Sequence[AgentSession], physical: int) -> Plan:
    """Return what everybody may know of the plan; a physical maximum that was lowered since caps it."""
    why, following = now.opening.why, now.following
    return Plan(
        open_seats=now.count,
        physical_seats=physical,
        why=why.kind,
        reason=why.reason,
        author=why.author,
        until=now.opening.until,
        next=NextCount(
            at=following.starts_at,
            open_seats=following.count,
            reason=following.why.reason,
            author=following.why.author,
        )
        if following
        else None,
        drain=tuple(row.seat_number for row in drain_order(rows, now.at) if row.leaves_at),
    )


async def plan_now(session: AsyncSession, room: SeatRoom) -> Plan:
    """Return the plan in force."""
    now = await plan_at(session, room, room.clock())
    return plan_view(now, await leases(session), room.settings.physical_seats)


async def seat_board(session: AsyncSession, room: SeatRoom) -> tuple[list[SeatView], Plan]:
    """Return every physical seat with who is there, by number, and the plan; staffed ones beyond the maximum too."""
    now, rows = await plan_at(session, room, room.clock()), await leases(session)
    physical = room.settings.physical_seats
    full = len(rows) >= now.count
    staffed = {row.seat_id: row for row in rows}
    held = {
        row.id
        for row in rows
        if row.state == "ready" and draining(row, now.at) and not may_leave(row, rows, now.count)
    }
    board = [
        seat_view(seat, row, full=full, held=row is not None and row.id in held)
        for seat in await session.scalars(select(Seat).order_by(Seat.id))
        if (row := staffed.get(seat.id)) is not None or seat.id <= physical
    ]
    return board, plan_view(now, rows, physical)


async def _first_setting(session: AsyncSession, room: SeatRoom) -> SeatSetting:
    now = await plan_at(session, room, room.clock())
    return SeatSetting(id=PLAN_ID, open_seats=now.count, changed_at=now.at, changed_by="system")


def _seat(number: int) -> Seat:
    return Seat(id=number, number=f"{number:02d}", endpoint=f"seat{number:02d}")
