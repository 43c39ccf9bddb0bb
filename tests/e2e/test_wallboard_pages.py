"""The wallboard and the callback list in Chromium (telephony spec 8 last bullet, 9; B04)."""

import asyncio
import re

import pytest
from playwright.async_api import WebSocketRoute, expect
from support.audio import until_heard
from support.desk import Desk
from support.floor import Floor
from support.phones import called_citizen
from support.shift import OPERATOR_HERTZ, Shift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]

FULL_HD = {"width": 1920, "height": 1080}
SMALL = {"width": 1440, "height": 900}


class Line:
    """The live connection of a page, which the test can cut."""

    def __init__(self) -> None:
        self.up = True
        self._sockets: list[WebSocketRoute] = []

    async def watch(self, desk: Desk) -> None:
        await desk.page.route_web_socket(re.compile(r"/live(\?|$)"), self._open)

    async def cut(self) -> None:
        self.up = False
        await self._sockets[-1].close(code=4008)

    async def _open(self, socket: WebSocketRoute) -> None:
        if not self.up:
            await socket.close(code=4008)
            return
        socket.connect_to_server()
        self._sockets.append(socket)


async def overflow(desk: Desk) -> list[str]:
    """Return the test ids of what does not fit: the page itself, or a part whose text is cut off."""
    cut: list[str] = await desk.page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll('[data-testid], footer, h2')]
          .filter((one) => one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflowY !== 'visible'
            || one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible')
          .map((one) => one.dataset.testid ?? one.outerHTML.slice(0, 60))"""
    )
    return cut


async def test_a_screen_on_the_wall_shows_the_numbers_and_says_when_the_connection_is_gone(
    shift: Shift,
) -> None:
    leader = await shift.operator("shift01")
    made = (await leader.client.post("/api/screens", json={"name": "东墙"})).json()
    resting = await shift.tab("op01")
    await resting.come_back("01")
    wall, line = await shift.tab(), Line()
    await wall.page.set_viewport_size(FULL_HD)
    await line.watch(wall)
    await wall.page.goto(wall.base)
    await wall.part("signin-username").fill(made["username"])
    await wall.part("signin-password").fill(made["password"])
    await wall.part("signin-submit").click()
    await expect(wall.page).to_have_url(re.compile("/wallboard$"))
    await expect(wall.part("tile-waiting")).to_contain_text("排队人数")

    calls = await asyncio.gather(shift.queued("13900000771"), shift.queued("13900000772"))
    await expect(wall.part("board-queue").locator("li")).to_have_count(2)
    await expect(wall.part("board-queue")).to_contain_text("139****0771")
    await expect(wall.part("tile-waiting").locator(".figure")).to_have_text("2")
    await expect(wall.part("count-not_ready")).to_contain_text("1")
    await expect(wall.part("alarm-band")).to_be_visible()
    first = await wall.part("tile-waiting").text_content()
    await expect(wall.part("tile-waiting")).not_to_have_text(first or "")  # the wait ticks
    for size in (FULL_HD, SMALL):
        await wall.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert await overflow(wall) == []

    await line.cut()
    await expect(wall.part("board-away")).to_contain_text("连接中断")
    await expect(wall.part("tile-waiting")).to_be_hidden()  # old numbers are worse than none
    line.up = True
    await expect(wall.part("board-away")).to_be_hidden()
    await calls[0].hang_up()
    await expect(wall.part("tile-waiting").locator(".figure")).to_have_text("1")

    await wall.page.goto(f"{wall.base}/tickets")
    await expect(wall.page).to_have_url(re.compile("/wallboard$"))
    await leader.client.delete(f"/api/screens/{made['id']}")
    await expect(wall.part("signin-submit")).to_be_visible()


async def test_a_manager_sees_the_same_board_in_his_frame_and_notes_an_alarm(shift: Shift) -> None:
    resting = await shift.tab("op01")
    await resting.come_back("01")
    leader = await shift.tab("shift01")
    await leader.page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    await leader.page.goto(f"{leader.base}/manage")
    await leader.part("tab-manage-wallboard").click()
    await shift.queued("13900000773", key="9")
    await leader.part("note-EMERGENCY_CALL").click()
    await expect(leader.part("alarm-EMERGENCY_CALL")).to_contain_text("何班长")
    assert await overflow(leader) == []
    await leader.part("alarm-history").click()
    await expect(leader.part("alarm-rows")).to_contain_text("持续中")


async def test_an_operator_claims_and_calls_back_with_the_keyboard_alone(shift: Shift) -> None:
    desk = await shift.tab("op01")
    await desk.come_back("01")
    call = await shift.queued("13900000774")
    await Floor(shift.asterisk, shift.hotline).until_waiting(1)
    await call.hang_up()
    await desk.part("nav-callbacks").click()
    row = desk.page.locator("tr", has_text="139****0774")
    await row.focus()
    await desk.press("Enter")
    await expect(desk.page.locator("tr", has_text="13900000774")).to_have_class(re.compile("mine"))
    async with called_citizen(shift.asterisk) as citizen:
        await desk.page.locator("tr", has_text="13900000774").focus()
        await desk.press("Enter")
        far = await citizen.next_call(within=20)
        await until_heard(far.media, OPERATOR_HERTZ, within=20)
        await desk.press("F4")
        await asyncio.wait_for(far.ended.wait(), 10)
    await expect(desk.page.locator("tr", has_text="13900000774")).to_be_hidden()
    await desk.in_state("not_ready")
