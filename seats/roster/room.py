"""What the roster's functions share: database, clock, the calendar, and the one generation at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import WorkCalendar
from core.clock import Clock
from core.db import Database
from core.security import Role

CalendarFor = Callable[[AsyncSession], Awaitable[WorkCalendar]]
MAY_PLAN_ROSTER = (Role.SHIFT_LEADER, Role.OFFICE_DIRECTOR)
MAY_BE_ROSTERED = (Role.OPERATOR,)


@dataclass(frozen=True)
class RosterRoom:
    database: Database
    clock: Clock
    calendar_for: CalendarFor
    generating: asyncio.Lock = field(default_factory=asyncio.Lock)
