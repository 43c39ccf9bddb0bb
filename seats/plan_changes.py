"""What a manager may do to the seat plan: each change is a new entry with author and reason, none is ever removed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.security import Principal, Role, audit
from seats.errors import (
    AlreadyWithdrawn,
    BadRuleHours,
    NoSuchPlanEntry,
    NothingToUndo,
    OpenSeatsTooFew,
    OpenSeatsTooMany,
    WindowBackwards,
    WindowPast,
    WindowTooLong,
)
from seats.events import SeatPlanChanged
from seats.leases import lock_plan
from seats.models import PlanRow, SeatSetting
from seats.plan_book import WITHDRAWAL, load_plan, put_in_force
from seats.plan_rules import MIDNIGHT, DayGroup, open_seats_at
from seats.room import SeatRoom, Work

LEAST_OPEN = 1
LONGEST_WINDOW = timedelta(days=31)
MAY_PLAN = (Role.SHIFT_LEADER, Role.OFFICE_DIRECTOR)

Until = Literal["boundary", "changed"]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How many seats, why, and whether the manager has said that closing all of them is meant (`override`)."""

    open_seats: int
    reason: str
    override: bool = False


@dataclass(frozen=True, kw_only=True)
class Moment(Wish):
    """From now on: to the plan's next boundary, until it is changed, or to a time."""

    until: Until | datetime = "boundary"


