"""The month as an Excel sheet, out and in: round trip, every fault by its line, nothing half imported (X84)."""

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from roster_world import DECEMBER, NOVEMBER, RosterWorld
from sqlalchemy import update

from core.security import Account
from seats.roster import sheets
from seats.roster.errors import SheetBad, SheetUnreadable
from seats.roster.sheet_layout import harmless

Change = Callable[[object], None]


async def test_a_sheet_comes_back_as_it_went(world: RosterWorld) -> None:
    await world.publish_rotation()
    before = {(cell.person, cell.day): cell.shift for cell in (await world.view()).cells}
    data = await sheets.export(world.room, NOVEMBER, "published")
    await world.edit(*((who, "11-24", "") for who in range(15)))
    view = await world.view()
    assert view.version is not None
    back = await sheets.import_sheet(world.room, NOVEMBER, view.version.revision, data, world.boss)
    assert {(cell.person, cell.day): cell.shift for cell in back.cells if cell.shift} == before
    assert (await world.audited())[-1] == "roster.import"


async def test_the_sheet_can_be_hung_up(world: RosterWorld) -> None:
    await world.publish_rotation()
    page = load_workbook(BytesIO(await sheets.export(world.room, NOVEMBER, None))).worksheets[0]
    assert page["A1"].value == "营口12345话务员排班表 2026年11月"
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 8)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert [page.cell(3, column).value for column in (1, 2, 3, 4, 33, 34, 35, 36)] == [
        "工号", "姓名", "派出单位", 1, 30, "工时", "夜班", "周末节假",
    ]  # fmt: skip
    person = (await world.view()).people[0]
    assert [page.cell(5, column).value for column in (34, 35, 36)] == [
        person.hours, person.nights, person.weekends,
    ]  # fmt: skip


async def test_x84_a_name_that_looks_like_a_formula_is_text_and_still_recognised(
    world: RosterWorld,
) -> None:
    async with world.database.unit_of_work() as uow:
        await uow.session.execute(
            update(Account)
            .where(Account.id == world.operators[0].account_id)
            .values(display_name="=HYPERLINK(1)")
        )
    await world.publish_rotation()
    data = await sheets.export(world.room, NOVEMBER, None)
    cell = load_workbook(BytesIO(data)).worksheets[0]["B5"]
    assert (cell.value, cell.data_type) == ("'=HYPERLINK(1)", "s")
    await sheets.import_sheet(world.room, NOVEMBER, None, data, world.boss)


@given(st.text())
def test_x84_no_text_begins_like_a_formula(text: str) -> None:
    assert harmless(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert harmless(text).endswith(text)


async def test_every_fault_is_named_with_its_line_and_nothing_is_imported(
    world: RosterWorld,
) -> None:
    await world.publish_rotation()

    def spoil(page: object) -> None:
        page["A5"] = "9999"  # type: ignore[index]
        page["B6"] = "别人"  # type: ignore[index]
        page["A8"] = page["A7"].value  # type: ignore[index]
        page["B8"] = page["B7"].value  # type: ignore[index]
        page["D9"] = "brunch"  # type: ignore[index]
        page["E9"] = "=1+1"  # type: ignore[index]
        page["F3"] = "三十二"  # type: ignore[index]
        page["G3"] = 1  # type: ignore[index]

    data = spoiled(await sheets.export(world.room, NOVEMBER, None), spoil)
    with pytest.raises(SheetBad) as refused:
        await sheets.import_sheet(world.room, NOVEMBER, None, data, world.boss)
    faults = [
        (each["line"], each["column"], each["zh"]) for each in refused.value.details["faults"]
    ]
    assert faults == [
        (3, "F", "“三十二”不是本月的日期"),
        (3, "G", "1 日重复"),
        (5, "A", "名册上没有工号“9999”"),
        (6, "B", "工号 1002 是话务员02，不是“别人”"),
        (8, "A", "话务员03已在第 7 行出现"),
        (9, "D", "不认识的班次“brunch”"),
        (9, "E", "不认识的班次“=1+1”"),
    ]
    assert not (await world.view()).has_draft


async def test_the_sheet_of_another_month_is_refused(world: RosterWorld) -> None:
    await world.publish_rotation()
    data = await sheets.export(world.room, NOVEMBER, None)
    with pytest.raises(SheetBad) as refused:
        await sheets.import_sheet(world.room, DECEMBER, None, data, world.boss)
    said = [each["zh"] for each in refused.value.details["faults"]]
    assert said == ["表格是 2026-11 的，不是 2026-12 的"]


async def test_words_of_people_are_understood(world: RosterWorld) -> None:
    def write(page: object) -> None:
        for column, word in enumerate(("白班", "夜", "evening", "休", "假", "训", None), 4):
            page.cell(5, column).value = word  # type: ignore[attr-defined]

    data = spoiled(await sheets.export(world.room, NOVEMBER, None), write)
    view = await sheets.import_sheet(world.room, NOVEMBER, None, data, world.boss)
    assert [(cell.day.day, cell.shift) for cell in view.cells] == [
        (1, "day"), (2, "night"), (3, "evening"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "不是 .xlsx"),
        (b"PK\x03\x04 not really", "不是 .xlsx"),
        (b"x" * 1_000_001, "超过 1 MB"),
    ],
)
async def test_what_is_no_sheet_is_refused(world: RosterWorld, data: bytes, word: str) -> None:
    await refused_as_unreadable(world, data, word)


@pytest.mark.parametrize(
    ("part", "content", "word"),
    [
        ("xl/vbaProject.bin", b"macro", "宏"),
        ("xl/externalLinks/externalLink1.xml", b"<a/>", "宏或外部内容"),
        ("xl/zeros.xml", b"0" * 21_000_000, "解压后过大"),
        (
            "xl/laughs.xml",
            b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "b">]>',
            "不允许的声明",
        ),
    ],
)
async def test_macros_bombs_and_entities_are_refused(
    world: RosterWorld, part: str, content: bytes, word: str
) -> None:
    out = BytesIO(await sheets.export(world.room, NOVEMBER, None))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(part, content)
    await refused_as_unreadable(world, out.getvalue(), word)


async def test_too_many_rows_are_refused(world: RosterWorld) -> None:
    def write(page: object) -> None:
        page["A400"] = "1001"  # type: ignore[index]

    data = spoiled(await sheets.export(world.room, NOVEMBER, None), write)
    await refused_as_unreadable(world, data, "超过 300 行")


async def test_a_damaged_part_is_refused(world: RosterWorld) -> None:
    whole = BytesIO(await sheets.export(world.room, NOVEMBER, None))
    damaged = BytesIO()
    with zipfile.ZipFile(whole) as read, zipfile.ZipFile(damaged, "w") as write:
        for part in read.infolist():
            body = read.read(part)
            write.writestr(part, body[:60] if part.filename.endswith("sheet1.xml") else body)
    await refused_as_unreadable(world, damaged.getvalue(), "内容已损坏")


async def refused_as_unreadable(world: RosterWorld, data: bytes, word: str) -> None:
    with pytest.raises(SheetUnreadable) as refused:
        await sheets.import_sheet(world.room, NOVEMBER, None, data, world.boss)
    assert word in refused.value.rendering()["zh"]
    assert not (await world.view()).has_draft


def spoiled(data: bytes, change: Change) -> bytes:
    book = load_workbook(BytesIO(data))
    change(book.worksheets[0])
    out = BytesIO()
    book.save(out)
    return out.getvalue()
