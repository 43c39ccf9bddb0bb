"""Swaps: offered by one, accepted by the other, approved by a manager, or refused with the conflict it would make."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.clock import SHANGHAI
from core.errors import NotFound
from core.security import Account, Principal, audit
from seats.models import Agent
from seats.roster.conflicts import HARD_FOR_PEOPLE, Conflict, conflicts
from seats.roster.errors import (
    OperatorUnknown,
    SwapConflicts,
    SwapNotPossible,
    SwapStateRefused,
)
from seats.roster.models import RosterSwap, RosterVersion
from seats.roster.months import (
    Cell,
    Month,
    cells_of,
    change,
    published_cells,
    roster_of,
    version_of,
)
from seats.roster.room import MAY_PLAN_ROSTER, RosterRoom
from seats.roster.rules import Assignment, Roster
from seats.roster.swap_states import OPEN, PARTY, Party, SwapState, SwapTrigger, allowed, next_state
from seats.roster.views import SwapView


@dataclass(frozen=True)
class Offer:
    """A shift of the one who offers for `taker`, against the shift of `taker` on `back_day` or for nothing."""

    taker: int
    day: date
    back_day: date | None = None
    note: str = ""


async def offer(room: RosterRoom, wanted: Offer, who: Principal) -> SwapView:
    """Offer a published shift to a colleague; SwapNotPossible or SwapConflicts if it could never be approved."""
    async with room.database.unit_of_work() as uow:
        session, now = uow.session, room.clock()
        if wanted.taker == who.account_id or await session.get(Agent, wanted.taker) is None:
            raise OperatorUnknown(person=wanted.taker)
        row = RosterSwap(
            giver=who.account_id,
            taker=wanted.taker,
            day=wanted.day,
            shift=await _shift(session, who.account_id, wanted.day),
            back_day=wanted.back_day,
            back_shift=(
                await _shift(session, wanted.taker, wanted.back_day) if wanted.back_day else ""
            ),
            note=wanted.note,
            offered_at=now,
            changed_at=now,
        )
        _check_ahead(row, now)
        if await _is_open(session, row):
            raise SwapNotPossible(
                zh="该班次已有待处理的换班申请", en="there is an open offer already"
            )
        if problems := await _problems(room, session, row):
            raise SwapConflicts(zh=_zh(problems), en=_en(problems))
        session.add(row)
        await session.flush()
        _note(session, row, who, now)
        return (await _views(session, who, RosterSwap.id == row.id))[0]


async def move(
    room: RosterRoom, swap_id: int, trigger: SwapTrigger, who: Principal, reason: str = ""
) -> SwapView:
    """Move a swap by the table; SwapStateRefused if that is not for `who` now.

    An approval that would break a hard rule becomes a refusal with the reason; one whose shifts are no longer
    there lapses.
    """
    async with room.database.unit_of_work() as uow:
        session, now = uow.session, room.clock()
        row = await session.get(RosterSwap, swap_id, with_for_update=True)
        parties = _parties(row, who) if row is not None else ()
        if row is None or not parties:
            raise NotFound(what="swap")
        if trigger not in allowed(row.state, *parties):
            raise SwapStateRefused(state=row.state)
        if trigger in ("accept", "approve") and not await _still_holds(session, row, now):
            trigger, reason = "lapse", "班次已变动或已开始"
        elif trigger == "approve":
            problems = await _problems(room, session, row)
            if problems:
                trigger, reason = "refuse", _zh(problems)
            else:
                await _carry_out(session, row, who, now)
        state = next_state(row.state, trigger)
        assert state is not None, "allowed() and next_state() read the same table"
        row.state, row.changed_at, row.reason = state, now, reason[:400]
        if PARTY[trigger] == "manager":
            row.decided_by = who.by
        _note(session, row, who, now)
        return (await _views(session, who, RosterSwap.id == row.id))[0]


async def swaps_for(session: AsyncSession, who: Principal) -> list[SwapView]:
    """Return the swaps that `who` gave or was offered, the newest first."""
    mine = or_(RosterSwap.giver == who.account_id, RosterSwap.taker == who.account_id)
    return await _views(session, who, mine)


async def list_swaps(room: RosterRoom, who: Principal) -> list[SwapView]:
    """Return everybody's swaps, those that wait for the manager first."""
    who.require(*MAY_PLAN_ROSTER)
    async with room.database.reading() as session:
        found = await _views(session, who, RosterSwap.id > 0)
    order: dict[SwapState, int] = {"accepted": 0, "offered": 1}
    return sorted(found, key=lambda swap: order.get(swap.state, 2))


