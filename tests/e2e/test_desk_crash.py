"""What an operator has told the desk and has not lost: a wished pause, and a draft whose page was killed."""

import asyncio
import time

import pytest
from playwright.async_api import expect
from support.shift import Shift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]
LOST_AT_MOST = 2.0
TYPED = 80


async def test_a_pause_wished_in_a_call_is_seen_survives_a_reload_and_can_be_taken_back(
    shift: Shift,
) -> None:
    desk = await shift.staffed("op01", "01")
    await shift.queued("13900000831")
    await desk.answer()
    state = desk.part("agent-state")
    await desk.press("F9")
    await desk.press("2")
    await expect(state).to_have_attribute("data-wished", "meal")
    await expect(state).to_contain_text("话后")
    await desk.page.reload()
    await expect(state).to_have_attribute("data-wished", "meal")
    await desk.press("F9")
    await expect(desk.part("pause-take-back")).to_be_visible()
    await desk.press("0")
    await expect(state).to_have_attribute("data-wished", "")
    await desk.in_state("talking")

    await desk.press("F9")
    await desk.press("1")
    await expect(state).to_have_attribute("data-wished", "rest")
    await shift.hang_up()
    await desk.in_state("wrap_up")
    await expect(state).to_have_attribute("data-wished", "rest")
    await desk.ready()
    await expect(state).to_have_attribute("data-wished", "")


async def test_a_page_that_is_killed_while_one_types_loses_two_seconds_at_most(
    shift: Shift,
) -> None:
    """Telephony spec 8: saved as draft continuously. No page is left that could save anything at the end."""
    desk = await shift.staffed("op01", "01")
    await shift.queued("13900000832")
    await desk.answer()
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "DRAFT")
    ticket_id = await desk.part("ticket-form").get_attribute("data-ticket-id")
    await desk.page.locator("#f-content").focus()
    typed_at = []
    for number in range(TYPED):
        await desk.page.keyboard.insert_text("水电"[number % 2])
        typed_at.append(time.monotonic())
        await asyncio.sleep(0.05)
    crashed = asyncio.Event()
    desk.page.on("crash", lambda _page: crashed.set())
    devtools = await desk.page.context.new_cdp_session(desk.page)
    killed_at = time.monotonic()
    killing = asyncio.ensure_future(devtools.send("Page.crash"))
    await asyncio.wait_for(crashed.wait(), 10)
    killing.cancel()
    await asyncio.gather(killing, return_exceptions=True)

    ticket = await desk.request("GET", f"/api/tickets/{ticket_id}")
    saved = len(ticket["content"])
    assert ticket["content"] == ("水电" * TYPED)[:saved]
    assert saved > 0
    lost = killed_at - typed_at[saved] if saved < TYPED else 0.0
    assert lost <= LOST_AT_MOST, f"{lost:.2f} s of typing are gone"
