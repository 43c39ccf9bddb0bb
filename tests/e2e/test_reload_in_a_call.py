"""The desktop is reloaded, or opened anew, while somebody is on the line: the call goes on (telephony 10)."""

import pytest
from playwright.async_api import expect
from support.audio import until_heard
from support.desk import Desk
from support.shift import Shift

from telephony.sip_call import SipCall
from telephony.sip_media import tone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]

CITIZEN_HERTZ, OPERATOR_HERTZ = 440.0, 1000.0


async def both_hear(desk: Desk, call: SipCall) -> None:
    await desk.until_hears(CITIZEN_HERTZ, within=20)
    await until_heard(call.media, OPERATOR_HERTZ, within=20)


async def talking(shift: Shift, number: str) -> tuple[Desk, SipCall]:
    desk = await shift.staffed("op01", "01")
    call = await shift.queued(number)
    await desk.answer()
    call.media.playing = tone(CITIZEN_HERTZ)
    await both_hear(desk, call)
    return desk, call


async def test_a_reload_during_a_talk_does_not_cost_the_citizen_the_call(shift: Shift) -> None:
    desk, call = await talking(shift, "13900000301")
    await desk.page.reload()
    await desk.in_state("talking")
    await both_hear(desk, call)
    await desk.page.reload()
    await both_hear(desk, call)
    await expect(desk.part("ticket-source")).to_contain_text("0301")
    await call.hang_up()
    await desk.in_state("wrap_up")
    row = await shift.ended_call("13900000301")
    assert row.outcome == "answered"
    assert [part.endpoint for part in row.segments] == ["seat01"]


async def test_a_call_on_hold_is_still_on_hold_after_a_reload(shift: Shift) -> None:
    desk, call = await talking(shift, "13900000302")
    await desk.press("F8")
    await desk.call_is("held")
    await desk.page.reload()
    await expect(desk.part("call-hold")).to_be_enabled(timeout=15_000)
    await desk.call_is("held")
    await desk.press("F8")
    await desk.call_is("talking")
    await both_hear(desk, call)


async def test_a_second_tab_that_takes_over_takes_the_call_along(shift: Shift) -> None:
    desk, call = await talking(shift, "13900000303")
    page = await desk.page.context.new_page()
    second = Desk(page, shift.hotline)
    await page.goto(f"{shift.hotline.base}/desk")
    await expect(second.part("passive-tab")).to_be_visible(timeout=15_000)
    await both_hear(desk, call)
    await second.part("passive-takeover").click()
    await expect(desk.part("passive-tab")).to_be_visible()
    await second.in_state("talking")
    await both_hear(second, call)
    assert second.problems == []
    await call.hang_up()
    await second.in_state("wrap_up")
