"""The seat plan over HTTP: the page, changes of each kind, undoing, who may stay, and the agent's notice."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from core.security import Guard, Principal
from seats.plan_changes import MAY_PLAN, Moment, Standing, Window
from seats.plan_schemas import (
    ChangeOut,
    HistoryOut,
    MomentIn,
    PlanPageOut,
    ReasonIn,
    StandingIn,
    StayIn,
    WindowIn,
)
from seats.schemas import PlanOut
from seats.service import SeatService
from seats.signing import MAY_SIGN_IN


def add_plan_routes(router: APIRouter, service: SeatService, guard: Guard) -> None:
    """Enter the plan's endpoints into the router of the seats; a change answers with what was entered."""
    planner = Annotated[Principal, Depends(guard(*MAY_PLAN))]
    agent = Annotated[Principal, Depends(guard(*MAY_SIGN_IN))]

    @router.get("/plan")
    async def page(_who: planner) -> PlanPageOut:
        return PlanPageOut.of(await service.plan_page())

    @router.put("/plan")
    async def set_now(body: MomentIn, who: planner) -> PlanOut:
        await service.change_plan(Moment(**dict(body)), who)
        return PlanOut.model_validate(await service.plan())

    @router.post("/plan/windows", status_code=201)
    async def add_window(body: WindowIn, who: planner) -> ChangeOut:
        return ChangeOut.of(await service.change_plan(Window(**dict(body)), who))

    @router.post("/plan/rules", status_code=201)
    async def add_rule(body: StandingIn, who: planner) -> ChangeOut:
        return ChangeOut.of(await service.change_plan(Standing(**dict(body)), who))

    @router.post("/plan/entries/{entry_id}/withdrawal", status_code=201)
    async def withdraw(entry_id: int, body: ReasonIn, who: planner) -> ChangeOut:
        return ChangeOut.of(await service.withdraw_plan_entry(entry_id, body.reason, who))

    @router.post("/plan/undo", status_code=201)
    async def undo(body: ReasonIn, who: planner) -> ChangeOut:
        return ChangeOut.of(await service.undo_plan(body.reason, who))

    @router.get("/plan/history")
    async def history(
        _who: planner,
        before: int | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> HistoryOut:
        return HistoryOut.of(await service.plan_history(before, limit), limit)

    @router.put("/{seat}/stay", status_code=204)
    async def set_stays(seat: str, body: StayIn, who: planner) -> None:
        await service.set_stays(seat, body.stays, body.reason, who)

    @router.delete("/mine/notice", status_code=204)
    async def notice_seen(who: agent) -> None:
        await service.notice_seen(who)
