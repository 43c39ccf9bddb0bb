"""What every page shows alike, wherever the browser believes to be."""

import re
from datetime import datetime

import pytest
from playwright.async_api import expect
from support.shift import Shift

from core.clock import SHANGHAI

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


async def test_times_are_yingkous_on_every_page_also_in_a_browser_on_the_other_side_of_the_world(
    shift: Shift,
) -> None:
    desk = await shift.staffed("op01", "01", timezone="America/New_York")
    await shift.queued("13900000701")
    await desk.rings_from("13900000701")
    await desk.answer()
    call_id = await desk.part("call-panel").get_attribute("data-call-id")
    call = await desk.request("GET", f"/api/calls/{call_id}")
    offered = local(call["offers"][0]["offered_at"])
    await expect(desk.part("pop").locator("header time")).to_have_text(f"{offered:%H:%M}")

    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "DRAFT")
    ticket_id = await desk.part("ticket-form").get_attribute("data-ticket-id")
    opened = local((await desk.request("GET", f"/api/tickets/{ticket_id}"))["opened_at"])
    await expect(desk.part("ticket-opened")).to_have_text(f"{opened:%Y-%m-%d %H:%M:%S}")
    row = desk.part("my-tickets").get_by_test_id(f"ticket-row-{ticket_id}")
    await expect(row.locator("time")).to_have_text(f"{opened:%H:%M}")

    await desk.part("tab-calls").click()
    mine = desk.part("my-calls").get_by_test_id(f"call-row-{call_id}")
    started = local(call["started_at"])
    await expect(mine).to_have_attribute("title", f"{started:%Y-%m-%d %H:%M:%S}")
    await expect(mine.locator("time")).to_have_text(f"{started:%H:%M}")

    await desk.part("nav-tickets").click()
    await desk.part(f"ticket-{ticket_id}").click()
    await expect(desk.part("ticket-table")).to_contain_text(f"{opened:%H:%M}")
    await expect(desk.part("timeline")).to_contain_text(re.compile(f"{opened:%H:%M}"))


def local(iso: str) -> datetime:
    return datetime.fromisoformat(iso).astimezone(SHANGHAI)
