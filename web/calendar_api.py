"""The working-day calendar over HTTP: years, deadlines, versions, proposals and their decisions."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator, AwareDatetime

from core.calendar import shipped_papers
from core.calendar_book import (
    Book,
    Diff,
    all_versions,
    diff_of,
    load_calendar,
    open_book,
    paper_of,
)
from core.calendar_changes import (
    MAY_CHANGE,
    Proposal,
    approve,
    propose_order,
    propose_paper,
    reject,
    version_with_days,
)
from core.calendar_file import read_paper
from core.calendar_models import CalendarVersion, Layer, VersionState
from core.clock import Clock
from core.db import Database
from core.security import Guard, Principal
from web.calendar_schemas import (
    DueOut,
    FileIn,
    OrderIn,
    ProposalOut,
    RejectionIn,
    VersionOut,
    YearOut,
    changes_out,
    due_out,
    shipped_out,
    version_out,
    year_out,
)


def _within_years(received: datetime) -> datetime:
    if not 2000 <= received.year <= 2099:
        raise ValueError("a year from 2000 to 2099")
    return received


Received = Annotated[AwareDatetime, AfterValidator(_within_years)]
Year = Annotated[int, Path(ge=2000, le=2100)]
VersionId = Annotated[int, Path(ge=1, le=2**31 - 1)]
WorkingDays = Annotated[int, Query(ge=1, le=250)]
NOTHING = Diff(was_provisional=False, changes=())


def calendar_router(database: Database, clock: Clock, guard: Guard) -> APIRouter:
    """Return the endpoints under /api/calendar: everybody signed in reads, the Office proposes and decides."""
    router = APIRouter(prefix="/api/calendar", tags=["calendar"])
    anybody = Annotated[Principal, Depends(guard())]
    office = Annotated[Principal, Depends(guard(*MAY_CHANGE))]

    @router.get("/years/{year}")
    async def one_year(year: Year, _who: anybody) -> YearOut:
        async with database.reading() as session:
            calendar = await load_calendar(session)
        length = (date(year, 12, 31) - date(year, 1, 1)).days + 1
        days = [date(year, 1, 1) + timedelta(days=n) for n in range(length)]
        return year_out(calendar, days, clock())

    @router.get("/due")
    async def due(received: Received, working_days: WorkingDays, _who: anybody) -> DueOut:
        async with database.reading() as session:
            calendar = await load_calendar(session)
        return due_out(calendar.due(received, working_days))

    @router.get("/versions")
    async def versions(who: anybody) -> list[VersionOut]:
        async with database.reading() as session:
            book, stored = await open_book(session), await all_versions(session)
            own = [_version_out(version, book, who) for version in stored]
        shipped = [
            shipped_out(paper, book.papers[paper.year] == paper) for paper in shipped_papers()
        ]
        return own + shipped[::-1]

    @router.post("/proposals", status_code=201)
    async def propose(body: FileIn, who: office) -> ProposalOut:
        # In a thread: reading YAML takes its time, and ringing desktops must not wait for it.
        paper = await asyncio.to_thread(read_paper, body.name, body.raw())
        async with database.unit_of_work() as uow:
            made = await propose_paper(uow, paper, who, clock())
            return _proposal_out(made, await open_book(uow.session), who)

    @router.post("/orders", status_code=201)
    async def propose_local(body: OrderIn, who: office) -> ProposalOut:
        async with database.unit_of_work() as uow:
            made = await propose_order(uow, body.order(), who, clock())
            return _proposal_out(made, await open_book(uow.session), who)

    @router.get("/proposals/{version_id}")
    async def proposal(version_id: VersionId, who: anybody) -> ProposalOut:
        async with database.reading() as session:
            version = await version_with_days(session, version_id)
            return _proposal_out(Proposal("open", version), await open_book(session), who)

    @router.put("/proposals/{version_id}/approval")
    async def approve_it(version_id: VersionId, who: office) -> VersionOut:
        async with database.unit_of_work() as uow:
            version = await approve(uow, version_id, who, clock())
            return _version_out(version, await open_book(uow.session), who)

    @router.put("/proposals/{version_id}/rejection")
    async def reject_it(version_id: VersionId, body: RejectionIn, who: office) -> VersionOut:
        async with database.unit_of_work() as uow:
            version = await reject(uow, version_id, body.reason, who, clock())
            return _version_out(version, await open_book(uow.session), who)

    return router


def _proposal_out(made: Proposal, book: Book, who: Principal) -> ProposalOut:
    diff = NOTHING if made.version is None else diff_of(book, made.version)
    return ProposalOut(
        outcome=made.outcome,
        version=None if made.version is None else _version_out(made.version, book, who),
        was_provisional=diff.was_provisional,
        changes=changes_out(diff),
    )


def _version_out(version: CalendarVersion, book: Book, who: Principal) -> VersionOut:
    approved = version.state is VersionState.APPROVED
    in_force = approved and (
        version.layer is Layer.LOCAL or book.papers[version.year] == paper_of(version)
    )
    return version_out(version, in_force, who.by)
