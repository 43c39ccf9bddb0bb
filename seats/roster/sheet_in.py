"""Reading a month's sheet back: everything that is wrong with it, by its line, or all of its cells."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from seats.roster.errors import SheetBad, SheetUnreadable
from seats.roster.months import Month
from seats.roster.rules import Person, Rules
from seats.roster.sheet_layout import (
    FIRST_DAY,
    FIRST_ROW,
    HEAD,
    HEAD_ROW,
    LEAVE_MARK,
    NAME,
    NO_SHIFT,
    NUMBER,
    SUMS,
    TITLE,
    TITLE_ROW,
    TRAINING_MARK,
    harmless,
)

MOST_BYTES = 1_000_000
MOST_UNPACKED = 20_000_000
MOST_PARTS = 60
MOST_ROWS = 300
MOST_COLUMNS = 60
MOST_FAULTS = 50
ACTIVE_PARTS = re.compile(r"vba|macrosheet|activeX|embeddings|externalLink|\.bin$", re.IGNORECASE)
DAY = re.compile(r"(\d{1,2})(\.0)?日?")


@dataclass(frozen=True)
class Fault:
    """What is wrong in which line of the sheet; `column` is Excel's letter or ''."""

    line: int
    column: str
    zh: str
    en: str


@dataclass
class _Reading:
    month: Month
    people: dict[str, Person]
    words: dict[str, str]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, column: int, zh: str, en: str) -> None:
        letter = get_column_letter(column) if column else ""
        self.faults.append(Fault(line, letter, zh, en))


def read_sheet(
    data: bytes, month: Month, people: Iterable[Person], rules: Rules
) -> dict[tuple[int, date], str]:
    """Return the shift ("" for none) of every person in the sheet on every day of the month.

    Raises SheetUnreadable for what is no plain .xlsx within the limits, SheetBad with all faults in its details.
    """
    rows = _rows(data)
    reading = _Reading(month, {each.work_number: each for each in people}, _words(rules))
    _check_title(reading, rows)
    days = _days(reading, rows)
    cells = dict(_cells(reading, rows, days)) if days else {}
    if reading.faults:
        faults = sorted(reading.faults, key=lambda fault: (fault.line, fault.column))
        raise SheetBad(count=len(faults), faults=[vars(fault) for fault in faults[:MOST_FAULTS]])
    return cells


def _rows(data: bytes) -> list[tuple[object, ...]]:
    """Return the first sheet's rows, padded to MOST_COLUMNS; formulas come as their text."""
    _check_package(data)
    try:
        book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
        try:
            page = book.worksheets[0]
            rows = list(
                page.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
            )
        finally:
            book.close()
    # What openpyxl raises for a damaged file is whatever its parts raise.
    except (InvalidFileException, ParseError, KeyError, ValueError, IndexError, TypeError,
            AttributeError, OSError, EOFError, zipfile.BadZipFile) as error:  # fmt: skip
        raise SheetUnreadable(zh="内容已损坏", en="it is damaged") from error
    if len(rows) > MOST_ROWS:
        raise SheetUnreadable(zh=f"超过 {MOST_ROWS} 行", en=f"more than {MOST_ROWS} rows")
    return [(*row, *(None for _ in range(MOST_COLUMNS - len(row)))) for row in rows]


