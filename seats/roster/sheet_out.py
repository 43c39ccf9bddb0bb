"""The month as an Excel sheet to hang up: A3 landscape, one page, colours by shift, totals and demand."""

from collections.abc import Mapping
from io import BytesIO

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from core.calendar import DayKind
from seats.roster.sheet_layout import (
    COMPANY,
    FIRST_DAY,
    FIRST_ROW,
    HEAD,
    HEAD_ROW,
    LEAVE_MARK,
    NAME,
    NUMBER,
    SUMS,
    TITLE_ROW,
    TRAINING_MARK,
    WEEKDAYS,
    harmless,
)
from seats.roster.views import MonthView

A3 = 8
SHIFT_COLOURS = ("#E6E0F5", "#FFFFFF", "#FCE8CF", "#DDF0E6", "#DCEBFA")
OFF_COLOUR, MAKEUP_COLOUR, SHORT_COLOUR, HEAD_COLOUR = "#FBE3E4", "#DFF0E4", "#C00000", "#E9EDF2"


def sheet(view: MonthView) -> bytes:
    """Return the .xlsx of the month; every text is written as text, never as a formula (X84)."""
    out = BytesIO()
    book = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = _Page(book, view)
    page.head()
    page.people()
    page.demand()
    page.print_setup()
    book.close()
    return out.getvalue()


class _Page:
    def __init__(self, book: Workbook, view: MonthView) -> None:
        self.view = view
        self.page: Worksheet = book.add_worksheet(view.month)
        self.last = FIRST_DAY + len(view.days) - 1
        base = {"border": 1, "align": "center", "valign": "vcenter", "font_size": 10}
        self.plain = book.add_format(base)
        self.bold = book.add_format({**base, "bold": True, "bg_color": HEAD_COLOUR})
        self.title = book.add_format({"bold": True, "font_size": 18, "align": "center"})
        self.short = book.add_format({**base, "bold": True, "font_color": SHORT_COLOUR})
        self.away = book.add_format({**base, "font_color": "#808080", "italic": True})
        self.off = book.add_format({**base, "bold": True, "bg_color": OFF_COLOUR})
        self.makeup = book.add_format({**base, "bold": True, "bg_color": MAKEUP_COLOUR})
        self.shifts: Mapping[str, Format] = {
            shift.code: book.add_format({**base, "bg_color": SHIFT_COLOURS[n % len(SHIFT_COLOURS)]})
            for n, shift in enumerate(view.shifts)
        }

    def text(self, row: int, column: int, text: str, look: Format) -> None:
        """Write at Excel's row and column, both from 1."""
        self.page.write_string(row - 1, column - 1, harmless(text), look)

    def number(self, row: int, column: int, number: float, look: Format) -> None:
        self.page.write_number(row - 1, column - 1, number, look)

    def head(self) -> None:
        year, month = self.view.month.split("-")
        draft = self.view.version is None or self.view.version.state != "published"
        state = "（草稿）" if draft else ""
        self.page.merge_range(
            TITLE_ROW - 1, 0, TITLE_ROW - 1, self.last + len(SUMS) - 1,
            f"营口12345话务员排班表 {year}年{int(month)}月{state}", self.title,
        )  # fmt: skip
        for column, word in enumerate(HEAD, NUMBER):
            self.text(HEAD_ROW, column, word, self.bold)
            self.text(HEAD_ROW + 1, column, "", self.bold)
        for column, day in enumerate(self.view.days, FIRST_DAY):
            look = {DayKind.MAKEUP: self.makeup, DayKind.WORK: self.bold}.get(day.kind, self.off)
            self.number(HEAD_ROW, column, day.day.day, look)
            word = "班" if day.kind is DayKind.MAKEUP else WEEKDAYS[day.day.weekday()]
            self.text(HEAD_ROW + 1, column, word, look)
        for column, word in enumerate(SUMS, self.last + 1):
            self.text(HEAD_ROW, column, word, self.bold)
            self.text(HEAD_ROW + 1, column, "", self.bold)

    def people(self) -> None:
        marks = {shift.code: shift.mark for shift in self.view.shifts}
        worked = {(cell.person, cell.day): cell.shift for cell in self.view.cells if cell.shift}
        for row, person in enumerate(self.view.people, FIRST_ROW):
            self.text(row, NUMBER, person.work_number, self.plain)
            self.text(row, NAME, person.name, self.plain)
            self.text(row, COMPANY, person.company, self.plain)
            for column, day in enumerate(self.view.days, FIRST_DAY):
                shift = worked.get((person.id, day.day), "")
                if shift:
                    self.text(row, column, marks.get(shift, shift), self.shifts[shift])
                else:
                    self.text(row, column, self._away(person.id, column), self.away)
            for column, sum_ in enumerate((person.hours, person.nights, person.weekends)):
                self.number(row, self.last + 1 + column, sum_, self.plain)

    def demand(self) -> None:
        slots = {(slot.day, slot.shift): slot for slot in self.view.slots}
        begins = FIRST_ROW + len(self.view.people) + 1  # an empty row ends the people
        for row, shift in enumerate(self.view.shifts, begins):
            hours = f"{_clock(shift.starts)}–{_clock(shift.ends)}"
            self.text(row, NAME, f"{shift.mark} {shift.zh}", self.bold)
            self.text(row, COMPANY, hours, self.bold)
            for column, day in enumerate(self.view.days, FIRST_DAY):
                slot = slots[day.day, shift.code]
                look = self.short if slot.have < slot.need else self.plain
                self.text(row, column, f"{slot.have}/{slot.need}", look)

    def print_setup(self) -> None:
        self.page.set_landscape()
        self.page.set_paper(A3)
        self.page.fit_to_pages(1, 1)
        self.page.set_margins(0.4, 0.4, 0.5, 0.5)
        self.page.freeze_panes(FIRST_ROW - 1, FIRST_DAY - 1)
        self.page.set_column(NUMBER - 1, NUMBER - 1, 7)
        self.page.set_column(NAME - 1, NAME - 1, 10)
        self.page.set_column(COMPANY - 1, COMPANY - 1, 13)
        self.page.set_column(FIRST_DAY - 1, self.last - 1, 4.6)
        self.page.set_column(self.last, self.last + len(SUMS) - 1, 8)
        self.page.set_default_row(20)

    def _away(self, person: int, column: int) -> str:
        day = self.view.days[column - FIRST_DAY].day
        for absence in self.view.absences:
            theirs = absence.person == person and absence.state == "approved"
            if theirs and absence.first <= day <= absence.last:
                return LEAVE_MARK if absence.kind == "leave" else TRAINING_MARK
        return ""


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
