"""What a shift leader orders at a seat: done in Asterisk, told to the agent, audited; and what is refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from seat_world import World
from sqlalchemy import select

from core.errors import Forbidden
from core.security import AuditRow, Role
from seats.errors import BadPauseReason, SwitchUnavailable, WrapUpNotRunning
from seats.floor.errors import AgentInCall, LastReadySeat, LastStaffedSeat, SeatNotStaffed
from seats.floor.events import AgentOrdered
from seats.floor.service import FloorService

LEADER = "何班长"


class Nobody:
    """No leg and no line: orders need neither."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = await World(tmp_path).open("林小雨", "赵海宁")
    await world.hire(LEADER, roles=(Role.SHIFT_LEADER,))
    yield world
    await world.close()


@pytest.fixture
def floor(world: World) -> FloorService:
    nobody = Nobody()
    return FloorService(world.service.room, nobody, nobody, nobody)  # type: ignore[arg-type]


async def talking(world: World) -> None:
    """Two agents are ready, and the first one talks."""
    await world.ready("林小雨", "03")
    await world.ready("赵海宁", "04")
    await world.ring("03", "call-1")
    await world.answer("03", "call-1")


def told(world: World) -> list[tuple[int, str, str, bool]]:
    return [
        (event.account_id, event.order, event.why, event.later)
        for event in world.events
        if isinstance(event, AgentOrdered)
    ]


async def audited(world: World) -> list[tuple[str, str]]:
    async with world.database.reading() as session:
        rows = await session.scalars(select(AuditRow).order_by(AuditRow.id))
        return [(row.action, row.target) for row in rows if row.action.startswith("seat.")]


async def test_an_agent_set_not_ready_is_paused_in_asterisk_and_knows_by_whom_and_why(
    world: World, floor: FloorService
) -> None:
    """Spec telephony 9: force not-ready with reason."""
    await world.ready("林小雨", "03")
    await world.ready("赵海宁", "04")
    leader = world.people[LEADER]
    await floor.order_not_ready(leader, "3", "training", "到会议室")
    await world.settle()
    assert await world.state("林小雨") == ("not_ready", "training")
    assert world.switch.queue["seat03"].paused
    session = await world.session("林小雨")
    assert (session.ordered, session.ordered_by, session.ordered_why) == (
        *("not_ready", LEADER, "到会议室"),
    )
    assert told(world) == [(world.people["林小雨"].account_id, "not_ready", "到会议室", False)]
    assert await audited(world) == [("seat.not_ready", "seat:03")]
    await world.service.set_ready(world.people["林小雨"])
    await world.settle()
    assert (await world.session("林小雨")).ordered == ""


async def test_the_last_ready_seat_stays_ready_unless_the_leader_insists(
    world: World, floor: FloorService
) -> None:
    """Spec telephony 5: never the last ready seat."""
    await world.ready("林小雨", "03")
    await world.sign_in("赵海宁", "04")
    leader = world.people[LEADER]
    with pytest.raises(LastReadySeat):
        await floor.order_not_ready(leader, "03", "rest", "休息")
    with pytest.raises(LastReadySeat):
        await floor.order_sign_out(leader, "03", "下班")
    assert await world.state("林小雨") == ("ready", "")
    assert await audited(world) == []
    await floor.order_not_ready(leader, "03", "rest", "休息", override=True)
    await world.settle()
    assert await world.state("林小雨") == ("not_ready", "rest")


async def test_the_last_staffed_seat_is_kept_unless_the_leader_insists(
    world: World, floor: FloorService
) -> None:
    """Spec telephony 4: never below one staffed seat without an explicit, audited override."""
    await world.sign_in("林小雨", "03")
    leader = world.people[LEADER]
    with pytest.raises(LastStaffedSeat):
        await floor.order_sign_out(leader, "03", "下班")
    await floor.order_sign_out(leader, "03", "下班", override=True)
    await world.settle()
    assert await world.service.session_at("seat03") is None
    assert "seat03" not in world.switch.queue
    assert await audited(world) == [("seat.sign_out", "seat:03")]


