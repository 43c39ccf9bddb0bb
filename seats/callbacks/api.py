"""The callback list over HTTP: look, claim, give back, call, close with a reason."""

from typing import Annotated

from fastapi import APIRouter, Depends

from core.security import Guard, Principal
from seats.callbacks.schemas import EntryOut, ListOut, ReasonIn, StepOut
from seats.callbacks.service import CallbackService
from seats.callbacks.states import MAY_DISMISS, MAY_SEE, MAY_WORK
from seats.callbacks.views import EntryView


def build_router(service: CallbackService, guard: Guard) -> APIRouter:
    """Return the endpoints under /api/callbacks; the service refuses what the guard cannot know."""
    router = APIRouter(prefix="/api/callbacks", tags=["callbacks"])
    reader = Annotated[Principal, Depends(guard(*MAY_SEE))]
    worker = Annotated[Principal, Depends(guard(*MAY_WORK))]
    manager = Annotated[Principal, Depends(guard(*MAY_DISMISS))]

    def out(entry: EntryView) -> EntryOut:
        return EntryOut.model_validate(entry)

    @router.get("")
    async def entries(who: reader) -> ListOut:
        return ListOut.model_validate(await service.entries(who.account_id))

    @router.get("/{entry_id}/steps")
    async def steps(entry_id: int, _who: reader) -> list[StepOut]:
        return [StepOut.model_validate(step) for step in await service.steps(entry_id)]

    @router.put("/{entry_id}/claim")
    async def claim(entry_id: int, who: worker) -> EntryOut:
        return out(await service.claim(entry_id, who))

    @router.delete("/{entry_id}/claim")
    async def release(entry_id: int, who: worker) -> EntryOut:
        return out(await service.release(entry_id, who))

    @router.post("/{entry_id}/call", status_code=202)
    async def call(entry_id: int, who: worker) -> EntryOut:
        return out(await service.call(entry_id, who))

    @router.put("/{entry_id}/dismissal")
    async def dismiss(entry_id: int, body: ReasonIn, who: manager) -> EntryOut:
        return out(await service.dismiss(entry_id, body.reason, who))

    return router
