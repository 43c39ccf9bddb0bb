"""A caller's number is masked for whoever does not handle the ticket, and shown for a reason (spec 5.9)."""

import pytest
from playwright.async_api import expect
from support.shift import Shift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]
NUMBER = "13900000821"


async def test_a_leader_sees_the_number_after_giving_a_reason(shift: Shift) -> None:
    desk = await shift.tab("op01")
    await desk.come_back("01")
    ticket = await desk.request("POST", "/api/tickets", channel="wechat")
    fields = {"title": "路灯不亮", "contact_phone": NUMBER, "caller_name": "王小明"}
    await desk.request(
        "PATCH", f"/api/tickets/{ticket['id']}", version=ticket["version"], fields=fields
    )
    leader = await shift.tab("shift01")
    await leader.page.goto(f"{leader.base}/tickets")
    await leader.part(f"ticket-{ticket['id']}").click()
    detail = leader.part("ticket-detail")
    await expect(detail).to_contain_text("139****0821")
    await expect(detail).not_to_contain_text(NUMBER)
    await leader.part("reveal").click()
    await leader.page.locator(".el-message-box input").fill("核实地址")
    await leader.press("Enter")
    await expect(leader.part("revealed")).to_contain_text(NUMBER)
    await expect(leader.part("revealed")).to_contain_text("王小明")