async def test_a_pause_ordered_during_a_call_begins_after_the_wrap_up(
    world: World, floor: FloorService
) -> None:
    await talking(world)
    await floor.order_not_ready(world.people[LEADER], "03", "meeting", "开会")
    assert await world.state("林小雨") == ("talking", "")
    assert told(world)[0][3] is True
    await world.end_talk("03", "call-1")
    await world.after(seconds=world.settings.wrap_up_seconds + 1)
    assert await world.state("林小雨") == ("not_ready", "meeting")


async def test_a_sign_out_during_a_call_must_say_when_and_never_cuts_it(
    world: World, floor: FloorService
) -> None:
    await talking(world)
    leader = world.people[LEADER]
    with pytest.raises(AgentInCall):
        await floor.order_sign_out(leader, "03", "下班")
    await floor.order_sign_out(leader, "03", "下班", when="after_call")
    assert not [said for said in world.switch.said if said.startswith("hangup")]
    await world.end_talk("03", "call-1")
    assert (await world.state("林小雨"))[0] == "wrap_up"
    await world.after(seconds=5)
    assert (await world.state("林小雨"))[0] == "wrap_up"
    await world.after(seconds=world.settings.wrap_up_seconds)
    assert await world.service.session_at("seat03") is None
    assert "seat03" not in world.switch.queue


async def test_at_once_means_as_soon_as_the_call_ends_without_after_call_work(
    world: World, floor: FloorService
) -> None:
    await talking(world)
    await floor.order_sign_out(world.people[LEADER], "03", "下班", when="at_once")
    assert (await world.state("林小雨"))[0] == "talking"
    await world.end_talk("03", "call-1")
    await world.after(seconds=1)
    assert await world.service.session_at("seat03") is None
    assert world.steps("03")[-2:] == [
        ("talking", "wrap_up", ""),
        ("wrap_up", "signed_out", "ordered"),
    ]


async def test_an_agent_cannot_stay_by_asking_to_be_ready_or_paused(
    world: World, floor: FloorService
) -> None:
    await talking(world)
    await floor.order_sign_out(world.people[LEADER], "03", "下班", when="after_call")
    agent = world.people["林小雨"]
    await world.service.set_ready(agent)
    await world.service.set_not_ready(agent, "rest")
    await world.end_talk("03", "call-1")
    await world.service.set_ready(agent)
    await world.after(seconds=1)
    assert await world.service.session_at("seat03") is None


async def test_an_offer_that_is_missed_lets_the_order_come_true(
    world: World, floor: FloorService
) -> None:
    await world.ready("林小雨", "03")
    await world.ready("赵海宁", "04")
    await world.ring("03", "call-1")
    await floor.order_sign_out(world.people[LEADER], "03", "下班", when="after_call")
    await world.stop_ringing("03", "call-1", "caller_gone")
    await world.after(seconds=1)
    assert await world.service.session_at("seat03") is None


async def test_a_wrap_up_is_ended_for_the_agent(world: World, floor: FloorService) -> None:
    await talking(world)
    leader = world.people[LEADER]
    with pytest.raises(WrapUpNotRunning):
        await floor.order_wrap_up_end(leader, "03", "话务量大")
    await world.end_talk("03", "call-1")
    await floor.order_wrap_up_end(leader, "03", "话务量大")
    await world.settle()
    assert await world.state("林小雨") == ("ready", "")
    assert not world.switch.queue["seat03"].paused


async def test_orders_are_refused_with_a_reason_and_change_nothing(
    world: World, floor: FloorService
) -> None:
    leader = world.people[LEADER]
    with pytest.raises(SeatNotStaffed):
        await floor.order_sign_out(leader, "05", "下班")
    await world.ready("林小雨", "03")
    await world.ready("赵海宁", "04")
    with pytest.raises(BadPauseReason):
        await floor.order_not_ready(leader, "03", "missed_call", "x")
    with pytest.raises(Forbidden):
        await floor.order_not_ready(world.people["赵海宁"], "03", "rest", "x")
    world.switch.up = False
    with pytest.raises(SwitchUnavailable):
        await floor.order_not_ready(leader, "03", "rest", "x")
    session = await world.session("林小雨")
    assert (session.state, session.ordered, told(world)) == ("ready", "", [])
