"""Ready and not ready: Asterisk first, and what is believed when nobody asked."""

import pytest
from seat_world import World

from seats.errors import (
    BadPauseReason,
    DeviceNotRegistered,
    NotAtASeat,
    SwitchUnavailable,
)


async def test_ready_comes_with_asterisks_event_and_not_before(world: World) -> None:
    await world.sign_in("王", "03")
    answer = await world.service.set_ready(world.people["王"])
    assert (answer.state, answer.wanted) == ("not_ready", "ready")
    assert not world.switch.queue["seat03"].paused
    await world.settle()
    assert await world.state("王") == ("ready", "")
    assert (await world.session("王")).wanted == ""


async def test_ready_is_refused_while_the_telephone_is_not_registered(world: World) -> None:
    await world.sign_in("王", "03", device=False)
    assert not (await world.session("王")).device_reachable
    with pytest.raises(DeviceNotRegistered):
        await world.service.set_ready(world.people["王"])
    assert world.switch.queue["seat03"].paused


async def test_a_lost_registration_event_does_not_lock_the_agent_out(world: World) -> None:
    await world.sign_in("王", "03", device=False)
    world.switch.devices.add("seat03")
    await world.service.set_ready(world.people["王"])
    await world.settle()
    assert (await world.session("王")).state == "ready"


async def test_not_ready_pauses_in_asterisk_first(world: World) -> None:
    await world.ready("王", "03")
    answer = await world.service.set_not_ready(world.people["王"], "meal")
    assert (answer.state, answer.reason) == ("not_ready", "meal")
    assert world.switch.queue["seat03"].reason == "meal"
    await world.settle()
    assert world.steps("03")[-1] == ("ready", "not_ready", "meal")


async def test_the_reason_of_a_pause_can_be_changed(world: World) -> None:
    await world.ready("王", "03")
    await world.service.set_not_ready(world.people["王"], "rest")
    await world.service.set_not_ready(world.people["王"], "meal")
    await world.settle()
    assert world.switch.queue["seat03"].reason == "meal"
    assert world.steps("03")[-2:] == [
        ("ready", "not_ready", "rest"),
        ("not_ready", "not_ready", "meal"),
    ]


async def test_the_same_state_again_is_no_event(world: World) -> None:
    await world.ready("王", "03")
    await world.service.set_not_ready(world.people["王"], "rest")
    before = len(world.steps("03"))
    await world.service.set_not_ready(world.people["王"], "rest")
    await world.settle()
    assert len(world.steps("03")) == before


@pytest.mark.parametrize("reason", ["", "missed_call", "sign_in", "wrap_up", "lunch", "x" * 99])
async def test_only_the_choosable_reasons_are_accepted(world: World, reason: str) -> None:
    await world.ready("王", "03")
    with pytest.raises(BadPauseReason):
        await world.service.set_not_ready(world.people["王"], reason)
    assert await world.state("王") == ("ready", "")


async def test_without_the_switch_nothing_changes_and_the_agent_is_told(world: World) -> None:
    await world.ready("王", "03")
    world.switch.up = False
    with pytest.raises(SwitchUnavailable):
        await world.service.set_not_ready(world.people["王"], "meal")
    assert await world.state("王") == ("ready", "")
    world.switch.up = True
    await world.service.set_not_ready(world.people["王"], "meal")
    world.switch.up = False
    with pytest.raises(SwitchUnavailable):
        await world.service.set_ready(world.people["王"])
    assert (await world.session("王")).wanted == ""


async def test_without_a_seat_there_is_nothing_to_set(world: World) -> None:
    with pytest.raises(NotAtASeat):
        await world.service.set_ready(world.people["王"])


async def test_a_pause_from_asterisks_console_is_believed(world: World) -> None:
    await world.ready("王", "03")
    world.switch.pause_from_console("seat03", paused=True, reason="by hand")
    await world.settle()
    assert await world.state("王") == ("not_ready", "system")


async def test_nobody_becomes_ready_against_the_agents_wish(world: World) -> None:
    await world.ready("王", "03")
    await world.service.set_not_ready(world.people["王"], "meal")
    await world.settle()
    world.switch.pause_from_console("seat03", paused=False)
    await world.settle()
    assert await world.state("王") == ("not_ready", "meal")
    assert world.switch.queue["seat03"].paused


async def test_an_event_that_got_lost_is_asked_for(world: World) -> None:
    await world.sign_in("王", "03")
    world.switch.deaf = True
    await world.service.set_ready(world.people["王"])
    await world.settle()
    assert (await world.session("王")).state == "not_ready"
    world.switch.deaf = False
    await world.after(seconds=5)
    assert (await world.session("王")).state == "ready"


async def test_ready_is_asked_for_again_if_asterisk_still_pauses(world: World) -> None:
    await world.sign_in("王", "03")
    await world.service.set_ready(world.people["王"])
    world.switch.facts.clear()
    world.switch.pause_from_console("seat03", paused=True)
    world.switch.facts.clear()
    await world.after(seconds=5)
    assert (await world.session("王")).state == "ready"
    assert not world.switch.queue["seat03"].paused


async def test_a_member_that_vanished_is_added_as_it_was(world: World) -> None:
    await world.ready("王", "03")
    await world.switch.remove_member("seat03")
    await world.settle()
    assert not world.switch.queue["seat03"].paused
    assert await world.state("王") == ("ready", "")


async def test_two_clicks_at_once_end_as_the_second_one_wished(world: World) -> None:
    await world.sign_in("王", "03")
    await world.service.set_ready(world.people["王"])
    await world.service.set_not_ready(world.people["王"], "rest")
    await world.settle()
    assert await world.state("王") == ("not_ready", "rest")
    await world.service.set_ready(world.people["王"])
    await world.settle()
    assert await world.state("王") == ("ready", "")
    assert not world.switch.queue["seat03"].paused
