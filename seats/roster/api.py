"""The roster over HTTP: months for managers, one's own shifts, leave and swaps for operators."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response

from core.config import Settings
from core.errors import NotFound
from core.security import Guard, Principal
from seats.roster import absences, editing, generating, mine, sheets, swaps
from seats.roster.absences import Wanted
from seats.roster.board import month_view
from seats.roster.duty import admissions, admit, rostered
from seats.roster.errors import OperatorUnknown, SheetUnreadable
from seats.roster.generating import Options
from seats.roster.months import Cell, Month, people
from seats.roster.room import MAY_BE_ROSTERED, MAY_PLAN_ROSTER, RosterRoom
from seats.roster.rules import Rules
from seats.roster.schemas import (
    AbsenceDecisionIn,
    AbsenceIn,
    AdmissionIn,
    CellsIn,
    GenerateIn,
    PublishIn,
    ResultIn,
    RevisionIn,
    RulesIn,
    SwapDecisionIn,
    SwapIn,
    WishIn,
)
from seats.roster.sheet_in import MOST_BYTES
from seats.roster.swaps import Offer
from seats.roster.views import (
    AbsenceView,
    AdmissionView,
    DutyNow,
    DutyView,
    Generated,
    MonthView,
    MyRoster,
    SwapView,
    WishView,
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Shown = Literal["draft", "published"] | None


def build_router(room: RosterRoom, guard: Guard, settings: Settings) -> APIRouter:
    """Return the endpoints under /api/roster."""
    router = APIRouter(prefix="/api/roster", tags=["roster"])
    _months(router, room, guard)
    _sheets(router, room, guard)
    _requests(router, room, guard)
    _duty(router, room, guard, settings)
    _mine(router, room, guard)
    return router


def _months(router: APIRouter, room: RosterRoom, guard: Guard) -> None:
    planner = Annotated[Principal, Depends(guard(*MAY_PLAN_ROSTER))]

    @router.get("/months/{month}")
    async def month(month: str, _who: planner, version: Shown = None) -> MonthView:
        async with room.database.reading() as session:
            return await month_view(room, session, Month.read(month), version)

    @router.put("/months/{month}/cells")
    async def set_cells(month: str, body: CellsIn, who: planner) -> MonthView:
        cells = [Cell(**cell.model_dump()) for cell in body.cells]
        return await editing.set_cells(room, Month.read(month), body.revision, cells, who)

    @router.post("/months/{month}/undo")
    async def undo(month: str, body: RevisionIn, who: planner) -> MonthView:
        return await editing.undo_last(room, Month.read(month), body.revision, who)

    @router.post("/months/{month}/discard")
    async def discard(month: str, body: RevisionIn, who: planner) -> MonthView:
        return await editing.discard(room, Month.read(month), body.revision, who)

    @router.post("/months/{month}/publication")
    async def publish(month: str, body: PublishIn, who: planner) -> MonthView:
        return await editing.publish(room, Month.read(month), body.revision, body.despite, who)

    @router.post("/months/{month}/generation")
    async def generate(month: str, body: GenerateIn, who: planner) -> Generated:
        options = Options(body.seed, body.effort, body.keep_all, body.since)
        return await generating.generate(room, Month.read(month), body.revision, options, who)

    @router.get("/rules")
    async def rules(_who: planner) -> Rules:
        return await editing.read_rules(room)

    @router.put("/rules")
    async def set_rules(body: RulesIn, who: planner) -> Rules:
        return await editing.set_rules(room, body.rules(), who)


def _sheets(router: APIRouter, room: RosterRoom, guard: Guard) -> None:
    planner = Annotated[Principal, Depends(guard(*MAY_PLAN_ROSTER))]

    @router.get("/months/{month}/sheet", response_class=Response)
    async def export(month: str, _who: planner, version: Shown = None) -> Response:
        data = await sheets.export(room, Month.read(month), version)
        name = f'attachment; filename="roster-{Month.read(month)}.xlsx"'
        return Response(data, media_type=XLSX, headers={"Content-Disposition": name})

    @router.put("/months/{month}/sheet")
    async def import_sheet(
        month: str, request: Request, who: planner, revision: int | None = None
    ) -> MonthView:
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > MOST_BYTES:
                raise SheetUnreadable(zh="文件超过 1 MB", en="larger than 1 MB")
        return await sheets.import_sheet(room, Month.read(month), revision, bytes(data), who)


def _requests(router: APIRouter, room: RosterRoom, guard: Guard) -> None:
    planner = Annotated[Principal, Depends(guard(*MAY_PLAN_ROSTER))]
    both = Annotated[Principal, Depends(guard(*MAY_PLAN_ROSTER, *MAY_BE_ROSTERED))]
    operator = Annotated[Principal, Depends(guard(*MAY_BE_ROSTERED))]

    @router.get("/absences")
    async def list_absences(first: date, last: date, _who: planner) -> list[AbsenceView]:
        return await absences.list_absences(room, first, last)

    @router.post("/absences", status_code=201)
    async def enter_absence(body: AbsenceIn, who: both) -> list[AbsenceView]:
        whose = tuple(body.people) or (who.account_id,)
        wanted = Wanted(whose, body.kind, body.first, body.last, body.note)
        return await absences.enter(room, wanted, who)

    @router.post("/absences/{absence_id}/decision")
    async def decide_absence(absence_id: int, body: AbsenceDecisionIn, who: both) -> AbsenceView:
        return await absences.decide(room, _id(absence_id), body.trigger, who)

    @router.put("/absences/{absence_id}/result")
    async def training_result(absence_id: int, body: ResultIn, who: planner) -> AbsenceView:
        return await absences.set_result(room, _id(absence_id), body.result, who)

    @router.get("/swaps")
    async def list_swaps(who: planner) -> list[SwapView]:
        return await swaps.list_swaps(room, who)

    @router.post("/swaps", status_code=201)
    async def offer_swap(body: SwapIn, who: operator) -> SwapView:
        return await swaps.offer(room, Offer(body.taker, body.day, body.back_day, body.note), who)

    @router.post("/swaps/{swap_id}/decision")
    async def decide_swap(swap_id: int, body: SwapDecisionIn, who: both) -> SwapView:
        return await swaps.move(room, _id(swap_id), body.trigger, who, body.reason)


def _duty(router: APIRouter, room: RosterRoom, guard: Guard, settings: Settings) -> None:
    planner = Annotated[Principal, Depends(guard(*MAY_PLAN_ROSTER))]

    @router.get("/duty")
    async def duty(_who: planner) -> DutyNow:
        now = room.clock()
        async with room.database.reading() as session:
            there, let_in = await rostered(session, now), await admissions(session, now)
            return DutyNow(
                required=settings.roster_required,
                on_duty=[
                    DutyView(
                        each.account_id, each.name, each.shift, each.zh, each.en,
                        each.begins, each.ends,
                    )
                    for each in there
                ],
                admissions=[
                    AdmissionView(row.account_id, name, row.ends, row.reason)
                    for row, name in let_in
                ],
            )  # fmt: skip

    @router.post("/admissions", status_code=201)
    async def let_in(body: AdmissionIn, who: planner) -> AdmissionView:
        async with room.database.unit_of_work() as uow:
            names = {each.id: each.name for each in await people(uow.session)}
            if body.account_id not in names:
                raise OperatorUnknown(person=body.account_id)
            ends = await admit(uow.session, body.account_id, body.reason, who, room.clock())
        return AdmissionView(body.account_id, names[body.account_id], ends, body.reason)


def _mine(router: APIRouter, room: RosterRoom, guard: Guard) -> None:
    operator = Annotated[Principal, Depends(guard(*MAY_BE_ROSTERED))]

    @router.get("/mine")
    async def my_roster(who: operator) -> MyRoster:
        return await mine.my_roster(room, who)

    @router.put("/mine/wishes/{day}", status_code=204)
    async def set_wish(day: date, body: WishIn, who: operator) -> None:
        await mine.set_wish(room, who, WishView(day, body.shift, body.avoid))

    @router.delete("/mine/wishes/{day}", status_code=204)
    async def drop_wish(day: date, who: operator) -> None:
        await mine.drop_wish(room, who, day)


def _id(number: int) -> int:
    """Return `number` if the database could have it."""
    if not 0 < number < 2**31:
        raise NotFound(what=str(number)[:20])
    return number
