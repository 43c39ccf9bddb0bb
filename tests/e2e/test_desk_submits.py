"""The other ends of a registration: answered on the spot, referred, more facts needed, invalid."""

import pytest
from playwright.async_api import expect
from support.desk import Desk
from support.form import choose, pick, saved, write
from support.shift import Shift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


async def test_an_enquiry_waits_for_facts_and_is_then_answered_on_the_spot(shift: Shift) -> None:
    desk = await talking(shift, "13900000601")
    await choose(desk, appeal_type="enquiry", handling_class="enquiry")
    await write(desk, title="供暖开始日期")
    await saved(desk)
    await desk.press("Alt+4")
    await desk.page.get_by_test_id("submit-text").fill("小区名称")
    await desk.press("Enter")
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "PENDING_INFO")
    await desk.part("submit-resume").click()
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "DRAFT")

    await pick(desk, "category", "gnbr", "供暖不热")
    await write(desk, kb_source="供暖期规定", answer_text="供暖期自十一月一日起。")
    await desk.press("Control+Enter")
    await desk.part("caller-heard").click()
    await desk.part("submit-confirm").click()
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "ANSWERED")
    ticket = await the_ticket(desk)
    assert ticket["number"]
    await expect(desk.part("ticket-number")).to_have_text(str(ticket["number"]))


async def test_a_matter_of_another_body_is_referred_with_its_result(shift: Shift) -> None:
    desk = await talking(shift, "13900000602")
    await choose(desk, handling_class="guidance")
    await desk.press("Control+Enter")
    for box, option in (("refer-target", "target-12315"), ("refer-result", "result-guided")):
        await desk.part(box).click()
        await desk.part(option).click()
    await desk.part("submit-confirm").click()
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "REFERRED")
    ticket = await the_ticket(desk)
    assert (ticket["referral_target"], ticket["referral_result"]) == ("12315", "guided")


async def test_a_call_without_a_matter_is_invalid_when_a_second_person_agrees(
    shift: Shift,
) -> None:
    desk = await talking(shift, "13900000603")
    await desk.press("Alt+5")
    await desk.page.get_by_test_id("submit-text").fill("静默")
    await desk.press("Enter")
    await expect(desk.part("ticket-form")).to_contain_text("已提请判为无效")
    ticket = await the_ticket(desk)
    assert ticket["state"] == "DRAFT"
    leader = await shift.operator("shift01")
    agreed = await leader.client.post(
        f"/api/tickets/{ticket['id']}/transitions",
        json={
            "trigger": "confirm_invalid",
            "version": ticket["version"],
            "idempotency_key": "agreed",
        },
    )
    assert agreed.status_code == 200, agreed.text
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "INVALID")


async def talking(shift: Shift, number: str) -> Desk:
    """Return a desk whose operator talks with a citizen and has the draft before him."""
    desk = await shift.staffed("op01", "01")
    await shift.queued(number)
    await desk.answer()
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "DRAFT")
    return desk


async def the_ticket(desk: Desk) -> dict[str, object]:
    ticket_id = await desk.part("ticket-form").get_attribute("data-ticket-id")
    ticket: dict[str, object] = await desk.request("GET", f"/api/tickets/{ticket_id}")
    return ticket
