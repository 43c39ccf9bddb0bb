"""The staffing page in Chromium, and a real call on its way into the figures."""

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.async_api import Response, expect
from support.desk import Desk
from support.hotline import until
from support.shift import Shift

from core.clock import SHANGHAI, utc_now

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


async def page_of(shift: Shift) -> Desk:
    desk = await shift.tab("shift01")
    await desk.page.goto(f"{desk.base}/manage/staffing")
    await expect(desk.part("staffing-chart").locator("canvas")).to_be_visible()
    return desk


async def test_more_calls_need_more_seats_at_once_and_the_measured_values_come_back(
    shift: Shift,
) -> None:
    """B07: the call volume supports changes of the seat count."""
    desk = await page_of(shift)
    peak = int(await desk.part("staffing-peak").inner_text())
    assert peak > 1
    await expect(desk.part("staffing-basis")).to_contain_text("依据最近")
    await desk.part("what-if-volume").get_by_role("slider").press("End")
    await expect(desk.part("what-if-volume")).to_contain_text("+200%")
    await expect(desk.part("staffing-peak")).not_to_have_text(str(peak))
    assert int(await desk.part("staffing-peak").inner_text()) > peak
    await desk.part("what-if-reset").click()
    await expect(desk.part("staffing-peak")).to_have_text(str(peak))


async def test_the_desktop_recommends_what_the_server_does(shift: Shift) -> None:
    """The same formula on both sides, also for a day to come."""
    desk = await page_of(shift)
    async with desk.page.expect_response(lambda answer: "/api/staffing" in answer.url) as waiting:
        await desk.part("day-after").click()
    response: Response = await waiting.value
    advised: dict[str, Any] = await response.json()
    most = max(half["recommended"] for half in advised["half_hours"])
    await expect(desk.part("staffing-peak")).to_have_text(str(most))
    assert {half["came"] for half in advised["half_hours"]} == {None}


async def test_a_month_of_figures_is_shown_and_exported(shift: Shift, tmp_path: Path) -> None:
    desk = await page_of(shift)
    await desk.part("field-staffing-view-figures").click()
    await desk.part("period-month").click()
    today = datetime.now(SHANGHAI).date()
    period = f"from={today - timedelta(days=29)}&to={today + timedelta(days=1)}&by=hour"
    known = await desk.request("GET", f"/api/figures?{period}")
    total = desk.part("figures-total")
    await expect(total).to_contain_text(str(known["total"]["offered"]))
    await expect(total).to_contain_text(f"{known['total']['connect_percent']:.2f}%")
    await expect(desk.part("figures-table").locator("tbody tr")).to_have_count(25)
    async with desk.page.expect_download() as download:
        await desk.part("figures-export").click()
    file = await (await download.value).path()
    page = load_workbook(BytesIO(file.read_bytes())).active
    assert page is not None
    assert [cell.value for cell in page[7]][:2] == ["合计", known["total"]["offered"]]


async def test_an_answered_call_is_in_the_figures_as_soon_as_it_talks(shift: Shift) -> None:
    """S03, S05: and on every screen a few seconds later, nobody reloads."""
    leader = await shift.operator("shift01")
    start = utc_now().isoformat()

    async def figures() -> dict[str, Any]:
        end = (utc_now() + timedelta(minutes=1)).isoformat()
        answer = await leader.client.get("/api/figures", params={"from": start, "to": end})
        found: dict[str, Any] = answer.json()["total"]
        return found

    desk = await shift.staffed("op01", "01")
    call = await shift.queued("13900000911")
    await desk.answer()
    talking = await until(lambda: _answered(figures), what="the answer in the figures")
    assert (talking["offered"], talking["queued"], talking["in_system"]) == (1, 1, 1)
    assert talking["connect_percent"] == 100.0
    answered = utc_now()
    await until(lambda: _passed(answered + timedelta(seconds=1.1)), what="a second of talk")
    await call.hang_up()
    row = await shift.ended_call("13900000911")
    over = await figures()
    assert (over["answered"], over["in_system"], over["outcomes"]) == (1, 0, {"answered": 1})
    assert row.served_after == row.waited_seconds
    assert over["mean_wait_seconds"] == pytest.approx(row.waited_seconds, abs=0.051)


async def _passed(moment: datetime) -> bool:
    return utc_now() >= moment


async def _answered(figures: Any) -> dict[str, Any] | None:
    found: dict[str, Any] = await figures()
    return found if found["answered"] else None
