"""Key 9: the dialplan reaches police, fire, ambulance or traffic by itself, or brings the caller to a person.

C11, spec telephony 7; nothing but Asterisk runs, and a bridge that keeps the ledger.
"""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import select
from support.audio import until_heard
from support.bridges import Bridged
from support.emergency import DESK_HERTZ, WAYS, desk, results, whole
from support.links import until
from support.phones import citizen, seat_phone

from telephony.events import CallQueued, EmergencyDialled
from telephony.models import EmergencyRow
from telephony.own_asterisk import OwnAsterisk
from telephony.sip_call import SipCall
from telephony.sip_media import tone
from telephony.sip_phone import SipPhone

CALLER = "13900000001"
KEYS = {"110": "1", "119": "2", "120": "3", "122": "4"}


async def ask_for(on: Bridged, phone: SipPhone, number: str) -> SipCall:
    """Dial the hotline, press 9 in the greeting, then the key of `number`; returns while it is dialled."""
    call = await phone.dial("12345")
    call.media.playing = tone(440)
    await call.until_answered()
    known = set(on.bridge.calls)
    await call.press("9")
    await until(lambda: any(c.menu == "emergency" for c in on.bridge.calls.values()), 5)
    assert known <= set(on.bridge.calls)
    await call.press(KEYS[number])
    await on.next(EmergencyDialled)
    return call


@pytest.mark.parametrize("number", sorted(KEYS))
async def test_the_desk_answers_and_both_hear_each_other(
    switch: OwnAsterisk, on: Bridged, number: str
) -> None:
    """The caller's number goes along, the call's outcome is the transfer, and the attempt is a row."""
    async with desk(switch, "trunk-a") as police, citizen(switch, CALLER) as phone:
        call = await ask_for(on, phone, number)
        reached = await police.next_call()
        await until_heard(call.media, DESK_HERTZ)
        await until_heard(reached.media, 440)
        assert reached.caller_number == CALLER
        assert reached.invite is not None
        assert f"sip:{number}@" in reached.invite.start
        await reached.hang_up()
        await call.until_ended()
        assert (await on.ended()).outcome == "emergency_transferred"
    assert results(on) == [(number, "trunk-a", "answered")]
    async with on.database.reading() as session:
        (row,) = (await session.scalars(select(EmergencyRow))).all()
    assert (row.number, row.route, row.result) == (number, "trunk-a", "answered")
    assert row.talk_seconds > 0
    await whole(on)


@pytest.mark.parametrize(
    ("manner", "result"),
    [
        ("reject", "busy"),
        ("ignore", "no_answer"),
        ("ring", "no_answer"),
        ("congested", "unreachable"),
        ("down", "no_answer"),
    ],
)
async def test_a_route_that_fails_is_followed_by_the_next(
    switch: OwnAsterisk, on: Bridged, manner: str, result: str
) -> None:
    async with AsyncExitStack() as desks, citizen(switch, CALLER) as phone:
        if manner != "down":
            await desks.enter_async_context(desk(switch, "trunk-a", manner))
        second = await desks.enter_async_context(desk(switch, "trunk-b"))
        call = await ask_for(on, phone, "119")
        await second.next_call(within=15)
        await until_heard(call.media, DESK_HERTZ)
        await call.hang_up()
        assert (await on.ended()).outcome == "emergency_transferred"
    assert results(on) == [("119", "trunk-a", result), ("119", "trunk-b", "answered")]
    await whole(on)


async def test_when_no_route_leads_there_the_first_free_person_answers(
    switch: OwnAsterisk, on: Bridged
) -> None:
    """Never dropped: the caller goes to the head of the queue."""
    async with (
        seat_phone(switch, "seat01", hertz=650) as seat,
        desk(switch, "trunk-a", "reject"),
        desk(switch, "trunk-b", "reject"),
        desk(switch, "duty-desk", "reject"),
        citizen(switch, CALLER) as phone,
    ):
        await on.switch.add_member("seat01", paused=True)
        waiting = await phone.dial("12345")
        await on.next(CallQueued)
        other = SipPhone(
            "13900000002",
            server=(switch.settings.sip_host, switch.settings.sip_port),
            local_host=switch.settings.trunk_host,
        )
        async with other:
            call = await ask_for(on, other, "120")
            assert (await on.next(CallQueued, 2)).position == 1
            await on.switch.pause_member("seat01", False)
            offered = await seat.next_call()
            assert offered.caller_number == "13900000002"
            await until_heard(call.media, 650)
            await call.hang_up()
            await waiting.hang_up()
            await on.ended(2)
    assert [result for _, _, result in results(on)] == ["busy"] * 3
    assert [route for _, route, _ in results(on)] == list(WAYS)
    await whole(on)


async def test_a_caller_who_gives_up_while_the_desk_rings_leaves_a_closed_attempt(
    switch: OwnAsterisk, on: Bridged
) -> None:
    async with desk(switch, "trunk-a", "ring") as police, citizen(switch, CALLER) as phone:
        call = await ask_for(on, phone, "110")
        ringing = await police.next_call()
        await call.hang_up()
        await ringing.until_ended()
        assert (await on.ended()).outcome == "abandoned_in_ivr"
    assert results(on) == [("110", "trunk-a", "caller_gone")]
    await whole(on)


async def test_the_same_key_works_while_the_caller_waits(switch: OwnAsterisk, on: Bridged) -> None:
    async with (
        seat_phone(switch, "seat01", "ring"),
        desk(switch, "trunk-a"),
        citizen(switch, CALLER) as phone,
    ):
        await on.switch.add_member("seat01", paused=False)
        call = await phone.dial("12345")
        await call.until_answered()
        await call.press("0")
        await on.next(CallQueued)
        await call.press("9")
        await until(lambda: any(c.menu == "emergency" for c in on.bridge.calls.values()), 5)
        await call.press(KEYS["119"])
        await until_heard(call.media, DESK_HERTZ)
        await call.hang_up()
        assert (await on.ended()).outcome == "emergency_transferred"
    await whole(on)


async def test_twenty_emergencies_at_once_all_get_through(switch: OwnAsterisk, on: Bridged) -> None:
    """All seats are busy: nobody is staffed at all here."""
    async with desk(switch, "trunk-a") as police, citizen(switch, CALLER) as phone:
        calls = [await phone.dial("12345") for _ in range(20)]
        await asyncio.gather(*(_answered_and_pressed(call, "9") for call in calls))
        await until(
            lambda: sum(c.menu == "emergency" for c in on.bridge.calls.values()) == len(calls), 10
        )
        await asyncio.gather(*(call.press(KEYS["110"]) for call in calls))
        for _ in calls:
            await police.next_call(within=20)
        await asyncio.gather(*(until_heard(call.media, DESK_HERTZ, 15) for call in calls))
        await asyncio.gather(*(call.hang_up() for call in calls))
        await on.ended(len(calls))
    assert {result for _, _, result in results(on)} == {"answered"}
    await whole(on)


async def _answered_and_pressed(call: SipCall, key: str) -> None:
    await call.until_answered(20)
    await call.press(key)
