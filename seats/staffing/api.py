"""The staffing advice over HTTP, for those who plan seats and for the Office."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from core.errors import Unprocessable
from core.security import OFFICE, Guard, Principal, Role
from seats.staffing.advice import Advice, StaffingDesk

MAY_READ = (Role.SHIFT_LEADER, *OFFICE)


def build_router(desk: StaffingDesk, guard: Guard) -> APIRouter:
    """Return GET /api/staffing: forecast and seats by half hour of one day."""
    router = APIRouter(prefix="/api/staffing", tags=["staffing"])
    Reader = Annotated[Principal, Depends(guard(*MAY_READ))]

    @router.get("")
    async def staffing(_who: Reader, day: Annotated[date, Query()]) -> dict[str, Any]:
        if not 2000 <= day.year < 3000:
            raise Unprocessable(missing="日期 (day)")
        return reply(await desk.advice(day))

    return router


def reply(advice: Advice) -> dict[str, Any]:
    forecast, handling, goal = advice.forecast, advice.handling, advice.goal
    return {
        "day": advice.day,
        "kind": advice.kind,
        "holiday": advice.name,
        "provisional": advice.provisional,
        "forecast": {
            "basis": forecast.basis,
            "days": forecast.days,
            "enough": forecast.enough,
            "storms": forecast.storms,
            "season_factor": round(forecast.season, 3),
            "holiday_factor": round(forecast.holiday, 3),
        },
        "handling": {
            "talk_seconds": handling.talk_seconds,
            "wrap_up_seconds": handling.wrap_up_seconds,
            "patience_seconds": handling.patience_seconds,
            "calls": handling.calls,
            "assumed": handling.assumed,
        },
        "goal": {
            "within_percent": goal.within_percent,
            "target_seconds": goal.target_seconds,
            "connect_percent": goal.connect_percent,
        },
        "half_hours": [
            {
                "start": half.start,
                "calls": half.calls,
                "recommended": half.recommended,
                "planned": half.planned,
                "came": half.came,
                "actual": half.actual,
            }
            for half in advice.half_hours
        ],
    }
