"""A published rotation for this month and the next, so that a fresh installation in demo mode has a roster."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import WorkCalendar
from core.clock import SHANGHAI, Clock
from seats.roster.models import RosterVersion
from seats.roster.months import RULES, Cell, Month, put_cells, roster_of
from seats.roster.rotation import rotation


async def publish_rotation(session: AsyncSession, calendar: WorkCalendar, clock: Clock) -> None:
    """Publish the rotation for the operators on the books; for an empty roster only."""
    now = clock()
    today: date = now.astimezone(SHANGHAI).date()
    for month in (Month.of(today), Month.of(today).next()):
        roster = await roster_of(session, month, None, calendar)
        version = RosterVersion(
            month=str(month),
            number=1,
            state="published",
            rules=RULES.dump_python(roster.rules, mode="json"),
            created_at=now,
            created_by="system",
            published_at=now,
            published_by="system",
        )
        session.add(version)
        await session.flush()
        rows = sorted(rotation(roster))
        put_cells(session, version, [Cell(row.person, row.day, row.shift) for row in rows])
        await session.flush()
