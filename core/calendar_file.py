"""Reads the import file of a year, YAML or CSV, line by line; docs/calendar.md describes the format."""

import csv
import io

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.calendar_paper import YearPaper
from core.calendar_sheet import Cell, Row, Sheet, check_sheet

MOST_BYTES = 64 * 1024
FIELDS = ("year", "number", "published", "revision")
COLUMNS = ("date", "kind", "name")


def read_paper(name: str, content: bytes) -> YearPaper:
    """Return what the file says; the end of its `name` tells the format.

    CalendarFileRefused with every fault and its line; nothing is half read.
    """
    sheet = Sheet()
    text = _decoded(content)
    if len(content) > MOST_BYTES:
        sheet.note(1, "TOO_LARGE")
    elif text is None:
        sheet.note(1, "UNREADABLE", what="UTF-8, GB18030")
    elif name.lower().endswith((".yaml", ".yml")):
        _read_yaml(text, sheet)
    elif name.lower().endswith(".csv"):
        _read_csv(text, sheet)
    else:
        sheet.note(1, "UNKNOWN_FORMAT")
    return check_sheet(sheet)


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):  # a Chinese Excel saves CSV as the second
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _read_yaml(text: str, sheet: Sheet) -> None:
    # Nodes, not values: they know their lines, and YAML's own idea of dates and numbers stays out.
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        sheet.note(mark.line + 1 if mark else 1, "UNREADABLE", what=error.problem or "YAML")
        return
    except (yaml.YAMLError, RecursionError):
        sheet.note(1, "UNREADABLE", what="YAML")
        return
    if not isinstance(root, MappingNode):
        sheet.note(1, "WRONG_SHAPE", what="YAML")
        return
    for key, value in root.value:
        _read_entry(sheet, _scalar(key) or "?", key.start_mark.line + 1, value)


def _read_entry(sheet: Sheet, name: str, line: int, value: Node) -> None:
    if name in sheet.fields:
        sheet.note(line, "DUPLICATE_FIELD", what=name)
    elif name in FIELDS:
        text = _scalar(value)
        sheet.fields[name] = Cell(text or "", line)
        if text is None:
            sheet.note(line, "WRONG_SHAPE", what=name)
    elif name in ("papers", "days"):
        sheet.fields[name] = Cell("", line)
        if not isinstance(value, SequenceNode):
            sheet.note(line, "WRONG_SHAPE", what=name)
        elif name == "papers":
            sheet.papers += [
                Cell(_scalar(item) or "", item.start_mark.line + 1) for item in value.value
            ]
        else:
            sheet.days_line = line
            for item in value.value:
                _read_day(sheet, item)
    else:
        sheet.note(line, "UNKNOWN_FIELD", what=name)


def _read_day(sheet: Sheet, item: Node) -> None:
    line = item.start_mark.line + 1
    if not isinstance(item, MappingNode):
        sheet.note(line, "WRONG_SHAPE", what="days")
        return
    cells = {_scalar(key) or "?": _scalar(value) or "" for key, value in item.value}
    for name in cells.keys() - set(COLUMNS):
        sheet.note(line, "UNKNOWN_FIELD", what=name)
    if len(cells) < len(item.value):
        sheet.note(line, "DUPLICATE_FIELD", what="days")
    sheet.rows.append(Row(line, *(cells.get(name, "") for name in COLUMNS)))


def _scalar(node: Node) -> str | None:
    return str(node.value).strip() if isinstance(node, ScalarNode) else None


def _read_csv(text: str, sheet: Sheet) -> None:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    in_days = False
    try:
        for cells in lines:
            cells = [cell.strip() for cell in cells]
            while cells and not cells[-1]:
                cells.pop()  # Excel fills every line up to the longest
            if not cells:
                continue
            if tuple(cells) == COLUMNS:
                in_days, sheet.days_line = True, lines.line_num
            elif in_days:
                _read_csv_day(sheet, lines.line_num, cells)
            else:
                _read_csv_field(sheet, lines.line_num, cells)
    except csv.Error as error:
        sheet.note(lines.line_num, "UNREADABLE", what=error)


def _read_csv_day(sheet: Sheet, line: int, cells: list[str]) -> None:
    if len(cells) > len(COLUMNS):
        sheet.note(line, "WRONG_SHAPE", what=",".join(cells))
    day, kind, name = (*cells, "", "", "")[:3]
    sheet.rows.append(Row(line, day, kind, name))


def _read_csv_field(sheet: Sheet, line: int, cells: list[str]) -> None:
    name, text = cells[0], (*cells, "")[1]
    if len(cells) > 2:
        sheet.note(line, "WRONG_SHAPE", what=name)
    elif name == "paper":
        sheet.papers.append(Cell(text, line))
    elif name not in FIELDS:
        sheet.note(line, "UNKNOWN_FIELD", what=name)
    elif name in sheet.fields:
        sheet.note(line, "DUPLICATE_FIELD", what=name)
    else:
        sheet.fields[name] = Cell(text, line)
