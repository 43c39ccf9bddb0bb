"""The calendar in force at hand without a query, for rooms that ask often."""

from datetime import date

from core.calendar import WorkCalendar, shipped_calendar
from core.calendar_book import load_calendar
from core.calendar_changes import CalendarChanged
from core.db import Database


class LiveCalendar:
    """`now` is what is in force; before the first `reload` it is what was shipped."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.now: WorkCalendar = shipped_calendar()

    def is_workday(self, day: date) -> bool:
        return self.now.is_workday(day)

    async def reload(self) -> None:
        async with self._database.reading() as session:
            self.now = await load_calendar(session)

    async def on_changed(self, _event: CalendarChanged) -> None:
        await self.reload()
