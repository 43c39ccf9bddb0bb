"""Keeps the calendar fresh, and says once a working morning that the notice of next year is missing (X18)."""

from datetime import date, time

import structlog

from core.calendar_changes import MAY_CHANGE, change_between
from core.calendar_live import LiveCalendar
from core.clock import SHANGHAI, Clock
from core.events import Bus
from web.live_hub import Hub
from web.live_state import Notice

log = structlog.get_logger(__name__)
MORNING = time(8, 30)
"""The alarm is for people at their desks."""


class CalendarWatch:
    """`look` is called every minute: a change from the command line reaches a running hotline that way."""

    def __init__(self, calendar: LiveCalendar, bus: Bus, hub: Hub, clock: Clock) -> None:
        self._calendar, self._bus, self._hub, self._clock = calendar, bus, hub, clock
        # A restart in the middle of the day is no second alarm; the page says it all day long.
        now = clock().astimezone(SHANGHAI)
        self._said_on: date | None = now.date() if now.time() >= MORNING else None

    async def look(self) -> None:
        """Read the calendar anew and announce what nobody announced; from 08:30 on sound the alarm, once a day."""
        await self._follow()
        now = self._clock().astimezone(SHANGHAI)
        year = self._calendar.now.missing_next_year(now)
        if year is None or now.time() < MORNING or self._said_on == now.date():
            return
        self._said_on = now.date()
        log.warning("the calendar of next year is missing", year=year)
        self._hub.notify(missing_notice(year), frozenset(MAY_CHANGE))

    async def _follow(self) -> None:
        before = self._calendar.now
        await self._calendar.reload()
        if self._calendar.now.version != before.version:
            change = change_between(before, self._calendar.now, self._clock(), "system")
            await self._bus.publish([change])


def missing_notice(year: int) -> Notice:
    return Notice(
        level="alarm",
        code="CALENDAR_YEAR_MISSING",
        zh=f"{year} 年放假安排尚未导入，跨年期限均为暂定，请到“日历”导入",
        en=f"The calendar of {year} is missing: deadlines that reach into it are provisional. Import it",
    )
