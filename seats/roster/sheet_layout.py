"""The month's sheet, as it is written and read: title, header, a row for each person, one column for each day."""

import re

TITLE_ROW, HEAD_ROW, FIRST_ROW = 1, 3, 5
"""Rows of Excel, from 1: the title with the month, the days of the month (weekdays below), the first person."""
NUMBER, NAME, COMPANY, FIRST_DAY = 1, 2, 3, 4
"""Columns of Excel, from 1."""
HEAD = ("工号", "姓名", "派出单位")
SUMS = ("工时", "夜班", "周末节假")
LEAVE_MARK, TRAINING_MARK, NO_SHIFT = "假", "训", "休"
WEEKDAYS = "一二三四五六日"
TITLE = re.compile(r"(\d{4})年(\d{1,2})月")


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula (X84)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
