"""What a manager does with a month: edit cells, undo, discard, publish, change the rules."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from core.security import Principal, audit
from seats.roster.board import month_view
from seats.roster.conflicts import conflicts
from seats.roster.errors import BadRules, DayOutside, OperatorUnknown, RosterConflicts, ShiftUnknown
from seats.roster.models import RULES_ID, RosterRules, RosterVersion
from seats.roster.months import (
    RULES,
    Cell,
    Month,
    change,
    check_revision,
    draft_of,
    existing_draft,
    people,
    roster_of,
    rules_in_force,
    undo,
    version_of,
)
from seats.roster.room import MAY_PLAN_ROSTER, RosterRoom
from seats.roster.rules import Rules
from seats.roster.shifts import DAY_MINUTES
from seats.roster.views import MonthView


async def set_cells(
    room: RosterRoom,
    month: Month,
    revision: int | None,
    cells: Sequence[Cell],
    who: Principal,
    *,
    what: str = "edit",
) -> MonthView:
    """Put cells into the draft, beginning one if there is none (`revision` None); return the month.

    Raises RosterChanged if the draft is not the one that the screen showed, DayOutside, ShiftUnknown or
    OperatorUnknown for a cell that cannot be.
    """
    who.require(*MAY_PLAN_ROSTER)
    async with room.database.unit_of_work() as uow:
        session, now = uow.session, room.clock()
        check_revision(await version_of(session, month, "draft", lock=True), revision)
        draft = await draft_of(session, month, who, now)
        await _check_cells(session, month, draft, cells)
        count = await change(session, draft, cells, what=what, by=who.by, now=now)
        audit(session, now, who.by, f"roster.{what}", str(month), cells=count, number=draft.number)
        return await month_view(room, session, month)


async def undo_last(
    room: RosterRoom, month: Month, revision: int | None, who: Principal
) -> MonthView:
    """Take back the last step of the draft, whoever made it; NothingToUndo."""
    who.require(*MAY_PLAN_ROSTER)
    async with room.database.unit_of_work() as uow:
        session, now = uow.session, room.clock()
        draft = await existing_draft(session, month)
        check_revision(draft, revision)
        edit = await undo(session, draft)
        audit(session, now, who.by, "roster.undo", str(month), step=edit.what, made_by=edit.by)
        return await month_view(room, session, month)


async def discard(
    room: RosterRoom, month: Month, revision: int | None, who: Principal
) -> MonthView:
    """Throw the draft away; what is published stays."""
    who.require(*MAY_PLAN_ROSTER)
    async with room.database.unit_of_work() as uow:
        session, now = uow.session, room.clock()
        draft = await existing_draft(session, month)
        check_revision(draft, revision)
        await session.execute(delete(RosterVersion).where(RosterVersion.id == draft.id))
        audit(session, now, who.by, "roster.discard", str(month), number=draft.number)
        session.expunge(draft)
        return await month_view(room, session, month)


async def publish(
    room: RosterRoom, month: Month, revision: int | None, despite: str, who: Principal
) -> MonthView:
    """Make the draft the roster that holds; what was published before is kept as superseded.

    With conflicts left (soft ones apart) it wants a reason in `despite`, else RosterConflicts.
    """
    who.require(*MAY_PLAN_ROSTER)
    async with room.database.unit_of_work() as uow:
        session, now = uow.session, room.clock()
        draft = await existing_draft(session, month)
        check_revision(draft, revision)
        roster = await roster_of(session, month, draft, await room.calendar_for(session))
        left = [each for each in conflicts(roster) if not each.soft]
        if left and not despite.strip():
            raise RosterConflicts(count=len(left), first=left[0].zh)
        before = await version_of(session, month, "published", lock=True)
        if before is not None:
            before.state = "superseded"
            await session.flush()
        draft.state, draft.published_at, draft.published_by = "published", now, who.by
        draft.note = despite.strip()
        audit(
            session, now, who.by, "roster.publish", str(month),
            number=draft.number, conflicts=len(left), despite=draft.note,
        )  # fmt: skip
        await session.flush()
        return await month_view(room, session, month)


async def read_rules(room: RosterRoom) -> Rules:
    async with room.database.reading() as session:
        return await rules_in_force(session)


async def set_rules(room: RosterRoom, rules: Rules, who: Principal) -> Rules:
    """Change shifts and limits for drafts begun from now on; BadRules if nobody could keep them."""
    who.require(*MAY_PLAN_ROSTER)
    _check_rules(rules)
    async with room.database.unit_of_work() as uow:
        session, now = uow.session, room.clock()
        row = await session.get(RosterRules, RULES_ID, with_for_update=True)
        plain = RULES.dump_python(rules, mode="json")
        if row is None:
            row = RosterRules(id=RULES_ID, rules=plain, changed_at=now, changed_by=who.by)
            session.add(row)
        audit(session, now, who.by, "roster.rules", "", old=row.rules, new=plain)
        row.rules, row.changed_at, row.changed_by = plain, now, who.by
    return rules


async def _check_cells(
    session: AsyncSession, month: Month, draft: RosterVersion, cells: Sequence[Cell]
) -> None:
    shifts = RULES.validate_python(draft.rules).by_code
    known = {person.id for person in await people(session)}
    for cell in cells:
        if Month.of(cell.day) != month:
            raise DayOutside(day=cell.day.isoformat(), month=str(month))
        if cell.shift and cell.shift not in shifts:
            raise ShiftUnknown(shift=cell.shift[:16])
        if cell.person not in known and not cell.empty:
            raise OperatorUnknown(person=cell.person)


def _check_rules(rules: Rules) -> None:
    codes = [shift.code for shift in rules.shifts]
    words = [word for shift in rules.shifts for word in {shift.zh, shift.mark}]
    if not codes or len(set(codes)) < len(codes) or len(set(words)) < len(words):
        raise BadRules(missing="班次代码、名称和简称不得重复 (shifts with names of their own)")
    for shift in rules.shifts:
        if not 0 <= shift.starts < DAY_MINUTES or not shift.starts < shift.ends <= 2 * DAY_MINUTES:
            raise BadRules(missing=f"{shift.zh}的时间 (times of {shift.code})")
        if shift.ends - shift.starts > DAY_MINUTES or shift.minutes <= 0:
            raise BadRules(missing=f"{shift.zh}的时长 (length of {shift.code})")
