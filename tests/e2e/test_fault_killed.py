"""The hotline process is killed while people talk (spec/telephony.md 10, issue 2 section 4)."""

import asyncio
import time
from collections.abc import Callable

import pytest
from support.aftermath import check_aftermath, outcomes
from support.audio import until_heard
from support.floor import Floor
from support.live_screen import Screen

from telephony.sip_call import SipCall

CITIZEN, OPERATOR = 440.0, 650.0
# A limit, not a measure: alone on the machine it takes about a second (printed).
RIGHT_WITHIN = 20.0

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("faults"),
    pytest.mark.timeout(120),
]


async def both_hear(citizen: SipCall, operator: SipCall) -> None:
    """Forget all sound so far, and wait until each hears the other's tone anew."""
    for call in (citizen, operator):
        call.media.forget()
    await until_heard(citizen.media, OPERATOR)
    await until_heard(operator.media, CITIZEN)


async def test_killed_in_every_phase_calls_go_on_and_all_is_right_within_5_seconds(
    floor: Floor, record_property: Callable[[str, object], None]
) -> None:
    """One caller each in wrap-up, talk, ring, queue and greeting at the moment of the SIGKILL."""
    wrapping = await floor.ready("op02", "02")
    ended = await floor.dialled("13900000002")
    await wrapping.screen.in_state("talking")
    await wrapping.screen.acknowledge()
    await ended.hang_up()
    await wrapping.screen.in_state("wrap_up")

    talking = await floor.ready("op01", "01", hertz=OPERATOR)
    spoken = await floor.dialled("13900000001", hertz=CITIZEN)
    seen = await talking.screen.in_state("talking")
    await talking.screen.acknowledge()
    heard = await talking.phone.next_call()

    ringing = await floor.ready("op03", "03", "ring")
    await floor.dialled("13900000003")
    pop = await ringing.screen.rings()  # not acknowledged
    waits = await floor.dialled("13900000004")
    await floor.until_waiting(2)
    await ringing.screen.until(lambda: len(ringing.screen.waiting) == 2, what="two who wait")
    await floor.dialled("13900000005", keys="")  # listens to the greeting

    await floor.hotline.kill()
    await both_hear(spoken, heard)
    await floor.until_waiting(3)  # the one in the greeting reached the queue without us
    assert not waits.ended.is_set()
    began = time.monotonic()
    await floor.hotline.start()
    served = time.monotonic()
    screens = [await floor.screen(agent.operator) for agent in (talking, ringing, wrapping)]
    await all_is_right(screens, seen["call_id"], pop)
    right = time.monotonic()
    record_property("seconds from start to right states", round(right - began, 2))
    record_property("seconds from serving to right states", round(right - served, 2))
    print(f"started {served - began:.1f} s, right after {right - served:.1f} s more")
    await both_hear(spoken, heard)
    assert screens[2].pop.get("caller") != "13900000002"  # acknowledged, and its call is over

    rung = await ringing.phone.next_call()
    await rung.answer()
    await screens[1].in_state("talking")


async def all_is_right(screens: list[Screen], call_id: str, pop: dict[str, object]) -> None:
    talking, ringing, wrapping = screens
    await talking.in_state("talking", within=RIGHT_WITHIN)
    await talking.until(lambda: talking.call.get("state") == "talking", what="the call")
    assert talking.session["call_id"] == talking.call["call_id"] == call_id
    await ringing.in_state("ringing", within=RIGHT_WITHIN)
    await ringing.until(lambda: ringing.pop.get("pop_id") == pop["pop_id"], what="the pop again")
    await ringing.until(lambda: ringing.call.get("state") == "ringing", what="the ring")
    await wrapping.in_state("wrap_up", within=RIGHT_WITHIN)
    for screen in screens:
        await screen.until(lambda s=screen: s.state["switch"]["up"], what="switch up")
        await screen.until(lambda s=screen: len(s.waiting) == 3, what="three who wait")


async def test_what_happened_while_we_were_dead_is_in_the_ledger_afterwards(floor: Floor) -> None:
    """Calls that ended, began, and began and ended without us; queue_log tells of them."""
    talking = await floor.ready("op01", "01")
    spoken = await floor.dialled("13900000011")
    await talking.screen.in_state("talking")
    ringing = await floor.ready("op02", "02", "ring")
    rung = await floor.dialled("13900000012")
    await ringing.screen.rings()
    waits = await floor.dialled("13900000013")
    await floor.until_waiting(2)

    await floor.hotline.kill()
    await spoken.hang_up()
    await waits.hang_up()
    await (await ringing.phone.next_call()).answer()
    await floor.until_waiting(0)
    await rung.hang_up()
    # Seat 02 is free again in Asterisk: a whole call comes and goes, and one that begins goes on.
    ringing.phone.manner = "answer"
    short = await floor.dialled("13900000014")
    await (await ringing.phone.next_call(20)).until_answered()
    await short.hang_up()
    greeted = await floor.dialled("13900000015", keys="")
    await greeted.hang_up()
    lasting = await floor.dialled("13900000016")
    await (await ringing.phone.next_call(20)).until_answered()
    await floor.hotline.start()

    screen = await floor.screen(ringing.operator)
    await screen.until(
        lambda: screen.call.get("caller") == "13900000016" and screen.session["state"] == "talking",
        within=RIGHT_WITHIN,
        what="the talk that began without us",
    )
    assert (await talking.operator.in_state("wrap_up"))["call_id"] is not None
    await lasting.hang_up()
    await screen.in_state("wrap_up")
    await check_aftermath(floor)
    ours = {
        caller: how
        for caller, how in (await outcomes(floor)).items()
        if caller[:10] == "1390000001"
    }
    assert ours == {
        "13900000011": "answered",
        "13900000012": "answered",
        "13900000013": "abandoned_in_queue",
        "13900000014": "answered",
        "13900000015": "abandoned_in_ivr",
        "13900000016": "answered",
    }


async def test_killed_again_and_again_while_calls_flow_nothing_is_lost_or_counted_twice(
    served_floor: Floor,
) -> None:
    """Five callers through two seats, three deaths at moments that nobody chose; on PostgreSQL and Redis."""
    floor = served_floor
    for number in ("01", "02"):
        await floor.ready(f"op{number}", number)
    served = asyncio.create_task(callers_one_after_the_other(floor))
    for _ in range(3):
        await floor.hotline.kill()
        await floor.hotline.start()
    await served
    await check_aftermath(floor)
    told = await outcomes(floor)
    assert {told[f"1390000002{n}"] for n in range(5)} == {"answered"}


async def callers_one_after_the_other(floor: Floor) -> None:
    for n in range(5):
        call = await floor.dialled(f"1390000002{n}")
        await floor.until_talk()
        await call.hang_up()
