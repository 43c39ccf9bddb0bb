"""Coming to a seat and leaving it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from seat_world import FakeMember, World
from sqlalchemy import select

from core.errors import Forbidden
from core.security import Role
from seats.errors import (
    CallInProgress,
    NoSuchSeat,
    NotAtASeat,
    SeatClosed,
    SeatsFull,
    SeatTaken,
    SignedInElsewhere,
    SwitchUnavailable,
)
from seats.models import AgentSession, Seat


async def test_sign_in_adds_a_paused_member_and_the_agent_is_not_ready(world: World) -> None:
    session = await world.sign_in("王", "03")
    assert (session.state, session.reason) == ("not_ready", "sign_in")
    assert (session.seat, session.endpoint, session.agent_name) == ("03", "seat03", "王")
    assert world.switch.queue["seat03"] == FakeMember("seat03", True, "sign_in", True)
    assert world.switch.said == ["add seat03 paused sign_in"]
    assert world.steps("03") == [("signed_out", "not_ready", "sign_in")]
    assert session.device_reachable


async def test_a_seat_may_be_named_without_its_leading_zero(world: World) -> None:
    assert (await world.service.sign_in(world.people["王"], "3")).seat == "03"


async def test_signing_in_twice_at_the_same_seat_gives_the_same_session(world: World) -> None:
    await world.ready("王", "03")
    assert (await world.service.sign_in(world.people["王"], "03")).state == "ready"


async def test_a_taken_seat_is_refused_with_who_and_since_when(world: World) -> None:
    await world.sign_in("王", "03")
    world.clock.advance(minutes=10)
    with pytest.raises(SeatTaken) as refused:
        await world.service.sign_in(world.people["赵"], "03")
    assert refused.value.rendering()["zh"] == "03 号坐席自 08:02 起由王使用"


async def test_an_agent_has_one_seat(world: World) -> None:
    await world.sign_in("王", "03")
    with pytest.raises(SignedInElsewhere) as refused:
        await world.service.sign_in(world.people["王"], "04")
    assert "03" in refused.value.rendering()["en"]


@pytest.mark.parametrize("seat", ["13", "00", "x", "", "3; DROP", "９", "-1", "123456789"])
async def test_there_are_only_the_physical_seats(world: World, seat: str) -> None:
    with pytest.raises(NoSuchSeat):
        await world.service.sign_in(world.people["王"], seat)


async def test_a_seat_out_of_service_is_closed(world: World) -> None:
    async with world.database.unit_of_work() as uow:
        (
            await uow.session.scalars(select(Seat).where(Seat.number == "03"))
        ).one().out_of_service = True
    with pytest.raises(SeatClosed):
        await world.service.sign_in(world.people["王"], "03")
    assert (await world.service.seat_board())[2].state == "closed"


@pytest.fixture
async def full_house(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path, open_seats=10, physical_seats=12)
    await world.open(*(f"operator {n}" for n in range(1, 12)))
    for n in range(1, 11):
        await world.sign_in(f"operator {n}", f"{n:02d}")
    yield world
    await world.close()


async def test_b04_the_eleventh_sign_in_is_refused_when_ten_seats_are_open(
    full_house: World,
) -> None:
    with pytest.raises(SeatsFull) as refused:
        await full_house.service.sign_in(full_house.people["operator 11"], "11")
    assert "10/10" in refused.value.rendering()["zh"]
    board = await full_house.service.seat_board()
    assert [seat.state for seat in board] == ["not_ready"] * 10 + ["closed"] * 2


async def test_a_seat_that_becomes_free_can_be_taken(full_house: World) -> None:
    await full_house.service.sign_out(full_house.people["operator 1"])
    assert (await full_house.sign_in("operator 11", "11")).state == "not_ready"


async def test_only_operators_and_shift_leaders_sign_in(world: World) -> None:
    await world.hire("处长", roles=(Role.OFFICE_DIRECTOR,))
    await world.hire("值班长", roles=(Role.SHIFT_LEADER,))
    with pytest.raises(Forbidden):
        await world.service.sign_in(world.people["处长"], "03")
    assert (await world.sign_in("值班长", "03")).state == "not_ready"


async def test_without_the_switch_the_lease_is_rolled_back(world: World) -> None:
    world.switch.up = False
    with pytest.raises(SwitchUnavailable):
        await world.service.sign_in(world.people["王"], "03")
    assert await world.service.session_of(world.people["王"].account_id) is None
    world.switch.up = True
    assert (await world.sign_in("赵", "03")).state == "not_ready"


async def test_a_ghost_member_of_earlier_days_is_taken_over_and_paused(world: World) -> None:
    world.switch.queue["seat03"] = FakeMember("seat03", paused=False)
    await world.sign_in("王", "03")
    assert world.switch.queue["seat03"].paused
    assert await world.state("王") == ("not_ready", "sign_in")


async def test_a_sign_in_that_died_half_way_is_finished_if_asterisk_has_the_member(
    world: World,
) -> None:
    await world.sign_in("王", "03")
    await _forget_confirmation(world)
    await world.after(seconds=1)
    assert await world.state("王") == ("not_ready", "sign_in")


async def test_a_sign_in_that_died_half_way_is_undone_if_asterisk_has_no_member(
    world: World,
) -> None:
    await world.sign_in("王", "03")
    await _forget_confirmation(world)
    world.switch.queue.clear()
    await world.after(seconds=1)
    assert await world.service.session_of(world.people["王"].account_id) is None


async def _forget_confirmation(world: World) -> None:
    async with world.database.unit_of_work() as uow:
        row = (await uow.session.scalars(select(AgentSession))).one()
        row.state, row.reason, row.check_at = "signed_out", "", world.clock()


async def test_sign_out_removes_the_member_first(world: World) -> None:
    await world.ready("王", "03")
    await world.service.sign_out(world.people["王"])
    await world.settle()
    assert world.switch.queue == {}
    assert await world.service.session_at("seat03") is None
    assert world.steps("03")[-1] == ("ready", "signed_out", "signed_out")


async def test_sign_out_without_a_seat_says_so(world: World) -> None:
    with pytest.raises(NotAtASeat):
        await world.service.sign_out(world.people["王"])


async def test_sign_out_during_a_call_is_refused(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    with pytest.raises(CallInProgress):
        await world.service.sign_out(world.people["王"])
    await world.answer("03", "call-1")
    with pytest.raises(CallInProgress):
        await world.service.sign_out(world.people["王"])
    await world.end_talk("03", "call-1")
    await world.service.sign_out(world.people["王"])
    assert await world.service.session_at("seat03") is None


async def test_an_offer_that_comes_while_signing_out_keeps_the_lease(world: World) -> None:
    await world.ready("王", "03")
    remove = world.switch.remove_member

    async def remove_while_ringing(endpoint: str) -> FakeMember:
        await world.ring("03", "call-1")
        return await remove(endpoint)

    world.switch.remove_member = remove_while_ringing  # type: ignore[method-assign]
    with pytest.raises(CallInProgress):
        await world.service.sign_out(world.people["王"])
    world.switch.remove_member = remove  # type: ignore[method-assign]
    await world.settle()
    assert (await world.session("王")).state == "ringing"
    await world.answer("03", "call-1")
    assert world.switch.queue["seat03"].paused


async def test_with_the_switch_away_one_can_still_go_home_and_no_ghost_stays(world: World) -> None:
    await world.ready("王", "03")
    world.switch.up = False
    await world.service.sign_out(world.people["王"])
    world.switch.up = True
    await world.after(seconds=15)
    assert world.switch.queue == {}
