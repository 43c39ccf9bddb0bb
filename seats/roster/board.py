"""The month as the manager's grid shows it, put together from the database and the pure rules."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import WorkCalendar
from core.clock import SHANGHAI
from core.security import Account
from seats.roster.conflicts import conflicts
from seats.roster.models import RosterAbsence, RosterVersion, VersionState
from seats.roster.months import Month, cells_of, last_edit, roster_of, version_of
from seats.roster.room import RosterRoom
from seats.roster.rules import Roster
from seats.roster.totals import Balance, balance, totals
from seats.roster.views import (
    AbsenceView,
    DayView,
    MonthView,
    PersonView,
    SlotView,
    VersionView,
)

CARRIED_MONTHS = 3
"""Earlier published months whose unfairness is made good."""


async def month_view(
    room: RosterRoom, session: AsyncSession, month: Month, state: VersionState | None = None
) -> MonthView:
    """Return the month: the version in `state`, or the draft if there is one, else what is published."""
    calendar = await room.calendar_for(session)
    draft = await version_of(session, month, "draft")
    published = await version_of(session, month, "published")
    shown = {None: draft or published, "draft": draft, "published": published}.get(state)
    roster = await roster_of(session, month, shown, calendar)
    carried = await carried_balance(room, session, month)
    return MonthView(
        month=str(month),
        today=room.clock().astimezone(SHANGHAI).date(),
        version=await _version(session, shown),
        has_draft=draft is not None,
        has_published=published is not None,
        can_undo=draft is not None and await last_edit(session, draft) is not None,
        shifts=roster.rules.shifts,
        limits=roster.rules.limits,
        days=day_views(calendar, list(roster.days())),
        people=_people(roster, carried),
        cells=await cells_of(session, shown) if shown is not None else [],
        slots=slots(roster),
        conflicts=conflicts(roster) if shown is not None else [],
        absences=await absence_views(session, month.first, month.last),
    )


async def carried_balance(
    room: RosterRoom, session: AsyncSession, month: Month
) -> dict[int, Balance]:
    """Return what the published months before `month` left over."""
    calendar = await room.calendar_for(session)
    earlier = []
    for step in range(-CARRIED_MONTHS, 0):
        before = month.next(step)
        version = await version_of(session, before, "published")
        if version is not None:
            earlier.append(totals(await roster_of(session, before, version, calendar)))
    return balance(earlier)


def day_views(calendar: WorkCalendar, days: list[date]) -> list[DayView]:
    return [
        DayView(day, calendar.kind(day), calendar.name(day), calendar.provisional(day))
        for day in days
    ]


def slots(roster: Roster) -> list[SlotView]:
    have = Counter((row.day, row.shift) for row in roster.own)
    return [
        SlotView(day, shift.code, roster.need(day, shift), have[day, shift.code])
        for day in roster.days()
        for shift in roster.rules.shifts
    ]


async def absence_views(
    session: AsyncSession, first: date, last: date, person: int | None = None
) -> list[AbsenceView]:
    """Return absences asked for or granted that touch those days, the open ones first."""
    query = (
        select(RosterAbsence, Account.display_name)
        .join(Account, Account.id == RosterAbsence.account_id)
        .where(
            RosterAbsence.state.in_(("asked", "approved")),
            RosterAbsence.first <= last,
            RosterAbsence.last >= first,
        )
        .order_by(RosterAbsence.state.desc(), RosterAbsence.first, RosterAbsence.id)
    )
    if person is not None:
        query = query.where(RosterAbsence.account_id == person)
    return [
        absence_view(row.RosterAbsence, row.display_name) for row in await session.execute(query)
    ]


def absence_view(row: RosterAbsence, name: str) -> AbsenceView:
    return AbsenceView(
        id=row.id,
        person=row.account_id,
        name=name,
        kind=row.kind,
        first=row.first,
        last=row.last,
        note=row.note,
        result=row.result,
        state=row.state,
    )


def _people(roster: Roster, carried: Mapping[int, Balance]) -> list[PersonView]:
    carries = totals(roster)
    found = []
    for person in roster.people:
        own, before = carries[person.id], carried.get(person.id, Balance())
        found.append(
            PersonView(
                id=person.id,
                name=person.name,
                work_number=person.work_number,
                company=person.company,
                hours=round(own.minutes / 60, 1),
                nights=own.nights,
                weekends=own.weekends,
                shifts=own.shifts,
                carried_hours=round(before.minutes / 60, 1),
                carried_nights=round(before.nights, 1),
                carried_weekends=round(before.weekends, 1),
            )
        )
    return found


async def _version(session: AsyncSession, version: RosterVersion | None) -> VersionView | None:
    if version is None:
        return None
    return VersionView(
        number=version.number,
        state=version.state,
        revision=version.revision,
        published_at=version.published_at,
        published_by=await name_of(session, version.published_by),
        note=version.note,
    )


async def name_of(session: AsyncSession, by: str) -> str:
    """Return the name of who is written down as account:7; '' for the system."""
    kind, _, number = by.partition(":")
    if kind != "account" or not number.isdecimal():
        return ""
    return await session.scalar(select(Account.display_name).where(Account.id == int(number))) or ""
