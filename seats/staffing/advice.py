"""The advice for one day: seats for each half hour, beside the planned and the actual ones."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import DayKind, WorkCalendar
from core.clock import SHANGHAI, Clock
from core.db import Database
from seats.staffing.erlang import Goal, seats_needed
from seats.staffing.forecast import HISTORY, DayVolumes, Forecast, forecast
from seats.staffing.history import (
    HALF_HOUR,
    Handling,
    half_hours,
    handling,
    midnight,
    staffed,
    volumes,
)
from telephony.volumes import callers_by_half_hour, first_call

LoadPlan = Callable[[AsyncSession], Awaitable[Callable[[datetime], int]]]
"""Reads the seat plan and returns `planned(instant)`: how many seats it opens then."""
LoadCalendar = Callable[[AsyncSession], Awaitable[WorkCalendar]]


@dataclass(frozen=True, kw_only=True)
class HalfHour:
    """`calls` are expected, `came` did come (None where it is not over); `actual` is a mean over the half hour."""

    start: datetime
    calls: float
    recommended: int
    planned: int
    came: int | None
    actual: float | None


@dataclass(frozen=True, kw_only=True)
class Advice:
    day: date
    kind: DayKind
    name: str
    provisional: bool
    forecast: Forecast
    handling: Handling
    goal: Goal
    half_hours: tuple[HalfHour, ...]


class StaffingDesk:
    """Makes the advice; keeps the volumes of past days until the day is over, since they no longer change."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        load_plan: LoadPlan,
        load_calendar: LoadCalendar,
        tests: frozenset[str] = frozenset(),
    ) -> None:
        self._database, self._clock, self._tests = database, clock, tests
        self._load_plan, self._load_calendar = load_plan, load_calendar
        self._kept: tuple[date, WorkCalendar, list[DayVolumes]] | None = None

    async def advice(self, day: date) -> Advice:
        """Return the advice for a day, past (as it would have been given before it) or to come."""
        now = self._clock()
        async with self._database.reading() as session:
            calendar = await self._load_calendar(session)
            planned = await self._load_plan(session)
            history = await self._history(session, calendar, now.astimezone(SHANGHAI).date())
            measured = await handling(session, now, self._tests)
            actual = await staffed(session, day, now)
            came = await callers_by_half_hour(
                session, midnight(day), midnight(day + timedelta(days=1)), self._tests
            )
        kind, name = calendar.kind(day), calendar.name(day)
        expected = forecast(day, kind, history, name)
        goal = Goal(patience_seconds=measured.patience_seconds)
        busy = measured.talk_seconds + measured.wrap_up_seconds
        return Advice(
            day=day,
            kind=kind,
            name=name,
            provisional=calendar.provisional(day),
            forecast=expected,
            handling=measured,
            goal=goal,
            half_hours=tuple(
                HalfHour(
                    start=half,
                    calls=round(calls, 2),
                    recommended=seats_needed(
                        round(calls, 2), HALF_HOUR.total_seconds(), busy, goal
                    ),
                    planned=planned(half),
                    came=came.get(half, 0) if half + HALF_HOUR <= now else None,
                    actual=staff,
                )
                for half, calls, staff in zip(half_hours(day), expected.calls, actual, strict=True)
            ),
        )

    async def _history(
        self, session: AsyncSession, calendar: WorkCalendar, today: date
    ) -> list[DayVolumes]:
        if self._kept is None or self._kept[:2] != (today, calendar):
            oldest = await first_call(session)
            first = today - HISTORY
            if oldest is not None:  # the day of the first call is not a whole one
                first = max(first, oldest.astimezone(SHANGHAI).date() + timedelta(days=1))
            known = await volumes(session, calendar, first, today, self._tests) if oldest else []
            self._kept = (today, calendar, known)
        return self._kept[2]
