"""A month from the first cell to the published roster: drafts, undo, rules, who may, and what is written down."""

from dataclasses import replace
from datetime import date

import pytest
from roster_world import DECEMBER, NOVEMBER, RosterWorld, day_of
from sqlalchemy import select

from core.errors import Forbidden
from seats.roster import editing
from seats.roster.errors import (
    BadMonth,
    BadRules,
    DayOutside,
    NothingToUndo,
    OperatorUnknown,
    RosterChanged,
    RosterConflicts,
    ShiftUnknown,
)
from seats.roster.generating import Options, generate
from seats.roster.models import RosterVersion
from seats.roster.months import Cell, Month
from seats.roster.rules import Limits, Rules
from seats.roster.shifts import DEFAULT_SHIFTS


async def test_a_month_nobody_began_shows_days_people_and_demand(world: RosterWorld) -> None:
    view = await world.view()
    assert view.version is None
    assert (len(view.days), len(view.people), view.cells, view.conflicts) == (30, 15, [], [])
    need = {slot.shift: slot.need for slot in view.slots if slot.day == date(2026, 11, 23)}
    assert need == {"night": 2, "day": 10, "evening": 2}
    assert {person.company for person in view.people} == {"市水务集团", "市客运集团", "市热电集团"}


async def test_holidays_and_make_up_days_are_marked(world: RosterWorld) -> None:
    """D-01."""
    days = {each.day: each for each in (await world.view(Month(date(2026, 10, 1)))).days}
    assert (days[date(2026, 10, 1)].kind.value, days[date(2026, 10, 1)].name) == (
        "holiday",
        "国庆节",
    )
    assert days[date(2026, 10, 10)].kind.value == "makeup"


async def test_an_edit_begins_a_draft_and_what_is_published_stays(world: RosterWorld) -> None:
    await world.publish_rotation()
    before = await world.shift_of(0, "11-24")
    view = await world.edit((0, "11-24", ""))
    assert view.version is not None
    assert (view.version.state, view.version.number, view.has_published) == ("draft", 2, True)
    assert await world.shift_of(0, "11-24", state="draft") == ""
    assert await world.shift_of(0, "11-24") == before != ""


async def test_steps_are_undone_one_by_one_to_where_the_draft_began(world: RosterWorld) -> None:
    await world.edit((0, "11-24", "day"))
    await world.edit((0, "11-24", "night"), (1, "11-24", "day"))
    view = await world.view()
    for shown in ("day", ""):
        assert view.can_undo
        assert view.version is not None
        view = await editing.undo_last(world.room, NOVEMBER, view.version.revision, world.boss)
        assert [cell.shift for cell in view.cells] == ([shown] if shown else [])
    assert view.version is not None
    with pytest.raises(NothingToUndo):
        await editing.undo_last(world.room, NOVEMBER, view.version.revision, world.boss)


async def test_who_edits_an_old_screen_is_told_to_reload(world: RosterWorld) -> None:
    view = await world.edit((0, "11-24", "day"))
    assert view.version is not None
    old = view.version.revision
    await world.edit((1, "11-24", "day"))
    cell = Cell(world.operators[2].account_id, day_of("11-24"), "day")
    for revision in (old, None):
        with pytest.raises(RosterChanged):
            await editing.set_cells(world.room, NOVEMBER, revision, [cell], world.boss)
    assert len((await world.view()).cells) == 2


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"day": date(2026, 12, 1)}, DayOutside),
        ({"shift": "brunch"}, ShiftUnknown),
        ({"person": 4711}, OperatorUnknown),
    ],
)
async def test_a_cell_that_cannot_be_is_refused_and_nothing_is_begun(
    world: RosterWorld, change: dict[str, object], refusal: type[Exception]
) -> None:
    cell = Cell(world.operators[0].account_id, day_of("11-24"), "day")
    with pytest.raises(refusal):
        await editing.set_cells(world.room, NOVEMBER, None, [replace(cell, **change)], world.boss)  # type: ignore[arg-type]
    assert (await world.view()).version is None


async def test_with_conflicts_it_is_published_for_a_reason_only_and_the_reason_is_kept(
    world: RosterWorld,
) -> None:
    view = await world.edit((0, "11-24", "day"))
    assert view.version is not None
    with pytest.raises(RosterConflicts) as refused:
        await editing.publish(world.room, NOVEMBER, view.version.revision, " ", world.boss)
    assert refused.value.details["count"] == len([each for each in view.conflicts if not each.soft])
    published = await world.publish(despite="试运行")
    assert published.version is not None
    assert (published.version.state, published.version.note) == ("published", "试运行")
    assert published.version.published_by == "何班长"
    assert not published.has_draft