@dataclass(frozen=True, kw_only=True)
class Window(Wish):
    """During one span of time, over midnight if need be."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing(Wish):
    """Always on these kinds of days, from minute `begins` to minute `ends` of the day."""

    days: Sequence[DayGroup] = field(default_factory=list)
    begins: int
    ends: int


async def change(room: SeatRoom, by: Principal, wish: Moment | Window | Standing) -> PlanRow:
    """Enter the wish into the plan; what it says of this moment is in force at once (B07).

    Raises OpenSeatsTooMany with the number that is free, OpenSeatsTooFew below one without `override`, and what is
    wrong with its times.
    """
    by.require(*MAY_PLAN)
    async with room.database.unit_of_work() as uow:
        setting = await lock_plan(uow.session)
        _check_count(wish, setting, room.settings.physical_seats)
        row = await _row(uow.session, room, wish)
        row.made_at, row.made_by, row.author = room.clock(), by.by, by.display_name
        row.reason, row.open_seats = wish.reason, wish.open_seats
        old = setting.open_seats
        await _enter(room, Work(uow), row, {"old": old, "new": wish.open_seats, **_told(wish)})
    return row


async def withdraw(room: SeatRoom, by: Principal, entry_id: int, reason: str) -> PlanRow:
    """Take an entry out of the plan from now on; NoSuchPlanEntry or AlreadyWithdrawn."""
    by.require(*MAY_PLAN)
    async with room.database.unit_of_work() as uow:
        await lock_plan(uow.session)
        row = await uow.session.get(PlanRow, entry_id)
        if row is None or row.kind == WITHDRAWAL:
            raise NoSuchPlanEntry()
        if await uow.session.scalar(select(PlanRow.id).where(PlanRow.withdraws == entry_id)):
            raise AlreadyWithdrawn()
        return await _withdraw(room, Work(uow), by, row, reason)


async def undo(room: SeatRoom, by: Principal, reason: str) -> PlanRow:
    """Withdraw the last change that still has an effect; NothingToUndo if there is none."""
    by.require(*MAY_PLAN)
    async with room.database.unit_of_work() as uow:
        await lock_plan(uow.session)
        row = await last_effective(uow.session, room.clock())
        if row is None:
            raise NothingToUndo()
        return await _withdraw(room, Work(uow), by, row, reason)


async def last_effective(session: AsyncSession, now: datetime) -> PlanRow | None:
    """Return what `undo` would withdraw: the newest entry in the plan whose time is not over."""
    gone = select(PlanRow.withdraws).where(PlanRow.withdraws.is_not(None))
    return await session.scalar(
        select(PlanRow)
        .where(
            PlanRow.kind != WITHDRAWAL,
            PlanRow.id.not_in(gone),
            or_(PlanRow.ends_at.is_(None), PlanRow.ends_at > now),
        )
        .order_by(PlanRow.id.desc())
        .limit(1)
    )


async def _withdraw(
    room: SeatRoom, work: Work, by: Principal, row: PlanRow, reason: str
) -> PlanRow:
    taken = PlanRow(
        kind=WITHDRAWAL, made_at=room.clock(), made_by=by.by, author=by.display_name,
        reason=reason, withdraws=row.id, days=[],
    )  # fmt: skip
    await _enter(room, work, taken, {"withdraws": row.id, "count": row.open_seats})
    return taken


async def _enter(room: SeatRoom, work: Work, row: PlanRow, told: dict[str, object]) -> None:
    """Store the row, audit it, and let the moment follow."""
    work.session.add(row)
    await work.session.flush()
    audit(
        work.session, row.made_at, row.made_by, f"seats.plan.{row.kind}", target=str(row.id),
        reason=row.reason, **told,
    )  # fmt: skip
    await put_in_force(room, work, row.made_by)
    work.publish(SeatPlanChanged(at=row.made_at, by=row.made_by))


def _check_count(wish: Wish, setting: SeatSetting, physical: int) -> None:
    if wish.open_seats > physical:
        free = max(physical - setting.open_seats, 0)
        raise OpenSeatsTooMany(physical=physical, open=setting.open_seats, free=free)
    if wish.open_seats < LEAST_OPEN and not (wish.override and wish.open_seats == 0):
        raise OpenSeatsTooFew(least=LEAST_OPEN)


async def _row(session: AsyncSession, room: SeatRoom, wish: Wish) -> PlanRow:
    now = room.clock()
    match wish:
        case Standing():
            if not 0 <= wish.begins < wish.ends <= MIDNIGHT or not wish.days:
                raise BadRuleHours()
            days = sorted(set(wish.days))
            return PlanRow(kind="standing", days=days, begins=wish.begins, ends=wish.ends)
        case Window():
            starts_at = max(wish.starts_at, now)
            _check_span(wish.starts_at, wish.ends_at, now)
            return PlanRow(kind="window", starts_at=starts_at, ends_at=wish.ends_at, days=[])
        case Moment():
            ends_at = await _end_of_moment(session, room, wish.until, now)
            return PlanRow(kind="now", starts_at=now, ends_at=ends_at, days=[])
    raise TypeError(wish)


async def _end_of_moment(
    session: AsyncSession, room: SeatRoom, until: Until | datetime, now: datetime
) -> datetime | None:
    """Return when a change of the moment ends: the boundary is the one of the plan beneath it."""
    if isinstance(until, datetime):
        _check_span(now, until, now)
        return until
    if until == "changed":
        return None
    beneath = [entry for entry in await load_plan(session, room, now) if entry.kind != "now"]
    return open_seats_at(beneath, room.calendar().kind, now).until


def _check_span(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at:
        raise WindowBackwards()
    if ends_at <= now:
        raise WindowPast()
    if ends_at - starts_at > LONGEST_WINDOW:
        raise WindowTooLong(days=LONGEST_WINDOW.days)


def _told(wish: Wish) -> dict[str, object]:
    """What the audit must tell of a wish besides the number: an override above all."""
    told: dict[str, object] = {"override": True} if wish.override and not wish.open_seats else {}
    match wish:
        case Moment(until=until):
            told["until"] = until.isoformat() if isinstance(until, datetime) else until
        case Window():
            told |= {"from": wish.starts_at.isoformat(), "to": wish.ends_at.isoformat()}
        case Standing():
            told |= {"days": sorted(wish.days), "from": wish.begins, "to": wish.ends}
    return told