def swapped(assignments: Collection[Assignment], swap: RosterSwap) -> frozenset[Assignment]:
    """Return the assignments after the swap; those that it names must be there."""
    given = Assignment(swap.giver, swap.day, swap.shift)
    moved = {given: replace(given, person=swap.taker)}
    if swap.back_day is not None:
        back = Assignment(swap.taker, swap.back_day, swap.back_shift)
        moved[back] = replace(back, person=swap.giver)
    return frozenset(moved.get(row, row) for row in assignments)


def new_problems(before: Roster, swap: RosterSwap) -> list[Conflict]:
    """Return the hard conflicts that `swap` would make and that are not there without it."""
    known = set(conflicts(before))
    after = before.with_assignments(swapped(before.assignments, swap))
    return [each for each in conflicts(after) if each.code in HARD_FOR_PEOPLE and each not in known]


async def _problems(room: RosterRoom, session: AsyncSession, swap: RosterSwap) -> list[Conflict]:
    found: list[Conflict] = []
    for month in _months(swap):
        version = await version_of(session, month, "published")
        roster = await roster_of(session, month, version, await room.calendar_for(session))
        if twice := _twice(roster, swap):
            raise SwapNotPossible(zh=f"{twice}当天已有班", en=f"{twice} works that day already")
        found += new_problems(roster, swap)
    return found


def _twice(roster: Roster, swap: RosterSwap) -> str:
    """Return who would have two shifts on one day, '' for nobody."""
    given = {(swap.giver, swap.day), (swap.taker, swap.back_day)}
    kept = {(row.person, row.day) for row in roster.assignments} - given
    for pair in ((swap.taker, swap.day), (swap.giver, swap.back_day)):
        if pair in kept:
            return next((each.name for each in roster.people if each.id == pair[0]), "")
    return ""


async def _carry_out(
    session: AsyncSession, swap: RosterSwap, who: Principal, now: datetime
) -> None:
    """Change the published months, and their drafts where they still have the same shifts."""
    for month in _months(swap):
        for state in ("published", "draft"):
            version = await version_of(session, month, state, lock=True)
            if version is not None:
                await _exchange(session, version, swap, who, now)


async def _exchange(
    session: AsyncSession, version: RosterVersion, swap: RosterSwap, who: Principal, now: datetime
) -> None:
    cells = {(cell.person, cell.day): cell for cell in await cells_of(session, version)}
    month, wanted = Month.read(version.month), dict[tuple[int, date], Cell]()

    def put(person: int, day: date, old: str, new: str) -> None:
        cell = wanted.get((person, day)) or cells.get((person, day), Cell(person, day))
        if Month.of(day) == month and cell.shift == old:
            wanted[person, day] = replace(cell, shift=new)

    put(swap.giver, swap.day, swap.shift, "")
    if swap.back_day is not None:
        put(swap.taker, swap.back_day, swap.back_shift, "")
        put(swap.giver, swap.back_day, "", swap.back_shift)
    put(swap.taker, swap.day, "", swap.shift)
    parts = 2 * len({day for day in (swap.day, swap.back_day) if day and Month.of(day) == month})
    if len(wanted) == parts or version.state == "published":
        await change(session, version, list(wanted.values()), what="swap", by=who.by, now=now)


