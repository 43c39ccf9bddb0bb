"""Ring, talk and wrap-up."""

from datetime import timedelta

import pytest
from seat_world import MONDAY, World
from sqlalchemy import select

from seats.errors import WrapUpAlreadyExtended, WrapUpNotRunning
from seats.events import OfferMissed, PauseWished
from seats.models import StateChange


def missed(world: World) -> list[tuple[str, bool]]:
    return [(e.seat, e.kept_ready) for e in world.events if isinstance(e, OfferMissed)]


async def talk(world: World, name: str = "王", seat: str = "03", call: str = "call-1") -> None:
    await world.ready(name, seat)
    await world.ring(seat, call)
    await world.answer(seat, call)


async def test_the_whole_way_of_a_call(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    session = await world.session("王")
    assert (session.state, session.call_id) == ("ringing", "call-1")
    assert session.deadline == MONDAY + timedelta(seconds=world.settings.ring_seconds + 5)
    await world.answer("03", "call-1")
    session = await world.session("王")
    assert (session.state, session.call_id, session.deadline) == ("talking", "call-1", None)
    await world.end_talk("03", "call-1")
    session = await world.session("王")
    assert (session.state, session.call_id) == ("wrap_up", "call-1")
    assert session.deadline == MONDAY + timedelta(seconds=world.settings.wrap_up_seconds)
    await world.after(seconds=world.settings.wrap_up_seconds)
    assert await world.state("王") == ("ready", "")
    assert [step[1] for step in world.steps("03")] == [
        "not_ready", "ready", "ringing", "talking", "wrap_up", "ready",
    ]  # fmt: skip


async def test_every_change_is_kept_with_old_new_reason_when_by_whom_and_call(world: World) -> None:
    await talk(world)
    async with world.database.reading() as session:
        rows = list(await session.scalars(select(StateChange).order_by(StateChange.id)))
        kept = [(row.old, row.new, row.reason, row.call_id, row.by) for row in rows]
    by = world.people["王"].by
    assert kept == [
        ("signed_out", "not_ready", "sign_in", None, by),
        ("not_ready", "ready", "", None, "system"),
        ("ready", "ringing", "", "call-1", "system"),
        ("ringing", "talking", "", "call-1", "system"),
    ]


async def test_the_member_is_paused_as_soon_as_the_call_is_answered(world: World) -> None:
    await talk(world)
    member = world.switch.queue["seat03"]
    assert (member.paused, member.reason) == (True, "wrap_up")
    assert (await world.session("王")).state == "talking"


async def test_wrap_up_ends_early_when_the_agent_says_so(world: World) -> None:
    await talk(world)
    await world.end_talk("03", "call-1")
    await world.service.set_ready(world.people["王"])
    await world.settle()
    assert await world.state("王") == ("ready", "")


async def test_wrap_up_may_end_in_a_pause(world: World) -> None:
    await talk(world)
    await world.end_talk("03", "call-1")
    await world.service.set_not_ready(world.people["王"], "rest")
    await world.settle()
    assert await world.state("王") == ("not_ready", "rest")
    assert world.switch.queue["seat03"].reason == "rest"
    await world.after(seconds=world.settings.wrap_up_seconds)
    assert await world.state("王") == ("not_ready", "rest")


async def test_wrap_up_can_be_extended_once(world: World) -> None:
    await talk(world)
    with pytest.raises(WrapUpNotRunning):
        await world.service.extend_wrap_up(world.people["王"])
    await world.end_talk("03", "call-1")
    limit = timedelta(seconds=world.settings.wrap_up_seconds)
    extended = await world.service.extend_wrap_up(world.people["王"])
    assert (extended.deadline, extended.extended) == (MONDAY + 2 * limit, True)
    assert world.steps("03")[-1] == ("wrap_up", "wrap_up", "")
    with pytest.raises(WrapUpAlreadyExtended):
        await world.service.extend_wrap_up(world.people["王"])
    await world.after(seconds=limit.seconds)
    assert (await world.session("王")).state == "wrap_up"
    await world.after(seconds=limit.seconds)
    assert (await world.session("王")).state == "ready"


async def test_a_restart_of_ours_neither_skips_nor_prolongs_the_wrap_up(world: World) -> None:
    await talk(world)
    await world.end_talk("03", "call-1")
    before = await world.session("王")
    await world.restart_us()
    assert await world.session("王") == before
    assert world.switch.queue["seat03"].paused
    await world.after(seconds=world.settings.wrap_up_seconds)
    assert (await world.session("王")).state == "ready"


async def test_a_pause_wished_during_the_talk_follows_the_wrap_up(world: World) -> None:
    await talk(world)
    answer = await world.service.set_not_ready(world.people["王"], "meal")
    assert (answer.state, answer.wanted, answer.wanted_reason) == ("talking", "not_ready", "meal")
    await world.end_talk("03", "call-1")
    assert (await world.session("王")).state == "wrap_up"
    await world.after(seconds=world.settings.wrap_up_seconds)
    assert await world.state("王") == ("not_ready", "meal")
    assert world.switch.queue["seat03"].reason == "meal"


async def test_a_pause_wished_during_the_talk_can_be_taken_back(world: World) -> None:
    await talk(world)
    await world.service.set_not_ready(world.people["王"], "meal")
    assert (await world.service.set_ready(world.people["王"])).wanted == ""
    wishes = [event.reason for event in world.events if isinstance(event, PauseWished)]
    assert wishes == ["meal", ""]
    await world.end_talk("03", "call-1")
    await world.after(seconds=world.settings.wrap_up_seconds)
    assert await world.state("王") == ("ready", "")


async def test_a_pause_wished_while_ringing_holds_back_the_next_call(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    await world.service.set_not_ready(world.people["王"], "rest")
    await world.settle()
    assert world.switch.queue["seat03"].paused
    await world.stop_ringing("03", "call-1", "caller_gone")
    assert await world.state("王") == ("not_ready", "rest")


async def test_a_wish_taken_back_while_ringing_leaves_the_agent_ready(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    await world.service.set_not_ready(world.people["王"], "rest")
    await world.settle()
    await world.service.set_ready(world.people["王"])
    await world.stop_ringing("03", "call-1", "caller_gone")
    assert await world.state("王") == ("ready", "")
    assert not world.switch.queue["seat03"].paused


async def test_a_missed_call_puts_the_agent_on_pause_and_managers_hear_of_it(world: World) -> None:
    await world.ready("王", "03")
    await world.ready("赵", "04")
    await world.ring("03", "call-1")
    await world.stop_ringing("03", "call-1", "no_answer")
    assert await world.state("王") == ("not_ready", "missed_call")
    assert world.switch.queue["seat03"].reason == "missed_call"
    assert missed(world) == [("03", False)]


async def test_the_last_ready_seat_stays_ready_after_a_missed_call(world: World) -> None:
    await world.ready("王", "03")
    await world.sign_in("赵", "04")
    await world.ring("03", "call-1")
    await world.stop_ringing("03", "call-1", "no_answer")
    assert await world.state("王") == ("ready", "")
    assert not world.switch.queue["seat03"].paused
    assert missed(world) == [("03", True)]


async def test_of_two_seats_that_miss_at_once_one_stays_ready(world: World) -> None:
    await world.ready("王", "03")
    await world.ready("赵", "04")
    await world.ring("03", "call-1")
    await world.ring("04", "call-2")
    await world.stop_ringing("03", "call-1", "no_answer")
    await world.stop_ringing("04", "call-2", "no_answer")
    states = [await world.state("王"), await world.state("赵")]
    assert sorted(states) == [("not_ready", "missed_call"), ("ready", "")]


async def test_a_ready_seat_with_a_dead_telephone_does_not_count_as_ready(world: World) -> None:
    await world.ready("王", "03")
    await world.ready("赵", "04")
    world.switch.set_device("seat04", reachable=False)
    await world.settle()
    await world.ring("03", "call-1")
    await world.stop_ringing("03", "call-1", "no_answer")
    assert await world.state("王") == ("ready", "")


@pytest.mark.parametrize("result", ["rejected", "caller_gone", "withdrawn"])
async def test_a_rejection_or_a_caller_who_gave_up_leaves_the_agent_ready(
    world: World, result: str
) -> None:
    await world.ready("王", "03")
    await world.ready("赵", "04")
    await world.ring("03", "call-1")
    await world.stop_ringing("03", "call-1", result)  # type: ignore[arg-type]
    assert await world.state("王") == ("ready", "")
    assert missed(world) == []


async def test_a_telephone_that_fails_is_paused_as_a_fault(world: World) -> None:
    await world.ready("王", "03")
    await world.ready("赵", "04")
    await world.ring("03", "call-1")
    await world.stop_ringing("03", "call-1", "failed")
    assert await world.state("王") == ("not_ready", "system")


async def test_the_same_call_may_ring_the_same_seat_again(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    world.clock.advance(seconds=10)
    await world.ring("03", "call-1", attempt=2)
    deadline = (await world.session("王")).deadline
    assert deadline == world.clock() + timedelta(seconds=world.settings.ring_seconds + 5)
    await world.stop_ringing("03", "call-1", "no_answer", attempt=1)
    assert (await world.session("王")).state == "ringing"
