"""The surge banner over HTTP: on, with a text or a recording; off; what is in force."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from core.security import Principal
from ivr.banner_sound import BannerSound
from ivr.prompts import DEFAULT_MAX_SECONDS
from ivr.surge import SurgeService
from seats.floor.service import MAY_LEAD
from web.auth import Guarding

LARGEST_RECORDING = 4_000_000
"""Twenty seconds at 48 kHz, 16 bit, are half of it."""


class SurgeIn(BaseModel):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]
    areas: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    offers_inform: bool = False
    ends_at: AwareDatetime


class SurgeOut(BaseModel):
    """`sound`: making, ready, or failed; only with `ready` callers hear it. `asked`: who want to be informed."""

    model_config = ConfigDict(from_attributes=True)

    surge_id: int
    text: str
    areas: str
    offers_inform: bool
    sound: str
    started_by: str
    starts_at: datetime
    ends_at: datetime
    asked: int = Field(default=0)


def surge_router(service: SurgeService, guard: Guarding) -> APIRouter:
    """Return /api/floor/surge: shift leaders and the Office director only."""
    router = APIRouter(prefix="/api/floor/surge", tags=["floor"])
    Leader = Annotated[Principal, Depends(guard(*MAY_LEAD))]

    @router.get("")
    async def in_force(_who: Leader) -> SurgeOut | None:
        found = await service.in_force()
        return SurgeOut.model_validate(found) if found else None

    @router.put("")
    async def announce(body: SurgeIn, who: Leader) -> SurgeOut:
        changed = await service.announce(
            who, body.text, body.areas, body.ends_at, offers_inform=body.offers_inform
        )
        return SurgeOut.model_validate(changed)

    @router.put("/recording")
    async def use_recording(request: Request, who: Leader) -> SurgeOut:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_RECORDING:
                raise BannerSound(seconds=DEFAULT_MAX_SECONDS)
        return SurgeOut.model_validate(await service.use_recording(who, bytes(body)))

    @router.delete("", status_code=204)
    async def end(who: Leader) -> None:
        await service.end(who)

    return router
