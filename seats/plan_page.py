"""What the manager's page of the seat plan shows: two days hour by hour, the week, the entries, the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.calendar import DayKind
from core.clock import SHANGHAI
from seats.leases import leases
from seats.models import PlanRow
from seats.plan import plan_view
from seats.plan_book import load_plan, plan_at
from seats.plan_changes import last_effective
from seats.plan_rules import EVERY_DAY, MIDNIGHT, DayGroup, Entry, Stretch, stretches
from seats.room import SeatRoom
from seats.views import Plan

WEEK = 7


@dataclass(frozen=True)
class DayPlan:
    """One day: what the calendar calls it, and its spans from midnight to midnight."""

    day: date
    kind: DayKind
    name: str
    provisional: bool
    spans: list[Stretch]


@dataclass(frozen=True)
class RuleSpan:
    """What the standing rules say of a kind of day from minute `begins` to minute `ends`."""

    begins: int
    ends: int
    entry: Entry


@dataclass(frozen=True)
class PlanPage:
    """Everything on the page; `undoable` is the entry that undoing would withdraw now."""

    plan: Plan
    days: list[DayPlan]
    rules: dict[DayGroup, list[RuleSpan]]
    windows: list[Entry]
    moment: Entry | None
    undoable: PlanRow | None


@dataclass(frozen=True)
class Change:
    """A line of the history; `withdrawn_by` and its time, if it was taken back."""

    row: PlanRow
    withdrawn_at: datetime | None
    withdrawn_by: str


async def plan_page(session: AsyncSession, room: SeatRoom) -> PlanPage:
    """Return the page for now: today and the six days after it, by the calendar of Shanghai."""
    now = await plan_at(session, room, room.clock())
    today = now.at.astimezone(SHANGHAI).date()
    entries = await load_plan(session, room, _midnight(today))
    calendar = room.calendar()
    days = [today + timedelta(days=n) for n in range(WEEK)]
    why = now.opening.why
    return PlanPage(
        plan=plan_view(now, await leases(session), room.settings.physical_seats),
        days=[
            DayPlan(
                day=day,
                kind=calendar.kind(day),
                name=calendar.name(day),
                provisional=calendar.provisional(day),
                spans=stretches(
                    entries, calendar.kind, _midnight(day), _midnight(day + timedelta(days=1))
                ),
            )
            for day in days
        ],
        rules={group: rule_spans(now.entries, group) for group in sorted(EVERY_DAY)},
        windows=sorted(
            (e for e in now.entries if e.kind == "window"), key=lambda e: e.starts_at or now.at
        ),
        moment=why if why.kind == "now" else None,
        undoable=await last_effective(session, now.at),
    )


def rule_spans(entries: Sequence[Entry], group: DayGroup) -> list[RuleSpan]:
    """Return what the standing rules and the default say of every hour of a kind of day; the newest rule wins."""
    rules = [e for e in entries if group in e.days and e.withdrawn_at is None]
    edges = sorted({0, MIDNIGHT} | {m for e in rules for m in (e.begins, e.ends)})
    spans: list[RuleSpan] = []
    for begins, ends in pairwise(edges):
        covering = (e for e in rules if e.begins <= begins < e.ends)
        entry = max(covering, key=lambda e: (e.kind == "standing", e.made_at, e.id))
        if spans and spans[-1].entry.id == entry.id:
            spans[-1] = RuleSpan(spans[-1].begins, ends, entry)
        else:
            spans.append(RuleSpan(begins, ends, entry))
    return spans


async def plan_history(session: AsyncSession, before: int | None, limit: int) -> list[Change]:
    """Return the changes, newest first, older than entry `before`."""
    ending = aliased(PlanRow)
    query = (
        select(PlanRow, ending.made_at, ending.author)
        .outerjoin(ending, ending.withdraws == PlanRow.id)
        .order_by(PlanRow.id.desc())
        .limit(limit)
    )
    rows = await session.execute(query.where(PlanRow.id < before) if before else query)
    return [Change(row, at, author or "") for row, at, author in rows]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
