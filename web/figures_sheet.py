"""The figures as an Excel sheet, in Chinese, ready to be printed."""

from io import BytesIO
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from telephony.figure_rows import WEEKDAYS, By
from web.figures_report import Report, figures

COLUMNS: tuple[tuple[str, str], ...] = (
    ("offered", "呼入量"),
    ("ivr_hang_ups", "语音中挂断"),
    ("blacklisted", "黑名单"),
    ("queued", "人工排队量"),
    ("answered", "接通量"),
    ("connect_percent", "接通率%"),
    ("total_connect_percent", "总接通率%"),
    ("answered_within_15", "15秒内接通"),
    ("within_15_percent", "15秒接通率%"),
    ("within_15_of_answered_percent", "15秒应答率%"),
    ("mean_wait_seconds", "平均等待（秒）"),
    ("mean_talk_seconds", "平均通话（秒）"),
    ("abandoned", "排队放弃"),
    ("abandoned_within_5", "5秒内放弃"),
    ("abandoned_percent", "放弃率%"),
)
FIRST = {By.HOUR: "时段", By.HALF_HOUR: "时段", By.DAY: "日期", By.WEEKDAY: "星期"}
DASH = "—"
RISKY = ("=", "+", "-", "@", "\t", "\r")


def sheet(report: Report) -> bytes:
    """Return the .xlsx file: the period, its total, the worst 24 hours, and the rows."""
    buffer = BytesIO()
    # No text becomes a formula, a link or a number by its looks (X84).
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        page = book.add_worksheet("话务统计")
        head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center"})
        cell = book.add_format({"border": 1, "align": "right"})
        page.write_string(0, 0, "话务统计", book.add_format({"bold": True, "font_size": 14}))
        for line, text in enumerate(_notes(report), 1):
            page.write_string(line, 0, guarded(text))
        top = 5
        for column, name in enumerate((FIRST[report.by], *(zh for _, zh in COLUMNS))):
            page.write_string(top, column, guarded(name), head)
        rows = [(row_name(report.by, key), counted) for key, counted in report.rows.items()]
        for line, (name, counted) in enumerate([("合计", report.total), *rows], top + 1):
            page.write_string(line, 0, guarded(name), cell)
            values = figures(counted)
            for column, (key, _) in enumerate(COLUMNS, 1):
                _write(page, line, column, values[key], cell)
        page.set_column(0, 0, 16)
        page.set_column(1, len(COLUMNS), 11)
        page.freeze_panes(top + 1, 1)
        page.set_landscape()
        page.fit_to_pages(1, 0)
    return buffer.getvalue()


def row_name(by: By, key: str) -> str:
    """Return what a row is called: 09:00-10:00, 周一, or its date."""
    if by is By.WEEKDAY:
        return WEEKDAYS[int(key) - 1]
    if by is By.DAY:
        return key
    minutes = int(key[:2]) * 60 + int(key[3:]) + (60 if by is By.HOUR else 30)
    return f"{key}-{minutes // 60:02d}:{minutes % 60:02d}"


def guarded(text: str) -> str:
    """Return text that no spreadsheet takes for a formula (X84)."""
    return f"'{text}" if text.startswith(RISKY) else text


def _notes(report: Report) -> list[str]:
    worst = report.worst
    return [
        f"统计时段：{report.start:%Y-%m-%d %H:%M} 至 {report.end:%Y-%m-%d %H:%M}（不含）"
        + ("，时段未结束" if report.running else ""),
        f"已剔除测试来电：{report.excluded}",
        "连续24小时接通率最低："
        + (f"{worst.percent:.2f}%（自 {_shown(report)} 起）" if worst else DASH),
    ]


def _shown(report: Report) -> str:
    assert report.worst is not None
    return f"{report.worst.start.astimezone(report.start.tzinfo):%Y-%m-%d %H:%M}"


def _write(page: Any, line: int, column: int, value: float | None, cell: Any) -> None:
    if value is None:
        page.write_string(line, column, DASH, cell)
    else:
        page.write_number(line, column, value, cell)
