"""Taking seats back when the plan opens fewer: told in time, never during a call, never the last one that serves."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from core.security import Principal, audit
from seats.drain import ANNOUNCED, LEAVING, may_leave, notice_due, who_leaves
from seats.errors import NobodyAtSeat, NotAtASeat
from seats.events import AgentState, SeatPlanChanged
from seats.leases import lease_of, leases, lock_plan
from seats.models import AgentSession
from seats.plan_book import PlanNow, plan_at
from seats.plan_changes import MAY_PLAN
from seats.room import SeatRoom
from seats.roster.duty import rostered
from seats.signing import leave

log = structlog.get_logger(__name__)
FREE: frozenset[AgentState] = frozenset({"not_ready", "ready"})


async def review(room: SeatRoom) -> None:
    """Choose anew who is to leave and who is to be told. What was chosen is in the database, so it is kept."""
    async with room.reading() as session:
        rows = await leases(session)
        now = await plan_at(session, room, room.clock())
        on_shift = await _on_shift(session, rows, now)
    if not _choose(rows, now, on_shift):
        return
    async with room.database.unit_of_work() as uow:
        await lock_plan(uow.session)
        rows = await leases(uow.session, lock=True)
        now = await plan_at(uow.session, room, room.clock())
        if _choose(rows, now, await _on_shift(uow.session, rows, now)):
            uow.publish(SeatPlanChanged(at=room.clock()))


async def drain(room: SeatRoom) -> None:
    """Let those go who are to leave and are free, in order; a wrap-up is ended by the sweep, a call by the people."""
    now = room.clock()
    async with room.reading() as session:
        rows = await leases(session)
    for row in rows:
        if draining(row, now) and row.state in FREE:
            async with room.effects.lock(row.endpoint):
                await let_go(room, row)


def draining(row: AgentSession, now: datetime) -> bool:
    """Tell whether the seat is to be given back as soon as it is free."""
    return row.leaves_at is not None and row.leaves_at <= now


async def let_go(room: SeatRoom, row: AgentSession) -> bool:
    """End the lease of an agent who is free, unless the floor would be left without anybody; tell whether it ended.

    The caller holds the seat's turn. It is decided under the plan's lock, so that two processes cannot let the
    last two go, and before Asterisk is told: a queue without members turns its callers away.
    """
    async with room.lease(row.endpoint, plan=True) as (work, current):
        if current is None or current.id != row.id or not draining(current, room.clock()):
            return False
        if current.state not in FREE | {"wrap_up"}:
            return False
        now = await plan_at(work.session, room, room.clock())
        if not may_leave(current, await leases(work.session), now.count):
            return False
        current.wanted, current.wanted_reason = LEAVING, ""
    log.info("seat given back by the plan", seat=row.seat_number)
    return await leave(room, row, "plan")


async def set_stays(room: SeatRoom, by: Principal, seat: str, stays: bool, reason: str) -> None:
    """Exempt the agent at `seat` from leaving until he signs out, or take that back; audited. NobodyAtSeat."""
    by.require(*MAY_PLAN)
    async with room.database.unit_of_work() as uow:
        await lock_plan(uow.session)
        row = await _at(uow.session, seat)
        row.stays = stays
        audit(
            uow.session, room.clock(), by.by, "seats.stay", target=row.seat_number,
            stays=stays, account=row.account_id, reason=reason,
        )  # fmt: skip
        uow.publish(SeatPlanChanged(at=room.clock(), by=by.by))
    await review(room)


async def notice_seen(room: SeatRoom, by: Principal) -> None:
    """The agent has seen the present notice: it is not shown again. Raises NotAtASeat."""
    async with room.database.unit_of_work() as uow:
        row = await lease_of(uow.session, by.account_id, lock=True)
        if row is None:
            raise NotAtASeat()
        if not row.notice_seen:
            row.notice_seen = True
            uow.publish(SeatPlanChanged(at=room.clock(), by=by.by))


async def _on_shift(
    session: AsyncSession, rows: Sequence[AgentSession], now: PlanNow
) -> frozenset[int]:
    """Return whose shift it is by the published roster, after a change that is near, else now."""
    following = now.following
    near = following is not None and following.starts_at <= now.at + ANNOUNCED
    if following is not None and near and following.count < len(rows):
        return frozenset(each.account_id for each in await rostered(session, following.starts_at))
    if now.count < len(rows):
        return frozenset(each.account_id for each in await rostered(session, now.at))
    return frozenset()


def _choose(rows: Sequence[AgentSession], now: PlanNow, on_shift: frozenset[int]) -> bool:
    """Write the choice into the rows; tell whether anything is other than before."""
    following = now.following
    lower = (following.starts_at, following.count) if following else None
    leaving = who_leaves(rows, now.at, now.count, lower, on_shift)
    changed = [_mark(row, leaving.get(row.id), now.at) for row in rows]
    return any(changed)


def _mark(row: AgentSession, leaves_at: datetime | None, now: datetime) -> bool:
    before = row.leaves_at, row.notice_minutes, row.wanted
    if leaves_at is None and row.wanted == LEAVING:
        row.wanted = ""  # whoever began to let him go has died, and now he stays
    if leaves_at != row.leaves_at:
        row.leaves_at, row.notice_minutes, row.notice_seen = leaves_at, 0, False
    due = notice_due(leaves_at, now) if leaves_at else 0
    if due and (row.notice_minutes == 0 or due < row.notice_minutes):
        row.notice_minutes, row.notice_seen = due, False
    return before != (row.leaves_at, row.notice_minutes, row.wanted)


async def _at(session: AsyncSession, seat: str) -> AgentSession:
    number = seat.zfill(2)
    for row in await leases(session, lock=True):
        if row.seat_number == number:
            return row
    raise NobodyAtSeat(seat=seat[:8])
