"""Who should be here now, and who may sign in (telephony spec 4: "not on the roster … admitted by a manager")."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from roster_world import calendar_for
from seat_world import World

from core.clock import SHANGHAI
from core.security import Account, Role
from seats.agents import register_agent
from seats.models import HomeCompany
from seats.roster import editing
from seats.roster.duty import admissions, admit, on_roster, rostered
from seats.roster.errors import NoShiftNow, NotOnRoster
from seats.roster.months import Cell, Month
from seats.roster.room import RosterRoom


@pytest.fixture
async def required(tmp_path: Path) -> AsyncIterator[World]:
    """It is 08:02; 王 works by day and 赵 in the evening, 李 is off; only the rostered may sign in."""
    world = World(tmp_path, roster_required=True)
    await world.open("王", "赵", "李")
    await _publish(world)
    yield world
    await world.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The same people with the setting as it comes."""
    world = World(tmp_path)
    await world.open("王", "赵", "李")
    yield world
    await world.close()


async def test_only_who_is_on_the_roster_may_sign_in(required: World) -> None:
    await required.sign_in("王", "03")
    with pytest.raises(NotOnRoster) as refused:
        await required.sign_in("李", "04")
    assert refused.value.rendering()["zh"] == "您不在11月23日白班的排班表上，请联系班长准入"
    assert [session.agent_name for session in await required.service.sessions()] == ["王"]


async def test_without_the_setting_everybody_may(world: World) -> None:
    await _publish(world)
    await world.sign_in("李", "04")


async def test_where_nothing_is_published_everybody_may(required: World) -> None:
    required.clock.advance(days=40)
    await required.sign_in("李", "04")


async def test_who_comes_half_an_hour_before_his_shift_is_let_in(required: World) -> None:
    required.clock.advance(hours=8, minutes=57)  # 16:59
    with pytest.raises(NotOnRoster):
        await required.sign_in("赵", "03")
    required.clock.advance(minutes=2)
    await required.sign_in("赵", "03")


async def test_a_manager_admits_somebody_until_the_shift_ends(required: World) -> None:
    await required.hire("何班长", roles=(Role.SHIFT_LEADER,))
    boss, person = required.people["何班长"], required.people["李"].account_id
    async with required.database.unit_of_work() as uow:
        ends = await admit(uow.session, person, "来电激增", boss, required.clock())
        assert ends == datetime(2026, 11, 23, 17, 30, tzinfo=SHANGHAI)
    async with required.database.reading() as session:
        (found,) = await admissions(session, required.clock())
        assert (found[1], found[0].admitted_by) == ("李", boss.by)
    await required.sign_in("李", "04")
    await required.service.sign_out(required.people["李"])
    required.clock.advance(hours=10)
    with pytest.raises(NotOnRoster):
        await required.sign_in("李", "04")


async def test_who_sits_already_is_not_asked_again_when_the_shift_is_over(required: World) -> None:
    before = await required.sign_in("王", "03")
    required.clock.advance(hours=10)
    again = await required.service.sign_in(required.people["王"], "03")
    assert again.signed_in_at == before.signed_in_at


async def test_a_shift_leader_needs_no_admission(required: World) -> None:
    await required.hire("何班长", roles=(Role.SHIFT_LEADER,))
    await required.sign_in("何班长", "05")


async def test_rostered_says_who_works_at_an_instant_to_the_exact_end(required: World) -> None:
    wang, zhao = (required.people[name].account_id for name in ("王", "赵"))
    end = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # 17:30
    async with required.database.reading() as session:
        before = await rostered(session, end - timedelta(seconds=1))
        after = await rostered(session, end)
        assert [(each.account_id, each.shift) for each in before] == [(wang, "day")]
        assert [(each.account_id, each.shift) for each in after] == [(zhao, "evening")]
        assert await on_roster(session, zhao, end)
        assert not await on_roster(session, wang, end)
        assert before[0].ends == end


async def test_a_draft_puts_nobody_on_duty_and_no_roster_admits_nobody(world: World) -> None:
    await world.hire("何班长", roles=(Role.SHIFT_LEADER,))
    await _publish(world, publish=False)
    async with world.database.unit_of_work() as uow:
        assert await rostered(uow.session, world.clock()) == []
        with pytest.raises(NoShiftNow):
            await admit(
                uow.session,
                world.people["李"].account_id,
                "x",
                world.people["何班长"],
                world.clock(),
            )


async def _publish(world: World, *, publish: bool = True) -> None:
    room = RosterRoom(world.database, world.clock, calendar_for)
    if "班长" not in world.people:
        await world.hire("班长", roles=(Role.OFFICE_DIRECTOR,))
    boss, day = world.people["班长"], world.clock().astimezone(SHANGHAI).date()
    async with world.database.unit_of_work() as uow:
        for number, name in enumerate(("王", "赵", "李"), 1001):
            account = await uow.session.get_one(Account, world.people[name].account_id)
            await register_agent(uow.session, account, str(number), HomeCompany.WATER)
    cells = [
        Cell(world.people["王"].account_id, day, "day"),
        Cell(world.people["赵"].account_id, day, "evening"),
    ]
    view = await editing.set_cells(room, Month.of(day), None, cells, boss)
    assert view.version is not None
    if publish:
        await editing.publish(room, Month.of(day), view.version.revision, "测试", boss)
