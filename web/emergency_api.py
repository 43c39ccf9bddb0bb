"""The operator's emergency transfer over HTTP: call the desk in, hand the caller over, or let it be."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.errors import NotFound
from core.security import Guard, Principal, Role
from telephony.calls import Call
from telephony.emergency import Emergencies
from web.hang_up import NotYourCall, talks
from web.live_hub import Hub


class EmergencyIn(BaseModel):
    number: str


def emergency_router(
    emergencies: Emergencies, calls: Mapping[str, Call], hub: Hub, guard: Guard
) -> APIRouter:
    """Return /api/calls/{id}/emergency: for the agent who talks in the call, and for a shift leader.

    What is asked for is under way with the answer; how it went is told by the live connection.
    """
    router = APIRouter(prefix="/api/calls/{call_id}/emergency", tags=["calls"])
    Agent = Annotated[Principal, Depends(guard(Role.OPERATOR, Role.SHIFT_LEADER))]

    def check(who: Principal, call_id: str) -> None:
        call, session = calls.get(call_id), hub.desk(who.account_id).session
        if call is None or call.ended_at is not None:
            raise NotFound(what="call")
        if not who.may(Role.SHIFT_LEADER) and not (session and talks(call, session.endpoint)):
            raise NotYourCall()

    @router.post("", status_code=202)
    async def begin(call_id: str, body: EmergencyIn, who: Agent) -> dict[str, str]:
        check(who, call_id)
        await emergencies.begin(call_id, body.number)
        return {"call_id": call_id, "number": body.number}

    @router.post("/hand-over", status_code=202)
    async def hand_over(call_id: str, who: Agent) -> dict[str, str]:
        check(who, call_id)
        await emergencies.hand_over(call_id)
        return {"call_id": call_id}

    @router.delete("", status_code=202)
    async def withdraw(call_id: str, who: Agent) -> dict[str, str]:
        check(who, call_id)
        await emergencies.withdraw(call_id)
        return {"call_id": call_id}

    return router
