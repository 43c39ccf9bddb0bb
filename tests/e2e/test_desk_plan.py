"""The seat plan on the screens: the manager's page, the operator's line, the notice that a reload does not lose."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect
from support.hotline import Operator
from support.shift import Shift

from core.clock import utc_now

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def boss(shift: Shift) -> AsyncIterator[Operator]:
    """The shift leader; afterwards the shared centre has its own plan again."""
    boss = await shift.operator("shift01")
    yield boss
    while (await boss.client.post("/api/seats/plan/undo", json={"reason": "演练结束"})).is_success:
        pass


async def test_a_manager_changes_the_plan_is_refused_and_takes_it_back(
    shift: Shift, boss: Operator
) -> None:
    """B07: no deploy, at once on the screen, with author and reason; more than there are is refused readably."""
    page = await shift.tab("shift01")
    await page.page.goto(f"{page.base}/manage/plan")
    await expect(page.part("plan-open")).to_have_text("10")
    await page.part("plan-apply").click()
    await expect(page.part("plan-problem")).to_have_text("请填写原因")
    await page.part("plan-reason").fill("停水来电增多")
    await page.part("plan-count").locator("input").fill("40")
    await page.part("plan-apply").click()
    await expect(page.part("plan-problem")).to_contain_text("最多还能开放 2 个")
    await page.part("plan-count").locator("input").fill("12")
    await page.part("plan-apply").click()
    await expect(page.part("plan-open")).to_have_text("12")
    await expect(page.part("plan-why")).to_contain_text("停水来电增多")
    first = page.part("plan-history").locator("li").first
    await expect(first).to_contain_text("停水来电增多")
    await page.part("plan-undo").click()
    await page.page.locator(".el-message-box__input input").fill("误操作")
    await page.page.keyboard.press("Enter")
    await expect(page.part("plan-open")).to_have_text("10")
    await expect(page.part("plan-history").locator("li").first).to_contain_text("误操作")
    await page.page.reload()
    await expect(page.part("plan-open")).to_have_text("10")


async def test_an_operator_is_told_in_time_and_the_page_does_not_jump(
    shift: Shift, boss: Operator
) -> None:
    """Spec 4: a notice before the change, kept over a reload, shown no more once it was seen."""
    desk = await shift.staffed("op01", "01")
    other = await shift.operator("op02")
    assert (await other.take_seat("02")).status_code == 200
    await expect(desk.part("plan-line")).to_contain_text("开放 10 席")
    before = await desk.part("desk").bounding_box()
    starts = utc_now() + timedelta(minutes=9, seconds=30)
    window = {
        "open_seats": 1,
        "reason": "夜班",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
    }
    # Seat 02 is idle and would leave first: keep it, so that the desk on the screen is the one that leaves.
    stay = {"stays": True, "reason": "夜班人员"}
    assert (await boss.client.put("/api/seats/02/stay", json=stay)).status_code == 204
    assert (await boss.client.post("/api/seats/plan/windows", json=window)).status_code == 201
    await expect(desk.part("plan-notice")).to_have_attribute("data-minutes", "10")
    await expect(desk.part("plan-line")).to_contain_text("起开放 1 席，届时您将退出")
    assert await desk.part("desk").bounding_box() == before
    await desk.page.reload()
    await expect(desk.part("plan-notice")).to_be_visible()
    await desk.part("plan-notice-seen").click()
    await expect(desk.part("plan-notice")).to_be_hidden()
    await desk.page.reload()
    await expect(desk.part("plan-line")).to_contain_text("届时您将退出")
    await expect(desk.part("plan-notice")).to_be_hidden()
