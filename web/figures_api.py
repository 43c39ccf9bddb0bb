"""The telephone figures over HTTP, for shift managers and the Office."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from core.security import OFFICE, Principal, Role
from telephony.figure_rows import By
from web.auth import Guarding
from web.figures_report import FiguresDesk, reply
from web.figures_sheet import sheet

MAY_READ = (Role.SHIFT_LEADER, *OFFICE)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

From = Annotated[datetime, Query(alias="from")]
To = Annotated[datetime, Query(alias="to")]


def figures_router(desk: FiguresDesk, guard: Guarding) -> APIRouter:
    """Return /api/figures: S01 to S07 of [from, to), cut into rows, as JSON and as a sheet."""
    router = APIRouter(prefix="/api/figures", tags=["figures"])
    Reader = Annotated[Principal, Depends(guard(*MAY_READ))]

    @router.get("")
    async def figures(_who: Reader, start: From, end: To, by: By = By.DAY) -> dict[str, Any]:
        return reply(await desk.report(start, end, by))

    @router.get("/sheet")
    async def figures_sheet(_who: Reader, start: From, end: To, by: By = By.DAY) -> Response:
        report = await desk.report(start, end, by)
        name = f"figures-{report.start:%Y%m%d}-{report.end:%Y%m%d}-{by}.xlsx"
        return Response(
            await asyncio.to_thread(sheet, report),
            media_type=XLSX,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    return router
