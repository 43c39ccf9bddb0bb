"""The shift leader's page in Chromium: a click on the map and the call is heard; orders reach the agent's screen."""

import pytest
from playwright.async_api import expect
from support.shift import Shift

from telephony.sip_media import tone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]

CITIZEN_HERTZ = 440.0


async def test_a_click_on_the_map_lets_the_leader_hear_the_call_and_take_it_over(
    shift: Shift,
) -> None:
    """Spec telephony 9: listen and take over with real audio, from the page to the telephone."""
    desk = await shift.staffed("op01", "03")
    call = await shift.queued("13900000801")
    await desk.answer()
    call.media.playing = tone(CITIZEN_HERTZ)
    await desk.until_hears(CITIZEN_HERTZ)

    leader = await shift.tab("shift01")
    await leader.page.goto(f"{leader.base}/manage")
    await expect(leader.part("leader-phone")).to_have_attribute("data-status", "registered")
    await expect(leader.part("seat-03")).to_have_attribute("data-state", "talking")
    await expect(leader.part("seat-03")).to_contain_text("139****0801")
    await leader.part("listen-03").click()
    await expect(leader.part("monitor-bar")).to_have_attribute("data-mode", "listen")
    await expect(leader.part("monitor-bar")).to_contain_text("林小雨")
    await leader.until_hears(CITIZEN_HERTZ)
    await expect(desk.page.locator(".notice")).to_have_count(0)

    await leader.part("mode-barge").click()
    await expect(leader.part("monitor-bar")).to_have_attribute("data-mode", "barge")
    await expect(desk.page.locator(".notice")).to_contain_text("何班长")
    await leader.part("take-over").click()
    await leader.page.get_by_role("button", name="确定").click()
    await expect(leader.part("monitor-bar")).to_have_attribute("data-mode", "take_over")
    await desk.in_state("wrap_up")
    await leader.until_hears(CITIZEN_HERTZ)

    await leader.part("monitor-end").click()
    await leader.page.get_by_role("button", name="确定").click()
    await call.until_ended()
    await expect(leader.part("monitor-bar")).to_have_attribute("data-mode", "")
    row = await shift.ended_call("13900000801")
    assert row.segments[0].endpoint == "seat03"
    assert row.segments[0].reason == "transfer"
    assert row.segments[1].endpoint.startswith("boss")


async def test_an_order_given_on_the_map_reaches_the_agents_screen(shift: Shift) -> None:
    desk = await shift.staffed("op02", "04")
    leader = await shift.tab("shift01")
    await leader.page.goto(f"{leader.base}/manage")
    await leader.part("more-04").press("Enter")
    await leader.part("do-not_ready-04").click()
    await leader.part("order-why").fill("到会议室")
    await leader.part("order-send").click()
    await expect(leader.part("order-problem")).to_contain_text("最后一个就绪坐席")
    await leader.part("order-send").click()
    await desk.in_state("not_ready")
    await expect(desk.part("ordered")).to_contain_text("何班长")
    await expect(desk.part("ordered")).to_contain_text("到会议室")
