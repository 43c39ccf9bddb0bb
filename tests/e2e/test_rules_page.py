"""The queue rules in Chromium: what is wrong stands beside the field, the drawing follows, a version comes back."""

import pytest
from playwright.async_api import expect
from support.shift import Shift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


async def test_a_manager_changes_the_rules_sees_the_wait_that_follows_and_takes_it_back(
    shift: Shift,
) -> None:
    desk = await shift.tab("shift01")
    await desk.page.goto(f"{shift.hotline.base}/manage/rules")
    drawing, apply = desk.part("timeline"), desk.part("rules-apply")
    await expect(drawing).to_contain_text("15 秒")
    await expect(apply).to_be_disabled()

    ring = desk.part("rule-ring_seconds")
    await ring.locator("input").fill("3")
    await ring.locator("input").press("Tab")
    await expect(ring.get_by_role("alert")).to_have_text("应在 5 到 120 之间")
    await expect(apply).to_be_disabled()
    await ring.locator("input").fill("20")
    await ring.locator("input").press("Tab")

    last = desk.part("rule-widening").get_by_test_id("widening-step").nth(1)
    await last.locator("input").first.fill("25")
    await last.locator("input").first.press("Tab")
    await expect(drawing).to_contain_text("25 秒")
    await expect(drawing).not_to_contain_text("15 秒")
    await desk.part("timeline-staffing").get_by_text("夜间 2 席").click()
    await expect(drawing).to_contain_text("在岗不超过 2 席")

    await apply.click()
    await expect(desk.part("rules-problem")).to_have_text("请填写应用原因")
    await desk.part("rules-reason").fill("试验")
    await apply.click()
    await expect(desk.part("rules-version")).to_have_text("生效中：第 1 版")
    shown = await shift.asterisk.console("dialplan show globals")
    assert "HOTLINE_RULES=1" in shown

    await desk.part("rules-part-versions").click()
    versions = desk.part("rule-versions")
    await expect(versions).to_contain_text("每席振铃：15 → 20")
    await desk.part("restore-0").click()
    await desk.page.get_by_role("dialog").get_by_role("textbox").fill("恢复")
    await desk.page.get_by_role("dialog").get_by_text("恢复此版").click()
    await expect(desk.part("rules-version")).to_have_text("生效中：第 2 版")
    await expect(versions).to_contain_text("恢复出厂规则")
