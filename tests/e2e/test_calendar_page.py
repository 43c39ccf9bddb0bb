"""The calendar page in Chromium: a wrong file, a proposal, the second person, and a deadline that follows."""

import pytest
from playwright.async_api import FilePayload, expect
from support.calendar_files import year_file
from support.desk import Desk
from support.shift import Shift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]
YEAR = 2030  # far off: the shift that follows here keeps its own calendar
RIGHT = year_file(YEAR)


def upload(content: bytes) -> FilePayload:
    return {"name": f"{YEAR}.yaml", "mimeType": "text/yaml", "buffer": content}


async def calendar_of(shift: Shift, username: str, *, timezone: str = "") -> Desk:
    desk = await shift.tab(username, timezone=timezone)
    await desk.page.goto(f"{desk.base}/calendar")
    await expect(desk.part("calendar")).to_be_visible()
    return desk


async def turn_to(desk: Desk, year: int) -> None:
    while int(await desk.part("year").inner_text()) < year:
        await desk.part("year-after").click()
    await expect(desk.part(f"day-{year}-10-01")).to_be_visible()


async def test_a_year_is_imported_by_one_person_and_put_in_force_by_another(shift: Shift) -> None:
    """X19, X58, D-33."""
    zhang = await calendar_of(shift, "coord01")
    await zhang.part("import-open").click()
    await zhang.part("import-file").set_input_files(
        upload(RIGHT.replace(b"2030-02-05", b"2030-02-31"))
    )
    await expect(zhang.part("faults").locator("tbody tr")).to_have_count(1)
    await expect(zhang.part("faults")).to_contain_text("没有这一天：2030-02-31")
    await zhang.part("import-file").set_input_files(upload(RIGHT))
    await expect(zhang.part("proposal-own")).to_be_visible()
    await expect(zhang.part("diff").locator("tbody tr")).to_have_count(17)
    await expect(zhang.part("proposal-approve")).to_have_count(0)

    kong = await calendar_of(shift, "director01")
    await turn_to(kong, YEAR)
    await expect(kong.part("provisional")).to_be_visible()
    await expect(kong.part(f"day-{YEAR}-10-01")).to_have_attribute("data-kind", "work")
    waiting = kong.page.locator("[data-state=proposed]").filter(has_text=str(YEAR))
    await waiting.get_by_role("button").click()
    await kong.part("proposal-approve").click()
    await expect(kong.part(f"day-{YEAR}-10-01")).to_have_attribute("data-kind", "holiday")
    await expect(kong.part("provisional")).to_have_count(0)
    await expect(waiting).to_have_count(0)


async def test_the_calculator_reckons_in_yingkous_time_wherever_the_browser_is(
    shift: Shift,
) -> None:
    """D-34: the shift leader reads, and changes nothing."""
    leader = await calendar_of(shift, "shift01", timezone="America/New_York")
    await expect(leader.part("import-open")).to_have_count(0)
    received = leader.part("calculator").locator(".el-date-editor input")
    await received.fill("2026-09-18 23:59")
    await received.press("Enter")
    days = leader.part("due-days").locator("input")
    await days.fill("2")
    await days.press("Enter")
    await expect(leader.part("due-end")).to_contain_text("2026-09-21 24:00")
    steps = leader.part("due-days-list").locator("li")
    await expect(steps).to_have_text(
        [
            "2026-09-18周五受理当天不计",
            "2026-09-19周六跳过 · 周末",
            "2026-09-20周日第 1 天",
            "2026-09-21周一第 2 天",
        ]
    )


async def test_an_operator_has_no_calendar_page(shift: Shift) -> None:
    desk = await shift.tab("op02")
    await desk.page.goto(f"{desk.base}/calendar")
    await expect(desk.page).to_have_url(f"{desk.base}/seats")
    await expect(desk.part("nav-calendar")).to_have_count(0)
