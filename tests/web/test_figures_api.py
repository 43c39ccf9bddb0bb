"""The figures over HTTP and as a sheet (tickets spec 5.7; B07, X77, X78, X82, X84)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.ledger_rows import past_call, store
from web_world import WebWorld, web_world

from core.clock import SHANGHAI
from core.security import Role
from telephony.figure_rows import By
from web.figures_sheet import guarded, row_name

MONDAY = datetime(2026, 9, 7, tzinfo=SHANGHAI)
DAY = timedelta(days=1)
WEEK = {"from": "2026-09-07", "to": "2026-09-14"}


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[WebWorld]:
    async with web_world(tmp_path, test_numbers=["13800000000"]) as made:
        yield made


async def with_calls(web: WebWorld) -> None:
    nine = MONDAY + timedelta(hours=9)
    async with web.hotline.database.unit_of_work() as uow:
        await store(
            uow.session,
            [
                past_call(nine, waited=15.0, talked=100.0),
                past_call(nine + timedelta(minutes=29), waited=15.1, talked=50.0),
                past_call(nine + timedelta(minutes=30), "abandoned_in_queue", waited=5.0),
                past_call(nine + DAY, "abandoned_in_ivr"),
                past_call(MONDAY, "rejected"),
                past_call(MONDAY + 7 * DAY, waited=1.0),  # at E: of the next week (X82)
                past_call(nine, waited=1.0, caller="13800000000"),
            ],
        )


async def test_a_week_by_hour_day_and_weekday(web: WebWorld) -> None:
    await with_calls(web)
    async with await web.client_of(Role.SHIFT_LEADER) as client:
        found = {
            by: (await client.get("/api/figures", params={**WEEK, "by": by})).json() for by in By
        }
    whole = found[By.HOUR]["total"]
    assert (whole["offered"], whole["queued"], whole["answered"]) == (5, 3, 2)
    assert (whole["connect_percent"], whole["total_connect_percent"]) == (66.67, 50.0)
    assert (whole["within_15_percent"], whole["within_15_of_answered_percent"]) == (33.33, 50.0)
    assert (whole["mean_wait_seconds"], whole["mean_talk_seconds"]) == (15.1, 75.0)
    assert (whole["abandoned_within_5"], whole["abandoned_percent"]) == (1, 33.33)
    assert found[By.HOUR]["excluded_test_calls"] == 1
    assert found[By.HOUR]["worst_24h"]["connect_percent"] == 66.67
    assert found[By.HOUR]["worst_24h"]["alarm"]
    expected = {
        By.HOUR: {"00:00": 1, "09:00": 4},
        By.HALF_HOUR: {"00:00": 1, "09:00": 3, "09:30": 1},
        By.DAY: {"2026-09-07": 4, "2026-09-08": 1},
        By.WEEKDAY: {"1": 4, "2": 1},
    }
    for by, offered in expected.items():
        rows = {row["key"]: row["offered"] for row in found[by]["rows"]}
        assert {key: count for key, count in rows.items() if count} == offered
        assert len(rows) == {By.HOUR: 24, By.HALF_HOUR: 48, By.DAY: 7, By.WEEKDAY: 7}[by]
        assert found[by]["total"] == whole


async def test_a_period_without_calls_has_dashes(web: WebWorld) -> None:
    """X78."""
    async with await web.client_of(Role.OFFICE_DIRECTOR) as client:
        empty = (await client.get("/api/figures", params=WEEK)).json()
        file = (await client.get("/api/figures/sheet", params=WEEK)).content
    assert empty["total"]["connect_percent"] is None
    assert empty["worst_24h"] is None
    assert {row["within_15_percent"] for row in empty["rows"]} == {None}
    page = load_workbook(BytesIO(file)).active
    assert page is not None
    assert [cell.value for cell in page[7]][:7] == ["合计", 0, 0, 0, 0, 0, "—"]


async def test_the_sheet_holds_the_same_numbers_as_numbers(web: WebWorld) -> None:
    await with_calls(web)
    async with await web.client_of(Role.AUDITOR) as client:
        answer = await client.get("/api/figures/sheet", params={**WEEK, "by": "weekday"})
    assert answer.status_code == 200
    assert (
        'filename="figures-20260907-20260914-weekday.xlsx"' in answer.headers["content-disposition"]
    )
    page = load_workbook(BytesIO(answer.content)).active
    assert page is not None
    table = {row[0]: row[1:] for row in page.iter_rows(min_row=6, values_only=True)}
    assert table["合计"][:6] == (5, 1, 1, 3, 2, 66.67)
    assert table["周一"][0] == 4
    assert table["周日"][5] == "—"
    assert [row[0] for row in page.iter_rows(min_row=2, max_row=4, values_only=True)] == [
        "统计时段：2026-09-07 00:00 至 2026-09-14 00:00（不含）",
        "已剔除测试来电：1",
        "连续24小时接通率最低：66.67%（自 2026-09-07 00:00 起）",
    ]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@cmd", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    """X84."""
    assert guarded(text) == f"'{text}"


def test_rows_are_named_by_what_they_span() -> None:
    assert row_name(By.HOUR, "23:00") == "23:00-24:00"
    assert row_name(By.HALF_HOUR, "09:30") == "09:30-10:00"


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("2026-09-07", "2026-09-07", "BAD_PERIOD"),
        ("2026-09-08", "2026-09-07", "BAD_PERIOD"),
        ("2025-01-01", "2026-09-07", "BAD_PERIOD"),
        ("0001-01-01T00:00:00+14:00", "0001-01-02", "BAD_PERIOD"),
        ("9999-12-31", "9999-12-31T23:59:59-10:00", "BAD_PERIOD"),
        ("昨天", "今天", None),
    ],
)
async def test_a_period_that_is_none_is_refused_in_words(
    web: WebWorld, start: str, end: str, code: str | None
) -> None:
    async with await web.client_of(Role.SHIFT_LEADER) as client:
        answer = await client.get("/api/figures", params={"from": start, "to": end})
    assert answer.status_code == 422
    assert code is None or answer.json()["code"] == code


async def test_operators_do_not_read_the_figures(web: WebWorld) -> None:
    async with await web.client_of(Role.OPERATOR) as client:
        assert (await client.get("/api/figures", params=WEEK)).status_code == 403
