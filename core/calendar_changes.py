"""Changing the calendar: one person of the Office proposes, another one approves or rejects (X58)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from core.calendar import WorkCalendar
from core.calendar_book import Book, changes, diff_of, load_calendar, open_book, paper_of
from core.calendar_errors import (
    OlderVersion,
    OrderRefused,
    ProposalDecided,
    ProposalOpen,
    SamePerson,
    SameVersion,
)
from core.calendar_models import CalendarDayRow, CalendarVersion, Layer, VersionState
from core.calendar_paper import CalendarDay, DayKind, YearPaper
from core.clock import SHANGHAI
from core.db import UnitOfWork
from core.errors import NotFound, Unprocessable
from core.events import Event
from core.security import Principal, Role, audit

MAY_CHANGE = (Role.INTAKE, Role.COORDINATION, Role.OFFICE_DIRECTOR)
MOST_ORDER_DAYS = 31


@dataclass(frozen=True, kw_only=True)
class CalendarChanged(Event):
    """Another calendar is in force: `days` are another kind or have another name, `confirmed` years got a notice.

    Deadlines that were reckoned over one of them, or provisionally in one of the years, are to be reckoned anew.
    """

    days: tuple[date, ...]
    confirmed: tuple[int, ...]


@dataclass(frozen=True)
class LocalOrder:
    """An order of the city about `first` … `last`: nobody works, or everybody does; `number` is its document's."""

    number: str
    reason: str
    first: date
    last: date
    off: bool

    def days(self) -> dict[date, CalendarDay]:
        """Return what the order makes of its days; OrderRefused if it makes no sense."""
        length = (self.last - self.first).days + 1
        if not 1 <= length <= MOST_ORDER_DAYS:
            raise OrderRefused(
                zh_reason=f"应为 1 到 {MOST_ORDER_DAYS} 天",
                en_reason=f"1 to {MOST_ORDER_DAYS} days",
            )
        if not self.number.strip() or not self.reason.strip():
            raise OrderRefused(zh_reason="缺少文号或事由", en_reason="number or reason is missing")
        every = (self.first + timedelta(days=n) for n in range(length))
        return {day: CalendarDay(self._kind(day), self.reason.strip()) for day in every}

    def _kind(self, day: date) -> DayKind:
        if self.off:
            return DayKind.HOLIDAY
        return DayKind.MAKEUP if day.isoweekday() > 5 else DayKind.WORK


@dataclass(frozen=True)
class Proposal:
    """What became of a proposal: `new`, `open` (the same waits already) or `in_force` (nothing to do, X20)."""

    outcome: str
    version: CalendarVersion | None


async def propose_paper(
    uow: UnitOfWork, paper: YearPaper, who: Principal, now: datetime
) -> Proposal:
    """Store a version of a year for approval; the same twice is one (X20).

    OlderVersion, SameVersion or ProposalOpen if it may not follow what is there.
    """
    who.require(*MAY_CHANGE)
    book = await open_book(uow.session)
    current = book.papers.get(paper.year)
    if current is not None and current.digest == paper.digest:
        return Proposal("in_force", None)
    _require_newer(book, paper)
    for waiting in await _open(uow, Layer.NOTICE):
        if waiting.year == paper.year:
            if waiting.digest != paper.digest:
                raise ProposalOpen(year=paper.year)
            return Proposal("open", waiting)
    version = _version(Layer.NOTICE, paper.year, paper.days, who, now)
    version.number, version.published, version.revision = (
        paper.number,
        paper.published,
        paper.revision,
    )
    version.papers, version.digest = list(paper.papers), paper.digest
    return await _propose(uow, version, who, now)


async def propose_order(
    uow: UnitOfWork, order: LocalOrder, who: Principal, now: datetime
) -> Proposal:
    """Store a local order for approval; OrderRefused if it makes no sense or would change nothing."""
    who.require(*MAY_CHANGE)
    days = order.days()
    version = _version(Layer.LOCAL, order.first.year, days, who, now)
    version.number, version.published = order.number.strip(), now.astimezone(SHANGHAI).date()
    version.revision, version.papers = 1, []
    version.digest = hashlib.sha256(
        repr((version.number, sorted(days.items()))).encode()
    ).hexdigest()
    for waiting in await _open(uow, Layer.LOCAL):
        if waiting.digest == version.digest:
            return Proposal("open", waiting)
    if not diff_of(await open_book(uow.session), version).changes:
        raise OrderRefused(zh_reason="不改变任何一天", en_reason="it changes no day")
    return await _propose(uow, version, who, now)


