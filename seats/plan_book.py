"""The seat plan as it is stored: rows in, the pure plan out, and the count in force kept in step with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.security import audit
from seats.events import OpenSeatsChanged
from seats.leases import lock_plan
from seats.models import PLAN_ID, PlanRow, SeatSetting
from seats.plan_rules import (
    DayGroup,
    Entry,
    EntryKind,
    Opening,
    Stretch,
    default_entries,
    next_change,
    open_seats_at,
)
from seats.room import SeatRoom, Work

WITHDRAWAL = "withdrawal"


@dataclass(frozen=True)
class PlanNow:
    """The plan, what it says of one moment, and the next other count. Counts are capped at the seats that exist."""

    entries: Sequence[Entry]
    at: datetime
    opening: Opening
    count: int
    following: Stretch | None


async def plan_at(session: AsyncSession, room: SeatRoom, at: datetime) -> PlanNow:
    """Return the plan with its answer for `at`, which is now or later."""
    entries, kind_of = await load_plan(session, room, at), room.calendar().kind
    physical = room.settings.physical_seats
    opening = open_seats_at(entries, kind_of, at)
    return PlanNow(
        entries=entries,
        at=at,
        opening=opening,
        count=min(opening.count, physical),
        following=next_change(entries, kind_of, at, physical),
    )


async def load_plan(session: AsyncSession, room: SeatRoom, since: datetime) -> list[Entry]:
    """Return the entries that decide any moment from `since` on; the cost does not grow with the history."""
    ending, gone, moment = aliased(PlanRow), aliased(PlanRow), aliased(PlanRow)
    withdrawn = select(gone.withdraws).where(gone.kind == WITHDRAWAL, gone.made_at <= since)
    # Every change of the moment replaces the one before it: only the last one before `since` counts, and later ones.
    last_moment = (
        select(func.max(moment.id))
        .where(moment.kind == "now", moment.made_at <= since, moment.id.not_in(withdrawn))
        .scalar_subquery()
    )
    rows = await session.execute(
        select(PlanRow, ending.made_at)
        .outerjoin(ending, ending.withdraws == PlanRow.id)
        .where(
            or_(ending.made_at.is_(None), ending.made_at > since),
            or_(
                PlanRow.kind == "standing",
                (PlanRow.kind == "window") & (PlanRow.ends_at > since),
                (PlanRow.kind == "now") & (PlanRow.id >= func.coalesce(last_moment, 0)),
            ),
        )
        .order_by(PlanRow.id)
    )
    s = room.settings
    defaults = default_entries(s.open_seats, s.night_seats, s.day_begins, s.day_ends)
    return [*defaults, *(entry_of(row, until) for row, until in rows)]


def entry_of(row: PlanRow, withdrawn_at: datetime | None) -> Entry:
    """Return the entry that a row stands for."""
    return Entry(
        id=row.id,
        kind=cast(EntryKind, row.kind),
        open_seats=row.open_seats,
        made_at=row.made_at,
        reason=row.reason,
        author=row.author,
        withdrawn_at=withdrawn_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        days=frozenset(cast(list[DayGroup], row.days)),
        begins=row.begins,
        ends=row.ends,
    )


async def keep_in_step(room: SeatRoom) -> None:
    """Make the count in force what the plan says of this moment: nobody presses a button at the shift change."""
    async with room.reading() as session:
        now = await plan_at(session, room, room.clock())
        if await _in_force(session) == now.count:
            return
    async with room.database.unit_of_work() as uow:
        await put_in_force(room, Work(uow), "system")


async def put_in_force(room: SeatRoom, work: Work, by: str) -> PlanNow:
    """Take over what the plan says of this moment, audit and announce it if it is another count."""
    setting = await lock_plan(work.session)
    now = await plan_at(work.session, room, room.clock())
    if setting.open_seats != now.count:
        old, why = setting.open_seats, now.opening.why
        setting.open_seats, setting.reason = now.count, why.reason
        setting.changed_at, setting.changed_by = now.at, by
        if by == "system":
            audit(work.session, now.at, by, "seats.switched", old=old, new=now.count, entry=why.id)
        work.publish(
            OpenSeatsChanged(
                at=now.at, by=by, open_seats=now.count, reason=why.reason,
                physical_seats=room.settings.physical_seats,
            )
        )  # fmt: skip
    return now


async def _in_force(session: AsyncSession) -> int:
    return (await session.get_one(SeatSetting, PLAN_ID)).open_seats
