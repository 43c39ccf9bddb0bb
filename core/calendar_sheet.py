"""The raw cells of an import file, and the check that makes a notice of them or names every fault (X19)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.calendar_errors import CalendarFileRefused
from core.calendar_faults import Fault, fault
from core.calendar_paper import CalendarDay, DayKind, YearPaper

LEAST_OFF_DAYS = 11
FIRST_YEAR, LAST_YEAR = 2016, 2100
DECEMBER_FROM = 20
"""A notice may change the end of the December before its year, for New Year's Day."""

KINDS = {
    "holiday": DayKind.HOLIDAY, "放假": DayKind.HOLIDAY, "休": DayKind.HOLIDAY,
    "makeup": DayKind.MAKEUP, "上班": DayKind.MAKEUP, "班": DayKind.MAKEUP,
}  # fmt: skip
_DATE = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})", re.ASCII)
_NUMBER = re.compile(r"\d{1,4}", re.ASCII)


class Cell(NamedTuple):
    text: str
    line: int


class Row(NamedTuple):
    """One day as it was written."""

    line: int
    day: str
    kind: str
    name: str


@dataclass
class Sheet:
    """What was written where, before anybody asked whether it makes sense."""

    fields: dict[str, Cell] = field(default_factory=dict)
    papers: list[Cell] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    days_line: int = 1
    faults: list[Fault] = field(default_factory=list)

    def note(self, line: int, code: str, **values: object) -> None:
        self.faults.append(fault(line, code, **values))


def check_sheet(sheet: Sheet) -> YearPaper:
    """Return the notice that `sheet` describes; CalendarFileRefused with all its faults."""
    if sheet.faults and not sheet.fields and not sheet.rows:
        raise CalendarFileRefused(sheet.faults)
    year = _number(sheet, "year", "BAD_YEAR", FIRST_YEAR, LAST_YEAR)
    revision = _number(sheet, "revision", "BAD_REVISION", 1, 99, default=1)
    number = _text(sheet, "number")
    published = _published(sheet, year)
    papers = tuple(_papers(sheet))
    days = _days(sheet, year)
    if sheet.faults:
        raise CalendarFileRefused(sheet.faults)
    return YearPaper(year, published, revision, number, papers, days)


def _number(
    sheet: Sheet, name: str, code: str, least: int, most: int, default: int | None = None
) -> int:
    cell = sheet.fields.get(name)
    if cell is None:
        if default is None:
            sheet.note(1, "MISSING_FIELD", what=name)
        return default or 0
    value = int(cell.text) if _NUMBER.fullmatch(cell.text) else 0
    if not least <= value <= most:
        sheet.note(cell.line, code, what=cell.text)
        return 0
    return value


def _text(sheet: Sheet, name: str) -> str:
    cell = sheet.fields.get(name, Cell("", 1))
    if not cell.text:
        sheet.note(cell.line, "MISSING_FIELD", what=name)
    elif len(cell.text) > 64:
        sheet.note(cell.line, "WRONG_SHAPE", what=name)
    return cell.text


def _published(sheet: Sheet, year: int) -> date:
    cell = sheet.fields.get("published")
    if cell is None:
        sheet.note(1, "MISSING_FIELD", what="published")
        return date.min
    found = _date(cell.text)
    if found is None:
        sheet.note(cell.line, "NO_SUCH_DATE", what=cell.text)
    elif year and not year - 1 <= found.year <= year:
        # One that lies in the future would make every later version of the year an older one.
        sheet.note(cell.line, "BAD_PUBLISHED", what=found, year=year)
    return found or date.min


def _papers(sheet: Sheet) -> Iterator[str]:
    if not sheet.papers:
        sheet.note(sheet.fields.get("papers", Cell("", 1)).line, "NO_PAPER")
    for cell in sheet.papers:
        if not cell.text.startswith(("https://", "http://")) or len(cell.text) > 300:
            sheet.note(cell.line, "BAD_PAPER")
        yield cell.text


def _days(sheet: Sheet, year: int) -> dict[date, CalendarDay]:
    if not sheet.rows:
        sheet.note(sheet.days_line, "NO_DAYS")
        return {}
    days: dict[date, CalendarDay] = {}
    lines: dict[date, int] = {}
    for row in sheet.rows:
        day, kind = _day(sheet, row, year), KINDS.get(row.kind.lower())
        if kind is None:
            sheet.note(row.line, "UNKNOWN_KIND", what=row.kind)
        if not row.name:
            sheet.note(row.line, "NO_NAME")
        elif len(row.name) > 32:
            sheet.note(row.line, "NAME_TOO_LONG")
        if day is None or kind is None:
            continue
        if day in days:
            twice = "DUPLICATE_DATE" if days[day].kind is kind else "OFF_AND_MAKEUP"
            sheet.note(row.line, twice, what=day, first=lines[day])
            continue
        if kind is DayKind.MAKEUP and day.isoweekday() < 6:
            sheet.note(row.line, "MAKEUP_ON_WEEKDAY", what=day)
        days[day], lines[day] = CalendarDay(kind, row.name), row.line
    off = sum(entry.kind is DayKind.HOLIDAY for entry in days.values())
    if off < LEAST_OFF_DAYS:
        sheet.note(sheet.days_line, "TOO_FEW_OFF_DAYS", what=off)
    return days


def _day(sheet: Sheet, row: Row, year: int) -> date | None:
    day = _date(row.day)
    if day is None:
        sheet.note(row.line, "NO_SUCH_DATE", what=row.day)
    elif year and not date(year - 1, 12, DECEMBER_FROM) <= day <= date(year, 12, 31):
        sheet.note(row.line, "WRONG_YEAR", what=day, year=year)
        return None
    return day


def _date(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None
