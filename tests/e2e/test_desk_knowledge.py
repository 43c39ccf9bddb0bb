"""Knowledge beside the call: found while one types, read without leaving the form, taken as the answer's source."""

import pytest
from playwright.async_api import Request, expect
from support.desk import Desk
from support.form import choose, saved, write
from support.shift import Shift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


async def test_what_is_typed_finds_an_article_that_becomes_the_answer_without_the_mouse(
    shift: Shift,
) -> None:
    """C03, C07: the article's id is the source of an answer on the spot."""
    desk = await talking(shift, "13900000711")
    asked: list[str] = []
    desk.page.on("request", lambda request: _note(request, asked))
    await desk.page.locator("#f-title").focus()
    await desk.page.keyboard.type("小区突然停水了怎么办", delay=30)
    await expect(desk.part("knowledge")).to_contain_text("突然停水怎么办")
    assert len(asked) <= 3, "a search for every key"
    await expect(desk.page.locator("#f-title")).to_be_focused()

    await desk.press("Alt+k")
    await desk.press("Enter")
    await expect(desk.part("article-title")).to_have_text("突然停水怎么办")
    await desk.press("Enter")
    await expect(desk.page.locator("#f-kb_source")).to_have_value(
        r"KB-2 第1版 突然停水怎么办（营水〔2026〕4号）"
    )
    await expect(desk.page.locator("#f-title")).to_be_focused()
    await saved(desk)
    await desk.press("Control+Enter")
    await desk.part("caller-heard").click()
    await desk.part("submit-confirm").click()
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "ANSWERED")
    ticket = await the_ticket(desk)
    assert ticket["kb_query"] == "小区突然停水了怎么办"
    assert ticket["answer_text"].startswith("先看小区公告")
    events = await desk.request("GET", f"/api/tickets/{ticket['id']}/events")
    chosen = next(event["data"] for event in events if event["kind"] == "knowledge")
    assert (chosen["outcome"], chosen["article"]) == ("chosen", 2)


async def test_an_enquiry_to_which_nothing_fits_is_noted_and_typing_goes_on(shift: Shift) -> None:
    """C07: the evidence that the knowledge base was asked first."""
    desk = await talking(shift, "13900000712")
    await choose(desk, appeal_type="enquiry", handling_class="enquiry")
    await write(desk, title="供暖期能否延长")
    await expect(desk.part("knowledge")).to_contain_text("供暖开始和结束时间")
    await desk.part("knowledge-nothing").click()
    await expect(desk.page.locator("#f-kb_query")).to_have_value("供暖期能否延长")
    await write(desk, content="想知道今年供暖期会不会延长")
    await saved(desk)
    events = await desk.request("GET", f"/api/tickets/{(await the_ticket(desk))['id']}/events")
    noted = next(event["data"] for event in events if event["kind"] == "knowledge")
    assert noted["outcome"] == "does_not_fit"
    assert noted["hits"] > 0


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


def _note(request: Request, asked: list[str]) -> None:
    if "/api/knowledge?" in request.url:
        asked.append(request.url)
