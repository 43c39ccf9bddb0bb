"""Alarms and big screens over HTTP."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from core.security import Principal
from web.alarms.book import AlarmBook, AlarmView
from web.auth import Guarding
from web.wallboard.loads import MANAGERS
from web.wallboard.screens import Screen, Screens


class NameIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=40)


class ScreensOut(BaseModel):
    screens: list[Screen]


class AlarmOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    code: str
    level: str
    zh: str
    en: str
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_name: str
    cleared_at: datetime | None
    worsened: bool


class AlarmsOut(BaseModel):
    alarms: list[AlarmOut]


def wallboard_router(
    alarms: AlarmBook,
    screens: Screens,
    guard: Guarding,
    signed_out: Callable[[int], None],
) -> APIRouter:
    """Return /api/alarms and /api/screens, for managers; `signed_out` closes a screen's sockets."""
    router = APIRouter(prefix="/api", tags=["wallboard"])
    manager = Annotated[Principal, Depends(guard(*MANAGERS))]

    @router.get("/alarms")
    async def history(
        _who: manager,
        before: Annotated[int | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AlarmsOut:
        return AlarmsOut(alarms=[_out(one) for one in await alarms.history(before, limit)])

    @router.put("/alarms/{alarm_id}/acknowledgement")
    async def acknowledge(alarm_id: int, who: manager) -> AlarmOut:
        return _out(await alarms.acknowledge(alarm_id, who))

    @router.get("/screens")
    async def all_screens(_who: manager) -> ScreensOut:
        return ScreensOut(screens=await screens.all())

    @router.post("/screens", status_code=201)
    async def add_screen(body: NameIn, who: manager) -> Screen:
        return await screens.add(body.name, who)

    @router.delete("/screens/{account_id}", status_code=204)
    async def revoke_screen(account_id: int, who: manager) -> None:
        await screens.revoke(account_id, who)
        signed_out(account_id)

    return router


def _out(alarm: AlarmView) -> AlarmOut:
    return AlarmOut.model_validate(alarm)
