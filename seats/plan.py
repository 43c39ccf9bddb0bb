"""The seats that exist, and how many of them may be staffed now."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.config import Settings
from core.security import Principal, Role, audit
from seats.errors import OpenSeatsTooFew, OpenSeatsTooMany
from seats.events import OpenSeatsChanged
from seats.leases import count_leases, leases, lock_plan
from seats.models import PLAN_ID, Seat, SeatSetting
from seats.room import SeatRoom
from seats.views import Plan, SeatView, seat_view

LEAST_OPEN = 1
MAY_PLAN = (Role.SHIFT_LEADER, Role.OFFICE_DIRECTOR)


async def ensure_seats(room: SeatRoom) -> None:
    """Make the plan and the missing seats on the first start, or after `physical_seats` was raised."""
    try:
        async with room.database.unit_of_work() as uow:
            if await uow.session.get(SeatSetting, PLAN_ID) is None:
                uow.session.add(_first_plan(room))
                await uow.session.flush()
            await lock_plan(uow.session)
            known = set(await uow.session.scalars(select(Seat.id)))
            for number in range(1, room.settings.physical_seats + 1):
                if number not in known:
                    uow.session.add(_seat(number))
    except IntegrityError:
        # Another process made the plan row at the same moment; now it is there.
        await ensure_seats(room)


async def set_open_seats(room: SeatRoom, count: int, reason: str, by: Principal) -> Plan:
    """Set how many seats may be staffed, from now on and across restarts; audited (B07).

    Raising it opens seats at once; more than exist is refused with the number that is free. Lowering it cuts no
    call and signs nobody out: it holds for new sign-ins, and the staffed seats above it end as agents leave.
    """
    by.require(*MAY_PLAN)
    physical = room.settings.physical_seats
    if count < LEAST_OPEN:
        raise OpenSeatsTooFew(least=LEAST_OPEN)
    async with room.database.unit_of_work() as uow:
        plan = await lock_plan(uow.session)
        if count > physical:
            free = max(physical - plan.open_seats, 0)
            raise OpenSeatsTooMany(physical=physical, open=plan.open_seats, free=free)
        now, before = room.clock(), plan.open_seats
        plan.open_seats, plan.changed_at, plan.changed_by = count, now, by.by
        plan.reason = reason
        audit(uow.session, now, by.by, "seats.open", old=before, new=count, reason=reason)
        if before != count:
            uow.publish(
                OpenSeatsChanged(
                    at=now, by=by.by, open_seats=count, physical_seats=physical, reason=reason
                )
            )
    return Plan(open_seats=count, physical_seats=physical)


async def plan_now(session: AsyncSession, settings: Settings) -> Plan:
    """Return the plan in force; a physical maximum that was lowered since caps it."""
    row = await session.get_one(SeatSetting, PLAN_ID)
    physical = settings.physical_seats
    return Plan(open_seats=min(row.open_seats, physical), physical_seats=physical)


async def seat_board(session: AsyncSession, settings: Settings) -> list[SeatView]:
    """Return every physical seat with who is there, by number; staffed ones beyond the maximum too."""
    plan = await plan_now(session, settings)
    full = await count_leases(session) >= plan.open_seats
    staffed = {row.seat_id: row for row in await leases(session)}
    seats = await session.scalars(select(Seat).order_by(Seat.id))
    return [
        seat_view(seat, staffed.get(seat.id), full=full)
        for seat in seats
        if seat.id <= plan.physical_seats or seat.id in staffed
    ]


def _first_plan(room: SeatRoom) -> SeatSetting:
    return SeatSetting(
        id=PLAN_ID,
        open_seats=min(room.settings.open_seats, room.settings.physical_seats),
        changed_at=room.clock(),
        changed_by="system",
    )


def _seat(number: int) -> Seat:
    return Seat(id=number, number=f"{number:02d}", endpoint=f"seat{number:02d}")
