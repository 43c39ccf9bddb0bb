"""The import file of a year: both formats, and every fault by its line, all at once (X19)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import CalendarDay, DayKind, shipped_papers
from core.calendar_errors import CalendarFileRefused
from core.calendar_file import read_paper

SHIPPED = {paper.year: paper for paper in shipped_papers()}
OFF = [f"2027-10-{day:02}" for day in range(1, 12)]


def yaml_of(*rows: str, head: str = "", off: list[str] = OFF) -> bytes:
    lines = [
        "year: 2027", "number: 国办发明电〔2026〕0号", "published: 2026-11-05",
        "papers:", "  - https://www.gov.cn/0.htm", "days:",
        *(f"  - {{date: {day}, kind: holiday, name: 国庆节}}" for day in off),
        *(f"  - {row}" for row in rows),
    ]  # fmt: skip
    return (head or "\n".join(lines)).encode()


def csv_of(*rows: str, head: str = "") -> str:
    head = head or (
        "year,2027\nnumber,国办发明电〔2026〕0号\npublished,2026/11/5\npaper,https://www.gov.cn/0.htm\n"
    )
    return head + "\n".join(["date,kind,name", *(f"{day},放假,国庆节" for day in OFF), *rows])


def faults(name: str, content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(CalendarFileRefused) as refused:
        read_paper(name, content)
    assert refused.value.rendering()["details"]["count"] == len(refused.value.faults)
    return [(fault.line, fault.code) for fault in refused.value.faults]


def test_the_files_that_are_shipped_are_import_files() -> None:
    assert list(SHIPPED) == list(range(2016, 2027))
    paper = SHIPPED[2026]
    assert paper.number == "国办发明电〔2025〕7号"
    assert paper.order == (date(2025, 11, 4), 1)
    assert paper.days[date(2026, 10, 10)] == CalendarDay(DayKind.MAKEUP, "国庆节")
    assert sum(day.kind is DayKind.HOLIDAY for day in paper.days.values()) == 33


def test_a_notice_may_change_the_december_before_its_year() -> None:
    assert SHIPPED[2019].days[date(2018, 12, 29)].kind is DayKind.MAKEUP


def test_yaml_and_csv_say_the_same_also_from_a_chinese_excel() -> None:
    row = "{date: 2027-10-16, kind: makeup, name: 国庆节}"
    paper = read_paper("2027.yaml", yaml_of(row))
    table = csv_of("2027/10/16,上班,国庆节")
    for content in (table.encode(), table.encode("utf-8-sig"), table.encode("gb18030"),
                    table.replace("\n", ",,\r\n").encode()):  # fmt: skip
        found = read_paper("日历.CSV", content)
        assert (found, found.digest) == (paper, paper.digest)
    assert paper.days[date(2027, 10, 16)].kind is DayKind.MAKEUP


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("{date: 2028-01-01, kind: holiday, name: 元旦}", "WRONG_YEAR"),
        ("{date: 2026-12-19, kind: makeup, name: 元旦}", "WRONG_YEAR"),
        ("{date: 2027-10-01, kind: holiday, name: 国庆节}", "DUPLICATE_DATE"),
        ("{date: 2027-10-02, kind: makeup, name: 国庆节}", "OFF_AND_MAKEUP"),
        ("{date: 2027-02-01, kind: halfday, name: 春节}", "UNKNOWN_KIND"),
        ("{date: 2027-02-31, kind: holiday, name: 春节}", "NO_SUCH_DATE"),
        ("{date: soon, kind: holiday, name: 春节}", "NO_SUCH_DATE"),
        ("{date: 2027-02-01, kind: holiday}", "NO_NAME"),
        (f"{{date: 2027-02-01, kind: holiday, name: {'春' * 33}}}", "NAME_TOO_LONG"),
        ("{date: 2027-02-01, kind: makeup, name: 春节}", "MAKEUP_ON_WEEKDAY"),
        ("{date: 2027-02-01, kind: holiday, name: 春节, half: yes}", "UNKNOWN_FIELD"),
        ("{date: 2027-02-01, date: 2027-02-02, kind: holiday, name: 春节}", "DUPLICATE_FIELD"),
        ("2027-02-01", "WRONG_SHAPE"),
    ],
)
def test_a_wrong_day_is_refused_with_its_line(row: str, code: str) -> None:
    assert faults("2027.yaml", yaml_of(row)) == [(18, code)]


def test_all_faults_are_said_at_once_in_the_order_of_lines() -> None:
    found = faults(
        "2027.yaml",
        yaml_of(
            "{date: 2027-02-31, kind: half, name: ''}",
            "{date: 2027-10-01, kind: makeup, name: 国庆节}",
            off=OFF[:10],
        ),
    )
    assert found == [
        (6, "TOO_FEW_OFF_DAYS"),
        (17, "NO_NAME"),
        (17, "NO_SUCH_DATE"),
        (17, "UNKNOWN_KIND"),
        (18, "OFF_AND_MAKEUP"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "WRONG_SHAPE")]),
        ("- 2027", [(1, "WRONG_SHAPE")]),
        ("year: [", [(1, "UNREADABLE")]),
        ("[" * 5000, [(1, "UNREADABLE")]),
        ("year: &a 2027\nnumber: 1号\npublished: 2026-11-05\npapers: []\ndays: []",
         [(4, "NO_PAPER"), (5, "NO_DAYS")]),
        ("year: 27\nyear: 2027\nrevision: 0\nnumber: {}\npublished: 2026-02-30\npapers: [ftp://x]\ndays: 1\nday: 2",
         [(1, "BAD_YEAR"), (1, "NO_DAYS"), (2, "DUPLICATE_FIELD"), (3, "BAD_REVISION"), (4, "MISSING_FIELD"),
          (4, "WRONG_SHAPE"), (5, "NO_SUCH_DATE"), (6, "BAD_PAPER"), (7, "WRONG_SHAPE"), (8, "UNKNOWN_FIELD")]),
        ("year: 2027\nnumber: 1号\npublished: 2099-11-05\npapers: []\ndays: []",
         [(3, "BAD_PUBLISHED"), (4, "NO_PAPER"), (5, "NO_DAYS")]),
        ("days: []", [(1, "MISSING_FIELD")] * 3 + [(1, "NO_DAYS"), (1, "NO_PAPER")]),
    ],
)  # fmt: skip
def test_a_wrong_head_is_refused_with_its_lines(text: str, expected: list[tuple[int, str]]) -> None:
    assert faults("2027.yml", text.encode()) == expected


def test_a_table_is_refused_with_its_lines_too() -> None:
    head = "year,2027\nyear,2027\nnumber,1号,2号\nnum,1号\npublished,2026-11-05\n"
    found = faults(
        "2027.csv", csv_of("2027-02-31,放假,春节", "2027-02-01,放假,春节,2", head=head).encode()
    )
    assert found == [
        (1, "MISSING_FIELD"),
        (1, "NO_PAPER"),
        (2, "DUPLICATE_FIELD"),
        (3, "WRONG_SHAPE"),
        (4, "UNKNOWN_FIELD"),
        (18, "NO_SUCH_DATE"),
        (19, "WRONG_SHAPE"),
    ]
    assert (1, "UNREADABLE") in faults("2027.csv", b'year,"2027')


def test_what_is_no_such_file_at_all_is_refused() -> None:
    assert faults("2027.xlsx", b"PK") == [(1, "UNKNOWN_FORMAT")]
    assert faults("2027.csv", b"\xff\xff\xff") == [(1, "UNREADABLE")]
    assert faults("2027.csv", b"a" * 70_000) == [(1, "TOO_LARGE")]


def test_foreign_words_are_not_taken_for_a_pattern() -> None:
    assert faults("2027.yaml", yaml_of("{date: '{0.__class__}', kind: '{x}', name: 春节}")) == [
        (18, "NO_SUCH_DATE"),
        (18, "UNKNOWN_KIND"),
    ]


@given(
    name=st.sampled_from(["a.yaml", "a.csv"]),
    content=st.binary(max_size=300) | st.text().map(str.encode),
)
def test_any_bytes_are_refused_and_nothing_else_happens(name: str, content: bytes) -> None:
    """A file of strangers: a clear refusal, never another error."""
    assert faults(name, content)
