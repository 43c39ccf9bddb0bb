"""The seat count (B07), the board, the operators on the books (B06)."""

from pathlib import Path

import pytest
from seat_world import World
from sqlalchemy import select

from core.errors import Forbidden
from core.security import Account, AuditRow, Role
from seats.agents import agent_of, register_agent
from seats.errors import OpenSeatsTooFew, OpenSeatsTooMany, SeatsFull
from seats.events import OpenSeatsChanged
from seats.models import HomeCompany, Seat


@pytest.fixture
async def boss(world: World) -> str:
    await world.hire("值班长", roles=(Role.SHIFT_LEADER,))
    return "值班长"


async def test_b07_the_count_changes_at_once_and_is_announced_and_audited(
    world: World, boss: str
) -> None:
    plan = await world.service.set_open_seats(12, "停水来电增多", world.people[boss])
    assert plan == await world.service.plan()
    assert (plan.open_seats, plan.physical_seats) == (12, 12)
    event = next(event for event in world.events if isinstance(event, OpenSeatsChanged))
    assert (event.open_seats, event.by) == (12, world.people[boss].by)
    async with world.database.reading() as session:
        row = (await session.scalars(select(AuditRow))).one()
        assert (row.action, row.by) == ("seats.plan.now", world.people[boss].by)
        assert row.details == {"old": 10, "new": 12, "reason": "停水来电增多", "until": "boundary"}


async def test_b07_more_than_the_physical_maximum_is_refused_with_the_free_number(
    world: World, boss: str
) -> None:
    with pytest.raises(OpenSeatsTooMany) as refused:
        await world.service.set_open_seats(13, "x", world.people[boss])
    assert refused.value.details == {"physical": 12, "open": 10, "free": 2}
    assert (await world.service.plan()).open_seats == 10


@pytest.mark.parametrize("count", [0, -1])
async def test_one_seat_always_stays_open(world: World, boss: str, count: int) -> None:
    with pytest.raises(OpenSeatsTooFew):
        await world.service.set_open_seats(count, "x", world.people[boss])


async def test_lowering_the_count_cuts_nobody_off_but_holds_for_new_sign_ins(
    world: World, boss: str
) -> None:
    await world.ready("王", "03")
    await world.ready("赵", "04")
    await world.service.set_open_seats(1, "夜间", world.people[boss])
    assert await world.state("王") == await world.state("赵") == ("ready", "")
    with pytest.raises(SeatsFull) as refused:
        await world.service.sign_in(world.people["李"], "05")
    assert refused.value.details == {"taken": 2, "open": 1}


async def test_the_count_survives_a_restart(world: World, boss: str) -> None:
    await world.service.set_open_seats(2, "夜间", world.people[boss])
    await world.restart_us()
    assert (await world.service.plan()).open_seats == 2


async def test_only_shift_leaders_and_the_director_set_the_count(world: World) -> None:
    await world.hire("处长", roles=(Role.OFFICE_DIRECTOR,))
    with pytest.raises(Forbidden):
        await world.service.set_open_seats(5, "x", world.people["王"])
    assert (await world.service.set_open_seats(5, "x", world.people["处长"])).open_seats == 5


async def test_more_physical_seats_appear_at_the_next_start_and_fewer_are_not_offered(
    tmp_path: Path,
) -> None:
    first = World(tmp_path, physical_seats=3, open_seats=3)
    await first.open("王")
    await first.sign_in("王", "03")
    await first.close()
    for physical, numbers in ((5, ["01", "02", "03", "04", "05"]), (2, ["01", "02", "03"])):
        later = World(tmp_path, physical_seats=physical, open_seats=physical)
        await later.open()
        assert [seat.number for seat in await later.service.seat_board()] == numbers
        await later.close()
    async with (later := World(tmp_path)).database.reading() as session:
        assert len(list(await session.scalars(select(Seat)))) == 5
    await later.close()


async def test_the_board_shows_who_is_where_and_how(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    board = {seat.number: seat for seat in await world.service.seat_board()}
    assert (board["03"].state, board["03"].agent_name) == ("ringing", "王")
    assert board["03"].reachable
    assert (board["04"].state, board["04"].agent_name) == ("free", "")
    assert [session.seat for session in await world.service.sessions()] == ["03"]


async def test_b06_the_home_company_is_on_record_and_gives_no_right(world: World) -> None:
    account_id = world.people["王"].account_id
    async with world.database.unit_of_work() as uow:
        account = await uow.session.get_one(Account, account_id)
        before = list(account.roles)
        await register_agent(uow.session, account, "1001", HomeCompany.WATER)
        await register_agent(uow.session, account, "1002", HomeCompany.WATER)
        assert account.roles == before
    async with world.database.reading() as session:
        agent = await agent_of(session, account_id)
        assert agent is not None
        assert (agent.work_number, agent.home_company) == ("1002", "市水务集团")
        assert await agent_of(session, world.people["赵"].account_id) is None
