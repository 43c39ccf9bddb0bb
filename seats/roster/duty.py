"""Who should be working at an instant: the door for sign-in and for the seat plan, and admissions past it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import SHANGHAI
from core.security import Account, Principal, Role, audit
from seats.roster.errors import NoShiftNow, NotOnRoster
from seats.roster.models import RosterAdmission, RosterCell, RosterVersion
from seats.roster.months import RULES, Month
from seats.roster.rules import Rules
from seats.roster.shifts import ShiftKind

EXEMPT = (Role.SHIFT_LEADER, Role.OFFICE_DIRECTOR)
"""They admit others, so they need no admission."""


@dataclass(frozen=True)
class OnDuty:
    """A person and the shift that he should be working; `begins` and the exclusive `ends` are aware UTC."""

    account_id: int
    name: str
    day: date
    shift: str
    zh: str
    en: str
    begins: datetime
    ends: datetime


async def rostered(session: AsyncSession, instant: datetime) -> list[OnDuty]:
    """Return who should be working at `instant` by the published roster, in order of shift and name."""
    found: list[OnDuty] = []
    for version, day, shift in await _shifts_at(session, instant):
        begins, ends = shift.window(day)
        rows = await session.execute(
            select(RosterCell.account_id, Account.display_name)
            .join(Account, Account.id == RosterCell.account_id)
            .where(
                RosterCell.version_id == version,
                RosterCell.day == day,
                RosterCell.shift == shift.code,
            )
            .order_by(Account.display_name)
        )
        found += [
            OnDuty(
                row.account_id, row.display_name, day, shift.code, shift.zh, shift.en, begins, ends
            )
            for row in rows
        ]
    return found


async def on_roster(session: AsyncSession, account_id: int, instant: datetime) -> bool:
    """Tell whether the person should be working at `instant`; False where nothing is published."""
    return any(each.account_id == account_id for each in await rostered(session, instant))


async def require_on_roster(session: AsyncSession, who: Principal, now: datetime) -> None:
    """Raise NotOnRoster if a published roster says that somebody else works now, and nobody has let `who` in.

    Those of the next shift may come a little earlier (`early_minutes`). Shift leaders are let in.
    """
    if who.may(*EXEMPT):
        return
    for instant in (now, now + await _early(session, now)):
        shifts = await _shifts_at(session, instant)
        if not shifts or await on_roster(session, who.account_id, instant):
            return
    admitted = await session.scalar(
        select(RosterAdmission.id).where(
            RosterAdmission.account_id == who.account_id,
            RosterAdmission.begins <= now,
            RosterAdmission.ends > now,
        )
    )
    if admitted is None:
        _, day, shift = shifts[-1]
        raise NotOnRoster(shift=f"{day.month}月{day.day}日{shift.zh}")


async def admit(
    session: AsyncSession, account_id: int, reason: str, by: Principal, now: datetime
) -> datetime:
    """Let somebody sign in from now to the end of the shift that one may come for now; return that end.

    NoShiftNow where no published roster has a shift.
    """
    shifts = await _shifts_at(session, now + await _early(session, now))
    if not shifts:
        raise NoShiftNow()
    ends = max(shift.window(day)[1] for _, day, shift in shifts)
    session.add(
        RosterAdmission(
            account_id=account_id,
            begins=now,
            ends=ends,
            reason=reason,
            admitted_at=now,
            admitted_by=by.by,
        )
    )
    target = f"account:{account_id}"
    audit(session, now, by.by, "roster.admit", target, until=ends.isoformat(), reason=reason)
    return ends


async def admissions(session: AsyncSession, now: datetime) -> list[tuple[RosterAdmission, str]]:
    """Return the admissions in force with the names of those admitted."""
    rows = await session.execute(
        select(RosterAdmission, Account.display_name)
        .join(Account, Account.id == RosterAdmission.account_id)
        .where(RosterAdmission.begins <= now, RosterAdmission.ends > now)
        .order_by(RosterAdmission.id)
    )
    return [(row.RosterAdmission, row.display_name) for row in rows]


async def _early(session: AsyncSession, now: datetime) -> timedelta:
    found = [rules for _, rules, _ in await _published_around(session, now)]
    return timedelta(minutes=max((rules.limits.early_minutes for rules in found), default=0))


async def _shifts_at(session: AsyncSession, instant: datetime) -> list[tuple[int, date, ShiftKind]]:
    """Return version, day and shift of every published window that contains `instant`."""
    return [
        (version, day, shift)
        for version, rules, day in await _published_around(session, instant)
        for shift in _running(rules, day, instant)
    ]


async def _published_around(
    session: AsyncSession, instant: datetime
) -> list[tuple[int, Rules, date]]:
    """Return the published versions of yesterday and today: a shift may run past midnight."""
    today = instant.astimezone(SHANGHAI).date()
    days = (today - timedelta(days=1), today)
    versions = {
        row.month: row
        for row in await session.scalars(
            select(RosterVersion).where(
                RosterVersion.state == "published",
                RosterVersion.month.in_({str(Month.of(day)) for day in days}),
            )
        )
    }
    return [
        (version.id, RULES.validate_python(version.rules), day)
        for day in days
        if (version := versions.get(str(Month.of(day)))) is not None
    ]


def _running(rules: Rules, day: date, instant: datetime) -> Iterator[ShiftKind]:
    for shift in rules.shifts:
        begins, ends = shift.window(day)
        if begins <= instant < ends:
            yield shift