async def test_a_newer_roster_supersedes_and_keeps_the_older(world: RosterWorld) -> None:
    await world.publish_rotation()
    await world.edit((0, "11-24", "evening"))
    await world.publish()
    async with world.database.reading() as session:
        states = [
            row.state
            for row in await session.scalars(
                select(RosterVersion)
                .where(RosterVersion.month == "2026-11")
                .order_by(RosterVersion.number)
            )
        ]
    assert states == ["superseded", "published"]
    assert await world.shift_of(0, "11-24") == "evening"


async def test_a_draft_can_be_thrown_away(world: RosterWorld) -> None:
    await world.publish_rotation()
    view = await world.edit((0, "11-24", ""))
    assert view.version is not None
    left = await editing.discard(world.room, NOVEMBER, view.version.revision, world.boss)
    assert (left.has_draft, left.has_published) == (False, True)
    assert "roster.discard" in await world.audited()


async def test_everything_is_audited_with_the_step(world: RosterWorld) -> None:
    await world.edit((0, "11-24", "day"))
    await world.publish()
    assert await world.audited() == ["roster.edit", "roster.publish"]


async def test_operators_may_not_edit_the_roster(world: RosterWorld) -> None:
    cell = Cell(world.operators[0].account_id, day_of("11-24"), "day")
    with pytest.raises(Forbidden):
        await editing.set_cells(world.room, NOVEMBER, None, [cell], world.operators[0])


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-1", "26-01", "1999-01", "x", "2026-11-01", "²026-11"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(BadMonth):
        Month.read(text)


async def test_changed_rules_hold_for_new_drafts_and_old_months_stay_what_they_were(
    world: RosterWorld,
) -> None:
    await world.publish_rotation()
    shifts = (replace(DEFAULT_SHIFTS[0], seats_off=3), *DEFAULT_SHIFTS[1:])
    rules = Rules(shifts, Limits(nights_in_row=2))
    await editing.set_rules(world.room, rules, world.boss)
    assert await editing.read_rules(world.room) == rules
    assert (await world.view()).limits.nights_in_row == 3
    later = await world.view(DECEMBER.next())
    assert later.limits.nights_in_row == 2
    sunday = [slot for slot in later.slots if slot.day == date(2027, 1, 3)]
    assert {slot.shift: slot.need for slot in sunday}["night"] == 3


@pytest.mark.parametrize(
    "shifts",
    [
        (),
        (DEFAULT_SHIFTS[0], DEFAULT_SHIFTS[0]),
        (replace(DEFAULT_SHIFTS[0], ends=0),),
        (replace(DEFAULT_SHIFTS[0], break_minutes=480),),
        (replace(DEFAULT_SHIFTS[0], ends=24 * 60 + 1),),
    ],
)
async def test_shifts_that_nobody_could_work_are_refused(
    world: RosterWorld, shifts: tuple[object, ...]
) -> None:
    with pytest.raises(BadRules):
        await editing.set_rules(world.room, Rules(shifts), world.boss)  # type: ignore[arg-type]


async def test_carried_balances_come_from_the_published_months_before(world: RosterWorld) -> None:
    await world.publish_rotation()
    november = {person.id: person.nights for person in (await world.view()).people}
    mean = sum(november.values()) / 15
    for person in (await world.view(DECEMBER)).people:
        assert person.carried_nights == round(november[person.id] - mean, 1)


async def test_generating_keeps_days_that_are_past_and_fixed_cells_and_is_one_step(
    world: RosterWorld,
) -> None:
    await world.publish_rotation()
    before = await world.view()
    person = before.people[0].id
    fixed = Cell(person, day_of("11-27"), "evening", fixed=True, note="陪诊")
    view = await editing.set_cells(world.room, NOVEMBER, None, [fixed], world.boss)
    assert view.version is not None
    made = await generate(
        world.room,
        NOVEMBER,
        view.version.revision,
        Options(effort=2, since=day_of("11-25")),
        world.boss,
    )
    assert fixed in made.month.cells
    past = {cell for cell in before.cells if cell.day < day_of("11-25")}
    assert {cell for cell in made.month.cells if cell.day < day_of("11-25")} == past
    assert made.short == len([0 for slot in made.month.slots for _ in range(slot.need - slot.have)])
    assert made.month.version is not None
    undone = await editing.undo_last(world.room, NOVEMBER, made.month.version.revision, world.boss)
    assert undone.cells == view.cells
