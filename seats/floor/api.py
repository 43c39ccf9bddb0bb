"""The floor over HTTP: the shift leader's telephone, monitor sessions, orders at seats, the waiting line."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from core.security import Guard, Principal
from seats.floor.schemas import (
    ModeIn,
    MonitorIn,
    MonitorOut,
    MoveIn,
    OrderIn,
    PhoneOut,
    PlaceOut,
)
from seats.floor.service import MAY_LEAD, FloorService
from seats.schemas import SipOut


def build_router(service: FloorService, guard: Guard) -> APIRouter:
    """Return the endpoints under /api/floor: shift leaders and the Office director only."""
    router = APIRouter(prefix="/api/floor", tags=["floor"])
    leader = Annotated[Principal, Depends(guard(*MAY_LEAD))]

    @router.put("/phone")
    async def phone(who: leader, response: Response) -> PhoneOut:
        response.headers["Cache-Control"] = "no-store"  # the body carries a SIP secret
        account = await service.phone(who)
        return PhoneOut(endpoint=account.username, sip=SipOut.model_validate(account))

    @router.get("/monitors")
    async def monitors(_who: leader) -> list[MonitorOut]:
        return [MonitorOut.model_validate(row) for row in await service.monitors()]

    @router.post("/monitors", status_code=201)
    async def begin(body: MonitorIn, who: leader) -> MonitorOut:
        return MonitorOut.model_validate(await service.listen_in(who, body.seat, body.mode))

    @router.patch("/monitors/{monitor_id}")
    async def change(monitor_id: str, body: ModeIn, who: leader) -> MonitorOut:
        return MonitorOut.model_validate(await service.change_mode(who, monitor_id, body.mode))

    @router.delete("/monitors/{monitor_id}", status_code=204)
    async def end(monitor_id: str, who: leader) -> None:
        await service.stop(who, monitor_id)

    @router.put("/seats/{seat}/state", status_code=204)
    async def order(seat: str, body: OrderIn, who: leader) -> None:
        match body.state:
            case "not_ready":
                await service.order_not_ready(
                    who, seat, body.reason, body.why, override=body.override
                )
            case "signed_out":
                await service.order_sign_out(
                    who, seat, body.why, when=body.when, override=body.override
                )
            case "ready":
                await service.order_wrap_up_end(who, seat, body.why)

    @router.post("/queue/{call_id}/position")
    async def move(call_id: str, body: MoveIn, who: leader) -> PlaceOut:
        place = await service.move_up(who, call_id, to_head=body.to == "head")
        return PlaceOut(call_id=call_id, position=place)

    return router
