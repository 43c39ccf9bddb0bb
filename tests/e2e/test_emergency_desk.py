"""The emergency bar on the operator's screen: one press, three in the talk, and the operator leaves."""

import pytest
from playwright.async_api import expect
from support.audio import until_heard, until_sound, until_together
from support.emergency import DESK_HERTZ, desk
from support.shift import OPERATOR_HERTZ, Shift

from telephony.sip_media import tone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]

CITIZEN_HERTZ = 440.0


async def test_one_press_calls_the_desk_in_and_the_operator_hands_over(shift: Shift) -> None:
    """C11, spec telephony 7: a route that is busy is followed by the next; hanging up hands the caller over."""
    tab = await shift.tab()
    await tab.sign_in("op02")
    await tab.take_seat("04")
    await tab.ready()
    call = await shift.dial("13900000301", "李小红")
    call.media.playing = tone(CITIZEN_HERTZ)
    await until_sound(call.media)
    await call.press("0")
    await tab.in_state("ringing")
    await tab.page.keyboard.press("F2")
    await tab.in_state("talking")
    await until_heard(call.media, OPERATOR_HERTZ)

    async with (
        desk(shift.asterisk, "trunk-a", "reject"),
        desk(shift.asterisk, "trunk-b", "ring") as fire,
    ):
        await tab.part("emergency-119").click()
        ringing = await fire.next_call()
        await expect(tab.part("emergency-says")).to_contain_text("119（乙路）")
        await expect(tab.part("call-hangup")).to_be_disabled()
        await until_heard(call.media, OPERATOR_HERTZ)
        ringing.media.playing = tone(DESK_HERTZ)
        await ringing.answer()
        await expect(tab.part("emergency-bar")).to_have_attribute("data-state", "reached")
        await until_together(call.media, OPERATOR_HERTZ, DESK_HERTZ)
        await until_together(ringing.media, OPERATOR_HERTZ, CITIZEN_HERTZ)

        await tab.page.keyboard.press("F4")
        await tab.in_state("wrap_up")
        await until_heard(call.media, DESK_HERTZ)
        await until_heard(ringing.media, CITIZEN_HERTZ)
        await ringing.hang_up()
        await call.until_ended()