async def approve(
    uow: UnitOfWork, version_id: int, who: Principal, now: datetime
) -> CalendarVersion:
    """Put a proposal in force and announce CalendarChanged.

    SamePerson for who proposed it; ProposalDecided for the second of two who decide at once; OlderVersion if a
    newer version came into force meanwhile.
    """
    who.require(*MAY_CHANGE)
    version = await version_with_days(uow.session, version_id)
    if version.proposed_by == who.by:
        raise SamePerson()
    if version.state is not VersionState.PROPOSED:
        raise ProposalDecided()
    book = await open_book(uow.session)
    if version.layer is Layer.NOTICE:
        _require_newer(book, paper_of(version))
        await uow.session.execute(
            update(CalendarVersion)
            .where(
                CalendarVersion.layer == Layer.NOTICE,
                CalendarVersion.year == version.year,
                CalendarVersion.state == VersionState.APPROVED,
            )
            .values(state=VersionState.SUPERSEDED)
        )
    await _decide(uow, version, VersionState.APPROVED, who, now)
    uow.publish(change_between(book.calendar(), await load_calendar(uow.session), now, who.by))
    return version


def change_between(
    before: WorkCalendar, after: WorkCalendar, now: datetime, by: str
) -> CalendarChanged:
    """Return the event that tells what is different in `after`."""
    confirmed = sorted(after.confirmed - before.confirmed)
    named = {*before.days, *after.days, *(date(year, 1, 1) for year in confirmed)}
    days = tuple(change.day for change in changes(before, after, sorted(named)))
    return CalendarChanged(at=now, by=by, days=days, confirmed=tuple(confirmed))


async def reject(
    uow: UnitOfWork, version_id: int, reason: str, who: Principal, now: datetime
) -> CalendarVersion:
    """Put a proposal aside; who proposed it may do so too, to withdraw it. Unprocessable without a reason."""
    who.require(*MAY_CHANGE)
    if not reason.strip():
        raise Unprocessable(missing="理由 (reason)")
    version = await version_with_days(uow.session, version_id)
    await _decide(uow, version, VersionState.REJECTED, who, now, reason.strip())
    return version


async def version_with_days(session: AsyncSession, version_id: int) -> CalendarVersion:
    """Return a version with its days; NotFound if there is none."""
    found = await session.get(
        CalendarVersion, version_id, options=[selectinload(CalendarVersion.days)]
    )
    if found is None:
        raise NotFound(what=f"calendar version {version_id}")
    return found


def _require_newer(book: Book, paper: YearPaper) -> None:
    current = book.papers.get(paper.year)
    if current is None or paper.order > current.order:
        return
    if paper.order == current.order:
        raise SameVersion(year=paper.year, next=current.revision + 1)
    raise OlderVersion(
        year=paper.year, published=current.published.isoformat(), revision=current.revision
    )


async def _open(uow: UnitOfWork, layer: Layer) -> list[CalendarVersion]:
    found = await uow.session.scalars(
        select(CalendarVersion)
        .where(CalendarVersion.layer == layer, CalendarVersion.state == VersionState.PROPOSED)
        .options(selectinload(CalendarVersion.days))
    )
    return list(found)


def _version(
    layer: Layer, year: int, days: Mapping[date, CalendarDay], who: Principal, now: datetime
) -> CalendarVersion:
    return CalendarVersion(
        layer=layer,
        year=year,
        state=VersionState.PROPOSED,
        proposed_by=who.by,
        proposed_by_name=who.display_name,
        proposed_at=now,
        reason="",
        days=[
            CalendarDayRow(day=day, kind=entry.kind, name=entry.name)
            for day, entry in sorted(days.items())
        ],
    )


async def _propose(
    uow: UnitOfWork, version: CalendarVersion, who: Principal, now: datetime
) -> Proposal:
    uow.session.add(version)
    try:
        await uow.session.flush()
    except IntegrityError:
        # Somebody else proposed a version of this year at the same moment.
        raise ProposalOpen(year=version.year) from None
    _audit(uow, "calendar_proposed", version, who, now)
    return Proposal("new", version)


async def _decide(
    uow: UnitOfWork,
    version: CalendarVersion,
    state: VersionState,
    who: Principal,
    now: datetime,
    reason: str = "",
) -> None:
    won = await uow.session.scalar(
        update(CalendarVersion)
        .where(CalendarVersion.id == version.id, CalendarVersion.state == VersionState.PROPOSED)
        .values(
            state=state,
            decided_by=who.by,
            decided_by_name=who.display_name,
            decided_at=now,
            reason=reason,
        )
        .returning(CalendarVersion.id)
    )
    if won is None:
        raise ProposalDecided()
    _audit(uow, f"calendar_{state}", version, who, now)


def _audit(
    uow: UnitOfWork, action: str, version: CalendarVersion, who: Principal, now: datetime
) -> None:
    audit(
        uow.session,
        now,
        who.by,
        action,
        f"calendar_version:{version.id}",
        layer=version.layer,
        year=version.year,
        number=version.number,
        digest=version.digest,
        reason=version.reason,
    )
