"""Facts that nobody expected, things that got lost, and Asterisk or ourselves coming back."""

import pytest
from seat_world import FakeMember, World
from sqlalchemy import select

from seats.models import StateChange


async def unexpected(world: World) -> list[tuple[str, str]]:
    async with world.database.reading() as session:
        rows = await session.scalars(select(StateChange).where(StateChange.expected.is_(False)))
        return [(row.old, row.trigger) for row in rows]


async def test_a_second_offer_while_it_rings_is_dropped(world: World) -> None:
    """Facts 18: a lagging device state may offer two calls at once."""
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    await world.ring("03", "call-2")
    session = await world.session("王")
    assert (session.state, session.call_id) == ("ringing", "call-1")
    assert "hangup PJSIP/seat03-call-2 17" in world.switch.said
    assert world.switch.channels["call-2"] == []
    assert await unexpected(world) == [("ringing", "offered")]
    await world.stop_ringing("03", "call-2", "rejected")
    await world.answer("03", "call-1")
    assert (await world.session("王")).state == "talking"


@pytest.mark.parametrize("state", ["talking", "wrap_up"])
async def test_an_offer_to_a_busy_agent_is_dropped_and_the_pause_repeated(
    world: World, state: str
) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    await world.answer("03", "call-1")
    if state == "wrap_up":
        await world.end_talk("03", "call-1")
    world.switch.queue["seat03"] = FakeMember("seat03", paused=False)
    await world.ring("03", "call-2")
    assert (await world.session("王")).state == state
    assert world.switch.channels["call-2"] == []
    assert world.switch.queue["seat03"].paused


