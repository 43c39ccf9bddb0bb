"""A page that is loaded again in the middle of things: the state comes back from the server, nothing is stuck."""

import pytest
from playwright.async_api import expect
from support.audio import until_heard
from support.form import saved, write
from support.shift import OPERATOR_HERTZ, Shift

from telephony.sip_media import tone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


async def test_reloaded_while_it_rings_the_desk_shows_the_caller_and_is_offered_the_call_again(
    brisk_shift: Shift,
) -> None:
    """The ring itself cannot come back into the page; the last ready seat gets the next attempt."""
    shift = brisk_shift
    desk = await shift.staffed("op01", "01")
    await shift.queued("13900000401", "王小明")
    await desk.rings_from("13900000401")
    pop = await desk.part("pop").get_attribute("data-pop-id")
    await desk.page.reload()
    await desk.rings_from("13900000401")
    await expect(desk.part("pop-name")).to_have_text("王小明")
    await desk.answer()
    assert await desk.part("pop").get_attribute("data-pop-id") != pop
    await shift.hang_up()
    await desk.in_state("wrap_up")
    row = await shift.ended_call("13900000401")
    assert row.outcome == "answered"
    assert row.offers[-1].state == "answered"


async def test_reloaded_in_the_talk_the_desk_takes_the_call_up_again_with_its_sound(
    shift: Shift,
) -> None:
    desk = await shift.staffed("op01", "01")
    call = await shift.queued("13900000402")
    await desk.answer()
    call.media.playing = tone(440)
    await desk.until_hears(440)
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "DRAFT")
    ticket = await desk.part("ticket-form").get_attribute("data-ticket-id") or ""
    await desk.page.reload()
    await desk.in_state("talking")
    await expect(desk.part("call-number")).to_have_text("13900000402")
    await expect(desk.part("ticket-form")).to_have_attribute("data-ticket-id", ticket)
    await desk.until_hears(440)
    call.media.forget()
    await until_heard(call.media, OPERATOR_HERTZ)
    await desk.press("F4")
    await call.until_ended()
    await desk.in_state("wrap_up")
    row = await shift.ended_call("13900000402")
    assert (row.outcome, [part.attempt for part in row.segments]) == ("answered", [1])
    assert row.divergences == 0


async def test_reloaded_in_the_wrap_up_the_desk_goes_on_with_limit_and_draft(shift: Shift) -> None:
    desk = await shift.staffed("op01", "01")
    call = await shift.queued("13900000403")
    await desk.answer()
    await write(desk, title="路灯不亮")
    await saved(desk)
    await call.hang_up()
    await desk.in_state("wrap_up")
    before = await desk.request("GET", "/api/seats/mine")
    await desk.page.reload()
    await desk.in_state("wrap_up")
    await expect(desk.page.locator("#f-title")).to_have_value("路灯不亮")
    after = await desk.request("GET", "/api/seats/mine")
    assert after["session"]["deadline"] == before["session"]["deadline"]
    await desk.ready()
