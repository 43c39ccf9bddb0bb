"""Excel out and in, with the database on the other side."""

import asyncio

from core.security import Principal
from seats.roster.board import month_view
from seats.roster.editing import set_cells
from seats.roster.models import VersionState
from seats.roster.months import (
    RULES,
    Cell,
    Month,
    cells_of,
    check_revision,
    people,
    rules_in_force,
    version_of,
)
from seats.roster.room import RosterRoom
from seats.roster.sheet_in import read_sheet
from seats.roster.sheet_out import sheet
from seats.roster.views import MonthView


async def export(room: RosterRoom, month: Month, state: VersionState | None) -> bytes:
    """Return the month's sheet, of the draft if there is one and nothing else is asked for."""
    async with room.database.reading() as session:
        view = await month_view(room, session, month, state)
    return await asyncio.to_thread(sheet, view)


async def import_sheet(
    room: RosterRoom, month: Month, revision: int | None, data: bytes, who: Principal
) -> MonthView:
    """Put the sheet's shifts into the draft as one step; SheetUnreadable or SheetBad, and nothing is changed.

    Who is not in the sheet keeps his shifts; notes and fixed cells stay.
    """
    async with room.database.reading() as session:
        draft = await version_of(session, month, "draft")
        check_revision(draft, revision)
        base = draft or await version_of(session, month, "published")
        rules = RULES.validate_python(draft.rules) if draft else await rules_in_force(session)
        known = await people(session)
        before = await cells_of(session, base) if base is not None else []
    shifts = await asyncio.to_thread(read_sheet, data, month, known, rules)
    old = {(cell.person, cell.day): cell for cell in before}
    wanted = []
    for (person, day), shift in shifts.items():
        cell = old.get((person, day), Cell(person, day))
        wanted.append(Cell(person, day, shift, cell.fixed, cell.note))
    return await set_cells(room, month, revision, wanted, who, what="import")