async def test_a_second_offer_is_believed_if_the_first_is_gone(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    world.hang_up("03", "call-1")
    await world.ring("03", "call-2")
    session = await world.session("王")
    assert (session.state, session.call_id) == ("ringing", "call-2")
    assert world.switch.channels["call-2"]


async def test_a_second_offer_that_is_answered_is_believed(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    world.switch.up = False
    await world.ring("03", "call-2")
    await world.answer("03", "call-2")
    session = await world.session("王")
    assert (session.state, session.call_id) == ("talking", "call-2")


async def test_a_call_to_a_paused_agent_is_believed_and_the_pause_goes_on_after_it(
    world: World,
) -> None:
    await world.ready("王", "03")
    await world.service.set_not_ready(world.people["王"], "meal")
    await world.ring("03", "call-1")
    assert (await world.session("王")).state == "ringing"
    await world.stop_ringing("03", "call-1", "caller_gone")
    assert await world.state("王") == ("not_ready", "meal")


async def test_an_answer_without_a_ring_is_believed(world: World) -> None:
    await world.ready("王", "03")
    await world.answer("03", "call-1")
    assert (await world.session("王")).state == "talking"
    assert world.switch.queue["seat03"].paused


async def test_a_new_call_after_a_lost_end_takes_the_place_of_the_old_one(world: World) -> None:
    await world.ready("王", "03")
    await world.answer("03", "call-1")
    await world.answer("03", "call-2")
    session = await world.session("王")
    assert (session.state, session.call_id) == ("talking", "call-2")
    assert await unexpected(world) == [("talking", "answered")]
    await world.end_talk("03", "call-1")
    assert (await world.session("王")).state == "talking"


async def test_an_end_without_an_answer_is_wrap_up(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    await world.end_talk("03", "call-1")
    assert (await world.session("王")).state == "wrap_up"
    assert world.switch.queue["seat03"].paused


async def test_facts_about_a_seat_without_an_agent_remove_the_ghost(world: World) -> None:
    world.switch.queue["seat05"] = FakeMember("seat05", paused=False)
    await world.ring("05", "call-1")
    await world.stop_ringing("05", "call-1", "no_answer")
    await world.answer("05", "call-1")
    await world.end_talk("05", "call-1")
    assert world.switch.queue == {}


async def test_nothing_rings_for_ever(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    world.hang_up("03", "call-1")
    await world.after(seconds=world.settings.ring_seconds + 5)
    assert await world.state("王") == ("ready", "")


async def test_what_really_still_rings_is_left_to_ring(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    await world.after(seconds=world.settings.ring_seconds + 5)
    assert (await world.session("王")).state == "ringing"
    world.hang_up("03", "call-1")
    await world.after(seconds=5)
    assert (await world.session("王")).state == "ready"


async def test_an_answered_offer_without_a_bridge_does_not_ring_for_ever(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    await world.stop_ringing("03", "call-1", "answered")
    world.hang_up("03", "call-1")
    await world.after(seconds=5)
    assert (await world.session("王")).state == "ready"


async def test_a_talk_whose_end_got_lost_becomes_wrap_up(world: World) -> None:
    await world.ready("王", "03")
    await world.answer("03", "call-1")
    world.switch.channels["call-1"].append("PJSIP/seat03-call-1")
    await world.after(seconds=30)
    assert (await world.session("王")).state == "talking"
    world.hang_up("03", "call-1")
    await world.after(seconds=30)
    assert (await world.session("王")).state == "wrap_up"


async def test_a_limit_that_passes_while_the_switch_is_away_is_kept_when_it_is_back(
    world: World,
) -> None:
    await world.ready("王", "03")
    await world.answer("03", "call-1")
    await world.end_talk("03", "call-1")
    world.switch.up = False
    await world.after(seconds=world.settings.wrap_up_seconds)
    assert (await world.session("王")).state == "wrap_up"
    world.switch.up = True
    await world.after(seconds=5)
    assert (await world.session("王")).state == "ready"


async def test_a_pause_that_asterisk_did_not_take_is_repeated_by_the_comparison(
    world: World,
) -> None:
    await world.ready("王", "03")
    world.switch.up = False
    await world.answer("03", "call-1")
    world.switch.channels["call-1"].append("PJSIP/seat03-call-1")
    assert not world.switch.queue["seat03"].paused
    world.switch.up = True
    await world.after(seconds=15)
    assert world.switch.queue["seat03"].paused


async def test_after_a_restart_of_asterisk_members_are_rebuilt_and_lost_calls_corrected(
    world: World,
) -> None:
    await world.ready("王", "03")
    await world.ready("赵", "04")
    await world.ready("李", "05")
    await world.ring("04", "call-1")
    await world.answer("05", "call-2")
    world.switch.restart()
    await world.settle()
    assert await world.state("王") == ("ready", "")
    assert await world.state("赵") == ("ready", "")
    assert (await world.session("李")).state == "wrap_up"
    assert {e: m.paused for e, m in world.switch.queue.items()} == {
        "seat03": False,
        "seat04": False,
        "seat05": True,
    }
    assert not (await world.session("王")).device_reachable


async def test_a_restart_of_ours_keeps_leases_and_calls_under_way(world: World) -> None:
    await world.ready("王", "03")
    await world.ready("赵", "04")
    await world.ring("03", "call-1")
    await world.answer("03", "call-1")
    await world.service.close()
    world.switch.facts.clear()
    world.switch.queue["seat09"] = FakeMember("seat09", paused=False)
    await world.restart_us()
    assert (await world.session("王")).state == "talking"
    assert (await world.session("赵")).state == "ready"
    assert set(world.switch.queue) == {"seat03", "seat04"}


async def test_a_call_that_ended_while_we_were_down_is_wrapped_up(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    await world.answer("03", "call-1")
    world.hang_up("03", "call-1")
    await world.restart_us()
    assert (await world.session("王")).state == "wrap_up"


# Leases: browser and telephone


async def test_a_lease_without_browser_and_telephone_ends_after_the_grace(world: World) -> None:
    await world.ready("王", "03")
    world.switch.set_device("seat03", reachable=False)
    await world.settle()
    await world.after(seconds=29)
    assert await world.service.session_at("seat03") is not None
    await world.after(seconds=1)
    assert await world.service.session_at("seat03") is None
    assert world.switch.queue == {}
    assert world.steps("03")[-1] == ("ready", "signed_out", "lost")


async def test_a_browser_alone_keeps_the_lease_but_not_readiness(world: World) -> None:
    await world.ready("王", "03")
    world.switch.set_device("seat03", reachable=False)
    await world.settle()
    for _ in range(6):
        await world.service.touch(world.people["王"].account_id)
        await world.after(seconds=10)
    assert await world.state("王") == ("not_ready", "system")


async def test_a_telephone_alone_keeps_the_lease(world: World) -> None:
    await world.ready("王", "03")
    await world.after(minutes=10)
    assert await world.state("王") == ("ready", "")


async def test_a_page_reload_costs_neither_lease_nor_readiness(world: World) -> None:
    await world.ready("王", "03")
    world.switch.set_device("seat03", reachable=False)
    await world.settle()
    await world.after(seconds=5)
    world.switch.set_device("seat03", reachable=True)
    await world.settle()
    await world.after(minutes=1)
    assert await world.state("王") == ("ready", "")


async def test_no_lease_is_taken_back_while_the_call_lasts(world: World) -> None:
    await world.ready("王", "03")
    await world.ring("03", "call-1")
    await world.answer("03", "call-1")
    world.switch.set_device("seat03", reachable=False)
    await world.settle()
    await world.after(minutes=5)
    assert (await world.session("王")).state == "talking"
    await world.end_talk("03", "call-1")
    await world.after(seconds=1)
    assert await world.service.session_at("seat03") is None


async def test_our_own_absence_is_not_held_against_the_browsers(world: World) -> None:
    await world.ready("王", "03")
    world.switch.set_device("seat03", reachable=False)
    await world.settle()
    world.clock.advance(minutes=10)
    await world.restart_us()
    await world.after(seconds=20)
    assert await world.service.session_at("seat03") is not None
    await world.service.touch(world.people["王"].account_id)
    await world.after(seconds=20)
    assert await world.state("王") == ("not_ready", "system")
    await world.after(seconds=10)
    assert await world.service.session_at("seat03") is None
