"""One click of the operator: the desk joins the talk, and the caller is never alone (spec telephony 7)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
from support.audio import until_heard, until_packets, until_together
from support.bridges import Bridged
from support.emergency import DESK_HERTZ, desk, results, whole
from support.links import until
from support.phones import citizen, seat_phone

from core.errors import NotFound
from telephony.emergency import (
    Emergencies,
    EmergencyNotReached,
    EmergencyUnderWay,
    NoSuchEmergency,
)
from telephony.events import CallAnswered, EmergencyDialled, SegmentEnded
from telephony.own_asterisk import OwnAsterisk
from telephony.sip_call import SipCall
from telephony.sip_media import tone

CALLER, CALLER_HERTZ, SEAT_HERTZ = "13900000001", 440, 650


@dataclass
class Talk:
    """A citizen and an operator who talk, and the operator's emergency buttons."""

    on: Bridged
    caller: SipCall
    seat: SipCall
    call_id: str
    emergencies: Emergencies

    async def reached(self) -> None:
        await until(
            lambda: any(one.reached_at for one in self.on.bridge.calls[self.call_id].emergencies),
            10,
        )
        await until(
            lambda: (
                sum(bool(leg.bridge) for leg in self.on.bridge.calls[self.call_id].live_legs) == 3
            ),
            5,
        )


@asynccontextmanager
async def talk(on: Bridged, switch: OwnAsterisk) -> AsyncIterator[Talk]:
    settings = switch.settings
    emergencies = Emergencies(
        on.link,
        on.switch,
        on.bridge.calls,
        settings.emergency_routes,
        settings.emergency_instead,
        settings.emergency_ring_seconds,
    )
    async with (
        seat_phone(switch, "seat01", hertz=SEAT_HERTZ) as seat,
        citizen(switch, CALLER) as phone,
    ):
        await on.switch.add_member("seat01", paused=False)
        caller = await phone.dial("12345")
        caller.media.playing = tone(CALLER_HERTZ)
        answered = await on.next(CallAnswered)
        await until_heard(caller.media, SEAT_HERTZ)
        yield Talk(on, caller, await seat.next_call(), answered.call_id, emergencies)
        await emergencies.close()


async def test_desk_caller_and_operator_are_together_and_then_the_operator_leaves(
    switch: OwnAsterisk, on: Bridged
) -> None:
    async with desk(switch, "trunk-a") as police, talk(on, switch) as there:
        await there.emergencies.begin(there.call_id, "110")
        at_the_desk = await police.next_call()
        assert at_the_desk.caller_number == CALLER
        await there.reached()
        await until_together(at_the_desk.media, CALLER_HERTZ, SEAT_HERTZ)
        await until_together(there.caller.media, SEAT_HERTZ, DESK_HERTZ)
        await until_together(there.seat.media, CALLER_HERTZ, DESK_HERTZ)

        await there.emergencies.hand_over(there.call_id)
        await there.seat.until_ended()
        await until_heard(there.caller.media, DESK_HERTZ)
        await until_heard(at_the_desk.media, CALLER_HERTZ)
        assert (await on.next(SegmentEnded)).endpoint == "seat01"

        await at_the_desk.hang_up()
        await there.caller.until_ended()
        assert (await on.ended()).outcome == "answered"
    assert results(on) == [("110", "trunk-a", "answered")]
    await whole(on)


@pytest.mark.parametrize(
    ("manner", "result"),
    [
        ("reject", "busy"),
        ("ring", "no_answer"),
        ("congested", "unreachable"),
        ("down", "no_answer"),
    ],
)
async def test_while_routes_fail_caller_and_operator_go_on_talking(
    switch: OwnAsterisk, on: Bridged, manner: str, result: str
) -> None:
    """The next route is tried; the caller hears the operator all the time."""
    async with AsyncExitStack() as desks, talk(on, switch) as there:
        if manner != "down":
            await desks.enter_async_context(desk(switch, "trunk-a", manner))
        second = await desks.enter_async_context(desk(switch, "trunk-b"))
        await there.emergencies.begin(there.call_id, "119")
        await on.next(EmergencyDialled)
        await until_packets(there.caller.media, 0.4)
        await until_together(there.caller.media, SEAT_HERTZ)
        await second.next_call(within=15)
        await there.reached()
        await there.caller.hang_up()
        await on.ended()
    assert results(on)[0] == ("119", "trunk-a", result)
    await whole(on)


async def test_when_no_route_leads_there_the_talk_is_as_before(
    switch: OwnAsterisk, on: Bridged
) -> None:
    async with (
        desk(switch, "trunk-a", "reject"),
        desk(switch, "trunk-b", "reject"),
        desk(switch, "duty-desk", "congested"),
        talk(on, switch) as there,
    ):
        await there.emergencies.begin(there.call_id, "120")
        await until(lambda: len(results(on)) == 3, 10)
        assert [result for _, _, result in results(on)] == ["busy", "busy", "unreachable"]
        with pytest.raises(EmergencyNotReached):
            await there.emergencies.hand_over(there.call_id)
        await until_heard(there.caller.media, SEAT_HERTZ)
        await until_heard(there.seat.media, CALLER_HERTZ)
        await there.seat.hang_up()
        await there.caller.until_ended()
        await on.ended()
    await whole(on)


async def test_the_operator_takes_the_call_to_the_desk_back(
    switch: OwnAsterisk, on: Bridged
) -> None:
    async with desk(switch, "trunk-a", "ring") as police, talk(on, switch) as there:
        await there.emergencies.begin(there.call_id, "110")
        ringing = await police.next_call()
        with pytest.raises(EmergencyUnderWay):
            await there.emergencies.begin(there.call_id, "119")
        await there.emergencies.withdraw(there.call_id)
        await ringing.until_ended()
        await until_heard(there.caller.media, SEAT_HERTZ)
        await there.caller.hang_up()
        await on.ended()
    assert results(on) == [("110", "trunk-a", "caller_gone")]
    await whole(on)


async def test_only_the_four_numbers_and_only_from_a_talk(switch: OwnAsterisk, on: Bridged) -> None:
    """No toll fraud (spec telephony 12)."""
    async with talk(on, switch) as there:
        with pytest.raises(NoSuchEmergency):
            await there.emergencies.begin(there.call_id, "900123")
        with pytest.raises(NotFound):
            await there.emergencies.begin("no-such-call", "110")
        await there.caller.hang_up()
        await on.ended()
