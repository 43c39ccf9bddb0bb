"""The rows of the callback list: found, made and moved one step; every step leaves a row and an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import UnitOfWork
from core.errors import NotFound
from core.security import Principal
from seats.callbacks.errors import CallbackClosed, CallbackHeld, CallbackNotAllowedNow
from seats.callbacks.events import CallbackChanged
from seats.callbacks.models import CallbackEntry, CallbackStep
from seats.callbacks.states import CLOSED, Trigger, next_state

OPEN = CallbackEntry.closed_at.is_(None)
MOST_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: what, when, by whom (`account:7`, `system`), through which call, and a word about it."""

    trigger: Trigger
    at: datetime
    by: str = "system"
    call_id: str = ""
    note: str = ""
    cause: str | None = None


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A call that left unserved."""

    call_id: str
    number: str
    at: datetime
    waited_seconds: float
    promised: bool
    outcome: str
    cause: str | None = None


async def entry(session: AsyncSession, entry_id: int, *, lock: bool = False) -> CallbackEntry:
    """Return one entry, open or closed; NotFound."""
    row = await session.get(CallbackEntry, entry_id, with_for_update=lock or None)
    if row is None:
        raise NotFound(what="callback")
    return row


async def open_entries(session: AsyncSession, most: int = MOST_SHOWN) -> Sequence[CallbackEntry]:
    """Return open entries, the longest waiting first."""
    query = select(CallbackEntry).where(OPEN).order_by(CallbackEntry.first_at, CallbackEntry.id)
    return (await session.scalars(query.limit(most))).all()


async def counts(session: AsyncSession, overdue_before: datetime) -> tuple[int, int]:
    """Return how many entries are open, and how many of them since before `overdue_before`."""
    overdue = case((CallbackEntry.first_at <= overdue_before, 1), else_=0)
    query = select(func.count(), func.coalesce(func.sum(overdue), 0)).where(OPEN)
    row = (await session.execute(query)).one()
    return row[0], row[1]


async def open_for(
    session: AsyncSession, number: str, *, lock: bool = False
) -> CallbackEntry | None:
    """Return the open entry of a number, of which there is at most one."""
    query = select(CallbackEntry).where(OPEN, CallbackEntry.number == number)
    return await session.scalar(query.with_for_update() if lock else query)


async def steps(session: AsyncSession, entry_id: int) -> Sequence[CallbackStep]:
    """Return what happened to an entry, in order."""
    query = select(CallbackStep).where(CallbackStep.entry_id == entry_id).order_by(CallbackStep.id)
    return (await session.scalars(query)).all()


async def note_lost(uow: UnitOfWork, lost: Lost) -> None:
    """Open an entry for the number, or add a time to the one that is open; the same call counts once."""
    row = await open_for(uow.session, lost.number, lock=True)
    if row is None:
        row = await _opened(uow, lost)
        if row is not None:
            return
        # Another process was faster; its entry is there now.
        row = await open_for(uow.session, lost.number, lock=True)
        assert row is not None
    if row.last_call_id == lost.call_id:
        return
    row.times += 1
    row.last_at, row.last_call_id = lost.at, lost.call_id
    row.longest_wait = max(row.longest_wait, lost.waited_seconds)
    row.promised |= lost.promised
    if row.state == "spent":
        row.attempts, row.not_before = 0, None
    step = Step(
        trigger="lost_again",
        at=lost.at,
        call_id=lost.call_id,
        note=lost.outcome,
        cause=lost.cause,
    )
    move(uow, row, step)


async def claim(uow: UnitOfWork, entry_id: int, who: Principal, now: datetime) -> CallbackEntry:
    """Give an open entry to `who`: of two at once one gets it, the other CallbackHeld."""
    won = await uow.session.scalar(
        update(CallbackEntry)
        .where(CallbackEntry.id == entry_id, CallbackEntry.state == "open")
        .values(
            state="claimed",
            claimed_by=who.account_id,
            claimed_name=who.display_name,
            claimed_at=now,
        )
        .returning(CallbackEntry.id)
    )
    row = await entry(uow.session, entry_id)
    if won is not None:
        _tell(uow, row, "open", Step(trigger="claim", at=now, by=who.by))
    elif row.closed_at is not None or row.claimed_by != who.account_id:
        raise refusal(row)
    return row


def move(uow: UnitOfWork, row: CallbackEntry, step: Step) -> None:
    """Take one step with a row that this transaction has locked; a step that the table refuses raises."""
    new = next_state(row.state, step.trigger)
    if new is None:
        raise refusal(row)
    old, row.state = row.state, new
    if new in ("open", "spent"):
        row.claimed_by, row.claimed_name, row.claimed_at = None, "", None
    if new != "calling":
        row.channel_id = ""
    if new in CLOSED and row.closed_at is None:
        row.closed_at, row.closed_by = step.at, step.by
        row.closed_call_id, row.close_reason = step.call_id, step.note
    _tell(uow, row, old, step)


def refusal(row: CallbackEntry) -> Exception:
    """Return why nothing can be done with an entry in its present state."""
    if row.closed_at is not None:
        return CallbackClosed()
    return CallbackHeld(name=row.claimed_name) if row.claimed_by else CallbackNotAllowedNow()


async def _opened(uow: UnitOfWork, lost: Lost) -> CallbackEntry | None:
    row = CallbackEntry(
        number=lost.number,
        promised=lost.promised,
        state="open",
        times=1,
        attempts=0,
        first_at=lost.at,
        last_at=lost.at,
        last_call_id=lost.call_id,
        longest_wait=lost.waited_seconds,
    )
    try:
        async with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError:
        return None
    uow.session.add(
        CallbackStep(
            entry_id=row.id, at=lost.at, by="system", trigger="new", old="", new="open",
            call_id=lost.call_id, note=lost.outcome,
        )
    )  # fmt: skip
    uow.publish(
        CallbackChanged(
            at=lost.at, cause=lost.cause, entry_id=row.id, trigger=None, state="open",
            call_id=lost.call_id,
        )
    )  # fmt: skip
    return row


def _tell(uow: UnitOfWork, row: CallbackEntry, old: str, step: Step) -> None:
    uow.session.add(
        CallbackStep(
            entry_id=row.id, at=step.at, by=step.by, trigger=step.trigger, old=old, new=row.state,
            call_id=step.call_id, note=step.note,
        )
    )  # fmt: skip
    uow.publish(
        CallbackChanged(
            at=step.at, by=step.by, cause=step.cause, entry_id=row.id, trigger=step.trigger,
            state=row.state, call_id=step.call_id or None,
        )
    )  # fmt: skip
