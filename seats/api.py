"""The seats over HTTP: the board, my seat, my state; the plan is beside it in plan_api.py."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from core.security import Guard, Principal
from seats.errors import NotAtASeat
from seats.plan_api import add_plan_routes
from seats.plan_changes import MAY_PLAN
from seats.schemas import (
    MySeatOut,
    PlanOut,
    SeatIn,
    SeatOut,
    SeatsOut,
    SessionOut,
    SipOut,
    StateIn,
)
from seats.service import SeatService
from seats.signing import MAY_SIGN_IN
from seats.views import SeatSession


def build_router(service: SeatService, guard: Guard) -> APIRouter:
    """Return the endpoints under /api/seats; the service refuses what the guard cannot know."""
    router = APIRouter(prefix="/api/seats", tags=["seats"])
    staff = Annotated[Principal, Depends(guard(*MAY_SIGN_IN, *MAY_PLAN))]
    agent = Annotated[Principal, Depends(guard(*MAY_SIGN_IN))]

    @router.get("")
    async def seats(_who: staff) -> SeatsOut:
        board, plan = await service.board()
        return SeatsOut(
            seats=[SeatOut.model_validate(seat) for seat in board],
            plan=PlanOut.model_validate(plan),
        )

    @router.put("/mine")
    async def sign_in(body: SeatIn, who: agent, response: Response) -> MySeatOut:
        return _my_seat(service, await service.sign_in(who, body.seat), response)

    @router.get("/mine")
    async def my_seat(who: agent, response: Response) -> MySeatOut:
        session = await service.session_of(who.account_id)
        if session is None:
            raise NotAtASeat()
        return _my_seat(service, session, response)

    @router.delete("/mine", status_code=204)
    async def sign_out(who: agent) -> None:
        await service.sign_out(who)

    @router.put("/mine/state")
    async def set_state(body: StateIn, who: agent) -> SessionOut:
        if body.state == "ready":
            return SessionOut.model_validate(await service.set_ready(who))
        return SessionOut.model_validate(await service.set_not_ready(who, body.reason))

    @router.post("/mine/wrap-up/extension")
    async def extend_wrap_up(who: agent) -> SessionOut:
        return SessionOut.model_validate(await service.extend_wrap_up(who))

    add_plan_routes(router, service, guard)
    return router


def _my_seat(service: SeatService, session: SeatSession, response: Response) -> MySeatOut:
    response.headers["Cache-Control"] = "no-store"  # the body carries the seat's SIP secret
    return MySeatOut(
        session=SessionOut.model_validate(session),
        sip=SipOut.model_validate(service.sip_account(session.endpoint)),
    )
