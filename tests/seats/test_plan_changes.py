"""What a manager does to the plan: in force at once, audited, undone by a new entry, readable refusals (B05, B07)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from plan_world import at
from seat_world import MONDAY, World
from sqlalchemy import func, select

from core.errors import Forbidden, HotlineError
from core.security import AuditRow, Principal, Role
from seats import errors
from seats.models import PlanRow
from seats.plan_changes import Moment, Standing, Window

EVENING = at("2026-11-23 17:30")


@pytest.fixture
async def planned(tmp_path: Path) -> AsyncIterator[World]:
    """The plan as it comes: Monday 08:02, ten seats to 17:30, then two."""
    world = World(tmp_path, night_seats=2)
    await world.open("王", "赵", "李")
    await world.hire("值班长", roles=(Role.SHIFT_LEADER,))
    yield world
    await world.close()


def boss(world: World) -> Principal:
    return world.people["值班长"]


async def open_now(world: World) -> int:
    return (await world.service.plan()).open_seats


async def test_b05_the_plan_switches_by_itself_in_the_evening_and_back(planned: World) -> None:
    plan = await planned.service.plan()
    assert (plan.open_seats, plan.until, plan.next and plan.next.open_seats) == (10, EVENING, 2)
    planned.clock.advance(seconds=(EVENING - MONDAY).total_seconds())
    await planned.service.sweep()
    assert await open_now(planned) == 2
    changes = [e for e in planned.events if type(e).__name__ == "OpenSeatsChanged"]
    assert [(e.open_seats, e.by) for e in changes] == [(2, "system")]
    await planned.after(hours=14.5)
    assert await open_now(planned) == 10


async def test_b07_a_change_of_the_moment_ends_at_the_next_boundary(planned: World) -> None:
    await planned.service.change_plan(Moment(open_seats=12, reason="停水"), boss(planned))
    plan = await planned.service.plan()
    assert (plan.open_seats, plan.why, plan.reason, plan.author) == (12, "now", "停水", "值班长")
    assert plan.until == EVENING
    await planned.after(hours=10)
    assert await open_now(planned) == 2


async def test_until_changed_outlasts_the_boundary_and_can_be_withdrawn(planned: World) -> None:
    made = await planned.service.change_plan(
        Moment(open_seats=6, reason="设备检修", until="changed"), boss(planned)
    )
    await planned.after(days=3)
    assert await open_now(planned) == 6
    await planned.service.withdraw_plan_entry(made.id, "检修完成", boss(planned))
    assert await open_now(planned) == 10
    with pytest.raises(errors.AlreadyWithdrawn):
        await planned.service.withdraw_plan_entry(made.id, "x", boss(planned))


async def test_undo_takes_back_the_last_change_as_a_new_entry(planned: World) -> None:
    for count in (12, 5):
        await planned.service.change_plan(Moment(open_seats=count, reason="x"), boss(planned))
        planned.clock.advance(seconds=1)
    seen = [await open_now(planned)]
    for _ in range(2):
        await planned.service.undo_plan("误操作", boss(planned))
        planned.clock.advance(seconds=1)
        seen.append(await open_now(planned))
    assert seen == [5, 12, 10]
    with pytest.raises(errors.NothingToUndo):
        await planned.service.undo_plan("x", boss(planned))
    history = await planned.service.plan_history()
    assert [change.row.kind for change in history] == ["withdrawal", "withdrawal", "now", "now"]
    assert [change.withdrawn_by for change in history][2:] == ["值班长", "值班长"]


async def test_a_window_over_midnight_is_in_force_in_its_time(planned: World) -> None:
    wish = Window(
        open_seats=5,
        reason="大风预警",
        starts_at=at("2026-11-23 22:00"),
        ends_at=at("2026-11-24 02:00"),
    )
    await planned.service.change_plan(wish, boss(planned))
    assert await open_now(planned) == 10
    for hours, count in ((14, 5), (2.5, 5), (2, 2)):
        await planned.after(hours=hours)
        assert await open_now(planned) == count
    page = await planned.service.plan_page()
    assert page.windows == []


async def test_a_standing_rule_changes_every_day_of_its_kind(planned: World) -> None:
    rule = Standing(open_seats=4, reason="冬季供暖", days=["rest"], begins=0, ends=24 * 60)
    await planned.service.change_plan(rule, boss(planned))
    assert await open_now(planned) == 10
    await planned.after(days=5)
    assert await open_now(planned) == 4
    page = await planned.service.plan_page()
    assert [span.entry.open_seats for span in page.rules["rest"]] == [4]
    assert [span.entry.open_seats for span in page.rules["workday"]] == [2, 10, 2]


BAD: list[tuple[Moment | Window | Standing, type[HotlineError], dict[str, object]]] = [
    (Moment(open_seats=13, reason="x"), errors.OpenSeatsTooMany, {"physical": 12, "open": 10, "free": 2}),
    (Moment(open_seats=0, reason="x"), errors.OpenSeatsTooFew, {"least": 1}),
    (Moment(open_seats=-1, reason="x", override=True), errors.OpenSeatsTooFew, {"least": 1}),
    (Moment(open_seats=5, reason="x", until=MONDAY - timedelta(hours=1)), errors.WindowBackwards, {}),
    (
        Window(open_seats=5, reason="x", starts_at=MONDAY - timedelta(hours=2), ends_at=MONDAY),
        errors.WindowPast, {},
    ),
    (
        Window(open_seats=5, reason="x", starts_at=EVENING, ends_at=EVENING + timedelta(days=40)),
        errors.WindowTooLong, {"days": 31},
    ),
    (Standing(open_seats=5, reason="x", days=["rest"], begins=1320, ends=360), errors.BadRuleHours, {}),
    (Standing(open_seats=5, reason="x", days=[], begins=0, ends=60), errors.BadRuleHours, {}),
    (Standing(open_seats=13, reason="x", days=["rest"], begins=0, ends=60), errors.OpenSeatsTooMany,
     {"physical": 12, "open": 10, "free": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("wish", "refusal", "details"), BAD)
async def test_what_cannot_be_is_refused_and_leaves_no_trace(
    planned: World,
    wish: Moment | Window | Standing,
    refusal: type[HotlineError],
    details: dict[str, object],
) -> None:
    with pytest.raises(refusal) as refused:
        await planned.service.change_plan(wish, boss(planned))
    assert refused.value.details == details
    told = refused.value.rendering()
    assert "—" not in told["zh"] + told["en"]
    async with planned.database.reading() as session:
        assert await session.scalar(select(func.count(PlanRow.id))) == 0
        assert await session.scalar(select(func.count(AuditRow.id))) == 0


async def test_closing_all_seats_needs_an_override_and_is_audited_as_one(planned: World) -> None:
    await planned.service.change_plan(
        Moment(open_seats=0, reason="消防演习", override=True), boss(planned)
    )
    assert await open_now(planned) == 0
    async with planned.database.reading() as session:
        row = (await session.scalars(select(AuditRow))).one()
        assert row.details["override"] is True
    with pytest.raises(errors.SeatsFull):
        await planned.service.sign_in(planned.people["王"], "01")


@pytest.mark.parametrize("verb", ["change", "withdraw", "undo", "stay"])
async def test_an_operator_changes_nothing(planned: World, verb: str) -> None:
    me, service = planned.people["王"], planned.service
    attempts = {
        "change": service.change_plan(Moment(open_seats=5, reason="x"), me),
        "withdraw": service.withdraw_plan_entry(1, "x", me),
        "undo": service.undo_plan("x", me),
        "stay": service.set_stays("01", True, "x", me),
    }
    with pytest.raises(Forbidden):
        await attempts.pop(verb)
    for unused in attempts.values():
        unused.close()


async def test_the_plan_is_the_same_for_a_process_that_starts_in_the_middle_of_it(
    planned: World,
) -> None:
    await planned.service.change_plan(Moment(open_seats=3, reason="x"), boss(planned))
    await planned.restart_us()
    assert await open_now(planned) == 3


async def test_what_the_history_holds_costs_the_present_nothing(planned: World) -> None:
    """A thousand changes later the plan of the moment is still made of a handful of rows."""
    from seats.plan_book import load_plan

    for n in range(60):
        until = "changed" if n % 2 else "boundary"
        await planned.service.change_plan(
            Moment(open_seats=1 + n % 12, reason="x", until=until), boss(planned)
        )
        planned.clock.advance(seconds=1)
    room = planned.service._room
    async with room.reading() as session:
        entries = await load_plan(session, room, planned.clock())
    assert len(entries) == 3
