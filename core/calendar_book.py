"""What is in force: the shipped years, the approved versions over them, and the local orders over both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from core.calendar import WorkCalendar, compose, shipped_papers
from core.calendar_models import CalendarVersion, Layer, VersionState
from core.calendar_paper import CalendarDay, DayKind, YearPaper

Days = Mapping[date, CalendarDay]


@dataclass(frozen=True)
class Book:
    """The papers and orders in force; orders in the order of their approval."""

    papers: Mapping[int, YearPaper]
    orders: tuple[Days, ...]

    def calendar(self) -> WorkCalendar:
        return compose(tuple(self.papers.values()), self.orders)

    def with_paper(self, paper: YearPaper) -> "Book":
        return replace(self, papers={**self.papers, paper.year: paper})

    def with_order(self, days: Days) -> "Book":
        return replace(self, orders=(*self.orders, days))


class DayChange(NamedTuple):
    """A day that becomes another kind or gets another name."""

    day: date
    old_kind: DayKind
    old_name: str
    new_kind: DayKind
    new_name: str


@dataclass(frozen=True)
class Diff:
    """What a proposal would change; `was_provisional`: its year has had no notice so far."""

    was_provisional: bool
    changes: tuple[DayChange, ...]


async def load_calendar(session: AsyncSession) -> WorkCalendar:
    """Return the calendar in force, from three queries: shipped, approved and local days."""
    return (await open_book(session)).calendar()


async def open_book(session: AsyncSession) -> Book:
    """Return what is in force. Of a shipped and an approved version of a year the later one counts."""
    papers = {paper.year: paper for paper in shipped_papers()}
    orders: list[Days] = []
    for version in await approved_versions(session):
        if version.layer is Layer.LOCAL:
            orders.append(days_of(version))
        elif version.year not in papers or paper_of(version).order >= papers[version.year].order:
            papers[version.year] = paper_of(version)
    return Book(papers, tuple(orders))


async def approved_versions(session: AsyncSession) -> Sequence[CalendarVersion]:
    """Return approved versions and orders with their days, in the order of their approval."""
    found = await session.scalars(
        select(CalendarVersion)
        .where(CalendarVersion.state == VersionState.APPROVED)
        .order_by(CalendarVersion.decided_at, CalendarVersion.id)
        .options(selectinload(CalendarVersion.days))
    )
    return found.all()


async def all_versions(session: AsyncSession) -> Sequence[CalendarVersion]:
    """Return every proposal, order and version with its days, the newest first."""
    found = await session.scalars(
        select(CalendarVersion)
        .order_by(CalendarVersion.id.desc())
        .options(selectinload(CalendarVersion.days))
    )
    return found.all()


def diff_of(book: Book, version: CalendarVersion) -> Diff:
    """Return what `version` would change of what is in force."""
    if version.layer is Layer.LOCAL:
        after, days = book.with_order(days_of(version)), [row.day for row in version.days]
    else:
        after, days = book.with_paper(paper_of(version)), days_ruled(version.year)
    before = book.calendar()
    return Diff(
        was_provisional=version.layer is Layer.NOTICE and version.year not in before.confirmed,
        changes=changes(before, after.calendar(), days),
    )


def changes(
    before: WorkCalendar, after: WorkCalendar, days: Iterable[date]
) -> tuple[DayChange, ...]:
    """Return those of `days` that differ."""
    each = (
        DayChange(day, before.kind(day), before.name(day), after.kind(day), after.name(day))
        for day in days
    )
    return tuple(one for one in each if one[1:3] != one[3:5])


def days_ruled(year: int) -> list[date]:
    """Return the days that a notice for `year` may change: its own and the December before."""
    first = date(year - 1, 12, 1)
    return [first + timedelta(days=n) for n in range((date(year, 12, 31) - first).days + 1)]


def paper_of(version: CalendarVersion) -> YearPaper:
    return YearPaper(
        year=version.year,
        published=version.published,
        revision=version.revision,
        number=version.number,
        papers=tuple(version.papers),
        days=days_of(version),
    )


def days_of(version: CalendarVersion) -> dict[date, CalendarDay]:
    document = version.number if version.layer is Layer.LOCAL else ""
    return {row.day: CalendarDay(row.kind, row.name, document) for row in version.days}
