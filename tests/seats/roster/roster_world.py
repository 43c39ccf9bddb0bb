"""Fifteen operators of three companies, a shift leader, and words for what is done to their roster."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import WorkCalendar, shipped_calendar
from core.clock import FixedClock
from core.db import Database
from core.events import LocalBus
from core.security import Account, AuditRow, Principal, Role, principal
from seats.agents import register_agent
from seats.models import HomeCompany
from seats.roster import editing
from seats.roster.board import month_view
from seats.roster.demo import publish_rotation
from seats.roster.models import VersionState
from seats.roster.months import Cell, Month
from seats.roster.room import RosterRoom
from seats.roster.rules import Absence, Assignment, Person, Roster, Rules
from seats.roster.views import MonthView

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Yingkou
NOVEMBER, DECEMBER = Month(date(2026, 11, 1)), Month(date(2026, 12, 1))
COMPANIES = list(HomeCompany)


async def calendar_for(_session: AsyncSession) -> WorkCalendar:
    return shipped_calendar()


def crew(count: int = 15) -> tuple[Person, ...]:
    """Return people numbered from 1, a third of each company."""
    return tuple(
        Person(
            number,
            f"话务员{number:02d}",
            COMPANIES[(number - 1) * 3 // count].value,
            f"{1000 + number}",
        )
        for number in range(1, count + 1)
    )


def roster(
    month: Month = NOVEMBER,
    *rows: tuple[int, str, str],
    people: tuple[Person, ...] | None = None,
    absences: tuple[Absence, ...] = (),
    rules: Rules | None = None,
) -> Roster:
    """Return a month; a row is (person, "11-23", shift)."""
    days = [month.first + timedelta(days=n) for n in range((month.last - month.first).days + 1)]
    return Roster(
        first=month.first,
        last=month.last,
        kinds={day: shipped_calendar().kind(day) for day in days},
        people=crew() if people is None else people,
        rules=rules or Rules(),
        assignments=frozenset(
            Assignment(person, date.fromisoformat(f"2026-{day}"), shift)
            for person, day, shift in rows
        ),
        absences=absences,
    )


class RosterWorld:
    def __init__(self, folder: Path, url: str = "") -> None:
        self.clock = FixedClock(NOW)
        self.database = Database(url or f"sqlite+aiosqlite:///{folder}/roster.db", LocalBus())
        self.room = RosterRoom(self.database, self.clock, calendar_for)
        self.operators: list[Principal] = []
        self.boss: Principal

    async def open(self) -> None:
        await self.database.create_all()
        async with self.database.unit_of_work() as uow:
            for person in crew():
                account = _account(person.name, Role.OPERATOR)
                uow.session.add(account)
                await uow.session.flush()
                company = HomeCompany(person.company)
                await register_agent(uow.session, account, person.work_number, company)
                self.operators.append(principal(account))
            boss = _account("何班长", Role.SHIFT_LEADER)
            uow.session.add(boss)
            await uow.session.flush()
            self.boss = principal(boss)

    async def close(self) -> None:
        await self.database.close()

    async def publish_rotation(self) -> None:
        """Publish this month and the next from the rotation."""
        async with self.database.unit_of_work() as uow:
            await publish_rotation(uow.session, shipped_calendar(), self.clock)

    async def view(self, month: Month = NOVEMBER, state: VersionState | None = None) -> MonthView:
        async with self.database.reading() as session:
            return await month_view(self.room, session, month, state)

    async def edit(self, *rows: tuple[int, str, str], month: Month = NOVEMBER) -> MonthView:
        """Put shifts into the draft as the manager; a row is (operator from 0, "11-24", shift)."""
        shown = await self.view(month)
        revision = shown.version.revision if shown.has_draft and shown.version else None
        cells = [
            Cell(self.operators[who].account_id, day_of(day), shift) for who, day, shift in rows
        ]
        return await editing.set_cells(self.room, month, revision, cells, self.boss)

    async def publish(self, month: Month = NOVEMBER, despite: str = "测试") -> MonthView:
        shown = await self.view(month)
        assert shown.version is not None
        return await editing.publish(self.room, month, shown.version.revision, despite, self.boss)

    async def shift_of(
        self, who: int, day: str, month: Month = NOVEMBER, state: VersionState = "published"
    ) -> str:
        view = await self.view(month, state)
        person = self.operators[who].account_id
        return next(
            (cell.shift for cell in view.cells if (cell.person, cell.day) == (person, day_of(day))),
            "",
        )

    async def audited(self) -> list[str]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(AuditRow.action).order_by(AuditRow.id)))


def day_of(day: str) -> date:
    return date.fromisoformat(f"2026-{day}")


def _account(name: str, role: Role) -> Account:
    return Account(
        username=name, display_name=name, password_hash="-", roles=[role.value], created_at=NOW
    )