async def _still_holds(session: AsyncSession, swap: RosterSwap, now: datetime) -> bool:
    try:
        _check_ahead(swap, now)
        same = await _shift(session, swap.giver, swap.day) == swap.shift
        if swap.back_day is not None:
            same = same and await _shift(session, swap.taker, swap.back_day) == swap.back_shift
    except SwapNotPossible:
        return False
    return same


def _check_ahead(swap: RosterSwap, now: datetime) -> None:
    today = now.astimezone(SHANGHAI).date()
    if min(swap.day, swap.back_day or swap.day) <= today:
        raise SwapNotPossible(zh="只能换明天及以后的班次", en="only shifts from tomorrow on")


async def _shift(session: AsyncSession, person: int, day: date) -> str:
    """Return the published shift of a person on a day."""
    for cell in await published_cells(session, day, day):
        if cell.person == person and cell.shift:
            return cell.shift
    raise SwapNotPossible(
        zh=f"{day.month}月{day.day}日没有已发布的班次", en=f"there is no published shift on {day}"
    )


async def _is_open(session: AsyncSession, swap: RosterSwap) -> bool:
    same = select(RosterSwap.id).where(
        RosterSwap.giver == swap.giver, RosterSwap.day == swap.day, RosterSwap.state.in_(OPEN)
    )
    return await session.scalar(same.limit(1)) is not None


async def _views(
    session: AsyncSession, who: Principal, which: ColumnElement[bool]
) -> list[SwapView]:
    giver, taker = aliased(Account), aliased(Account)
    rows = await session.execute(
        select(RosterSwap, giver.display_name.label("giver"), taker.display_name.label("taker"))
        .join(giver, giver.id == RosterSwap.giver)
        .join(taker, taker.id == RosterSwap.taker)
        .where(which)
        .order_by(RosterSwap.id.desc())
        .limit(200)
    )
    return [
        SwapView(
            id=row.RosterSwap.id,
            giver=row.RosterSwap.giver,
            giver_name=row.giver,
            taker=row.RosterSwap.taker,
            taker_name=row.taker,
            day=row.RosterSwap.day,
            shift=row.RosterSwap.shift,
            back_day=row.RosterSwap.back_day,
            back_shift=row.RosterSwap.back_shift,
            note=row.RosterSwap.note,
            state=row.RosterSwap.state,
            reason=row.RosterSwap.reason,
            offered_at=row.RosterSwap.offered_at,
            changed_at=row.RosterSwap.changed_at,
            allowed=allowed(row.RosterSwap.state, *_parties(row.RosterSwap, who)),
        )
        for row in rows
    ]


def _parties(swap: RosterSwap, who: Principal) -> tuple[Party, ...]:
    found: list[Party] = []
    if who.account_id == swap.giver:
        found.append("giver")
    if who.account_id == swap.taker:
        found.append("taker")
    # Nobody approves a swap of his own, also not a shift leader who is on the roster.
    if who.may(*MAY_PLAN_ROSTER) and not found:
        found.append("manager")
    return tuple(found)


def _months(swap: RosterSwap) -> list[Month]:
    days = (swap.day, swap.back_day or swap.day)
    return sorted({Month.of(day) for day in days}, key=str)


def _note(session: AsyncSession, swap: RosterSwap, who: Principal, now: datetime) -> None:
    audit(
        session, now, who.by, f"roster.swap.{swap.state}", f"swap:{swap.id}",
        giver=swap.giver, taker=swap.taker, day=swap.day.isoformat(), shift=swap.shift,
        back_day=swap.back_day.isoformat() if swap.back_day else "", reason=swap.reason,
    )  # fmt: skip


def _zh(problems: list[Conflict]) -> str:
    return "；".join(each.zh for each in problems[:3])


def _en(problems: list[Conflict]) -> str:
    return "; ".join(each.en for each in problems[:3])