def _check_package(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise SheetUnreadable(zh="文件超过 1 MB", en="larger than 1 MB")
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise SheetUnreadable(zh="解压后过大", en="too large when unpacked")
            if any(ACTIVE_PARTS.search(part.filename) for part in parts):
                raise SheetUnreadable(
                    zh="含有宏或外部内容，请另存为普通 .xlsx",
                    en="it has macros or foreign parts; save it as a plain .xlsx",
                )
            if any(part.flag_bits & 1 for part in parts):
                raise SheetUnreadable(zh="文件已加密", en="it is encrypted")
            if any(b"<!DOCTYPE" in package.read(part) for part in parts):
                raise SheetUnreadable(zh="含有不允许的声明", en="it has a document type")
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
        raise SheetUnreadable(zh="不是 .xlsx 文件", en="it is no .xlsx file") from error


def _check_title(reading: _Reading, rows: Sequence[tuple[object, ...]]) -> None:
    title = _text(rows[TITLE_ROW - 1][0]) if rows else ""
    found = TITLE.search(title)
    if found is None:
        reading.fault(TITLE_ROW, 1, "标题中没有年月", "The title names no month")
        return
    named = f"{int(found[1]):04d}-{int(found[2]):02d}"
    if named != str(reading.month):
        reading.fault(
            TITLE_ROW, 1, f"表格是 {named} 的，不是 {reading.month} 的",
            f"The sheet is of {named}, not of {reading.month}",
        )  # fmt: skip


def _days(reading: _Reading, rows: Sequence[tuple[object, ...]]) -> dict[int, date]:
    """Return the day of each column, {} if there is no header."""
    head = rows[HEAD_ROW - 1] if len(rows) >= HEAD_ROW else ()
    if tuple(_text(each) for each in head[: len(HEAD)]) != HEAD:
        words = "、".join(HEAD)
        reading.fault(HEAD_ROW, 1, f"表头应为{words}", "The header is not that of the export")
        return {}
    found: dict[int, date] = {}
    for column, value in enumerate(head[FIRST_DAY - 1 :], FIRST_DAY):
        if _text(value) in ("", *SUMS):
            continue
        day = _day(reading.month, value)
        if day is None:
            shown = _text(value)[:20]
            reading.fault(
                HEAD_ROW, column, f"“{shown}”不是本月的日期", f"'{shown}' is no day of the month"
            )
        elif day in found.values():
            reading.fault(HEAD_ROW, column, f"{day.day} 日重复", f"Day {day.day} comes twice")
        else:
            found[column] = day
    return found


def _cells(
    reading: _Reading, rows: Sequence[tuple[object, ...]], days: dict[int, date]
) -> Iterator[tuple[tuple[int, date], str]]:
    lines: dict[int, int] = {}
    for line, row in enumerate(rows[FIRST_ROW - 1 :], FIRST_ROW):
        if not _text(row[NUMBER - 1]) and not _text(row[NAME - 1]):
            return  # the demand rows follow
        person = _person(reading, line, row)
        if person is None:
            continue
        if person.id in lines:
            reading.fault(
                line, NUMBER, f"{person.name}已在第 {lines[person.id]} 行出现",
                f"{person.name} is in line {lines[person.id]} already",
            )  # fmt: skip
            continue
        lines[person.id] = line
        for column, day in days.items():
            word = _text(row[column - 1])
            if word not in reading.words:
                reading.fault(
                    line, column, f"不认识的班次“{word[:20]}”", f"'{word[:20]}' is no shift"
                )
            else:
                yield (person.id, day), reading.words[word]


def _person(reading: _Reading, line: int, row: tuple[object, ...]) -> Person | None:
    number, name = _text(row[NUMBER - 1]), _text(row[NAME - 1])
    person = reading.people.get(number)
    if person is None:
        reading.fault(
            line,
            NUMBER,
            f"名册上没有工号“{number[:20]}”",
            f"No operator has number '{number[:20]}'",
        )
    elif harmless(person.name) != harmless(name):
        reading.fault(
            line, NAME, f"工号 {number} 是{person.name}，不是“{name[:20]}”",
            f"Number {number} is {person.name}, not '{name[:20]}'",
        )  # fmt: skip
        return None
    return person


def _words(rules: Rules) -> dict[str, str]:
    """Return every word that a cell may have, with the shift's code."""
    words = {"": "", NO_SHIFT: "", LEAVE_MARK: "", TRAINING_MARK: ""}
    for shift in rules.shifts:
        words |= dict.fromkeys((shift.mark, shift.zh, shift.code, shift.en), shift.code)
    return words


def _day(month: Month, value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date() if Month.of(value.date()) == month else None
    found = DAY.fullmatch(_text(value))
    try:
        return month.first.replace(day=int(found[1])) if found else None
    except ValueError:
        return None


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
