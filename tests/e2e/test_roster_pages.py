"""The roster in the browser: a month by keyboard, and leave that goes from the operator to the manager and back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect
from support.desk import Desk
from support.shift import Shift

from core.clock import SHANGHAI

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


async def test_a_month_is_filled_by_keyboard_undone_and_published(shift: Shift) -> None:
    """A month that nobody has begun: a shortage everywhere, until what is entered is published for a reason."""
    desk = await shift.tab("shift01")
    day = await open_empty_month(desk)
    await desk.part(f"cell-1001-{day}").click()
    await desk.press("2")
    await expect(desk.part(f"cell-1001-{day}")).to_have_text("白")
    await expect(desk.part("roster-state")).to_have_text("草稿")
    await desk.press("ArrowRight")
    await desk.press("1")
    night = desk.part(f"cell-1001-{next_day(day)}")
    await expect(night).to_have_text("夜")
    await expect(night).to_have_class(re.compile(r"\bwrong\b"))
    await expect(desk.part("roster-conflicts")).to_contain_text("只休息 6.5 小时")
    await desk.part("roster-undo").click()
    await expect(night).to_have_text("")
    await desk.part("roster-publish").click()
    await desk.part("publish-confirm").click()
    await expect(desk.page.get_by_role("dialog")).to_contain_text("请填写理由")
    await desk.part("publish-reason").fill("试排")
    await desk.part("publish-confirm").click()
    await expect(desk.part("roster-state")).to_contain_text("何班长发布")


async def test_leave_is_asked_for_by_the_operator_and_seen_granted(shift: Shift) -> None:
    operator = await shift.tab("op09")
    day = (datetime.now(UTC).astimezone(SHANGHAI) + timedelta(days=20)).date().isoformat()
    await operator.page.goto(f"{operator.base}/my-roster")
    await operator.part(f"my-{day}").click()
    await operator.part("leave-note").fill("体检")
    await operator.part("leave-ask").click()
    mine = operator.page.locator('[data-testid^="absence-"]').first
    await expect(mine).to_have_attribute("data-state", "asked")
    await expect(operator.part(f"my-{day}")).to_contain_text(re.compile("待批准|白班|夜班|晚班"))

    manager = await shift.tab("shift01")
    await manager.page.goto(f"{manager.base}/manage/roster")
    await expect(manager.part("roster-grid")).to_be_visible()
    await manager.part("side-requests").click()
    await manager.page.get_by_role("button", name="批准", exact=True).first.click()
    await expect(manager.page.get_by_role("button", name="不批准")).to_have_count(0)

    await operator.page.reload()
    await expect(mine).to_have_attribute("data-state", "approved")


async def open_empty_month(desk: Desk) -> str:
    """Show the month after the two that the demo has published; return its second day."""
    await desk.page.goto(f"{desk.base}/manage/roster")
    await expect(desk.part("roster-grid")).to_be_visible()
    for _ in range(2):
        shown = await desk.part("month-title").text_content()
        await desk.part("month-next").click()
        await expect(desk.part("month-title")).not_to_have_text(shown or "")
    await expect(desk.part("roster-state")).to_have_text("未排班")
    return f"{await month_shown(desk)}-02"


async def month_shown(desk: Desk) -> str:
    year, month = re.findall(r"\d+", await desk.part("month-title").text_content() or "")
    return f"{year}-{int(month):02d}"


def next_day(day: str) -> str:
    return (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()
