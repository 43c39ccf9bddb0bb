"""D03 at the desk: the same caller with the same matter again is suggested, linked or set aside; nothing moves."""

import pytest
from playwright.async_api import expect
from support.desk import Desk
from support.form import pick, saved, write
from support.shift import Shift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]
MATTER = {"title": "学府路停水", "address": "学府路幸福小区3号楼"}


async def test_a_matter_told_before_is_suggested_and_linked_or_set_aside(shift: Shift) -> None:
    desk = await shift.staffed("op01", "01")
    earlier = [await noted(desk, "13900000801") for _ in range(2)]
    await shift.queued("13900000801")
    await desk.answer()
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "DRAFT")
    top = await desk.page.locator("#f-title").bounding_box()
    await write(desk, **MATTER)
    await pick(desk, "category", "ts", "停水")
    for ticket_id in earlier:
        await expect(desk.part(f"duplicate-{ticket_id}")).to_contain_text("同一来电人")
    assert await desk.page.locator("#f-title").bounding_box() == top, "the form moved"

    await desk.part(f"link-{earlier[0]}").click()
    await expect(desk.part(f"duplicate-{earlier[0]}")).to_have_count(0)
    await desk.part(f"distinct-{earlier[1]}").click()
    await expect(desk.part("duplicates")).to_have_count(0)
    await saved(desk)
    ticket_id = await desk.part("ticket-form").get_attribute("data-ticket-id")
    ticket = await desk.request("GET", f"/api/tickets/{ticket_id}")
    assert ticket["related_ticket"] == earlier[0]
    events = await desk.request("GET", f"/api/tickets/{ticket_id}/events")
    relations = [event["data"]["relation"] for event in events if event["kind"] == "linked"]
    assert relations == ["repeat", "distinct"]


async def noted(desk: Desk, phone: str) -> int:
    """Note a matter of `phone` without a call, as from a message; return its ticket."""
    ticket = await desk.request("POST", "/api/tickets", channel="wechat")
    fields = {**MATTER, "category": "11101", "contact_phone": phone}
    await desk.request(
        "PATCH", f"/api/tickets/{ticket['id']}", version=ticket["version"], fields=fields
    )
    return int(ticket["id"])
