"""People of the Office and a file for 2027, for the tests of the calendar."""

from datetime import UTC, datetime

from core.security import Principal, Role

AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
HOLIDAYS = {
    "元旦": ["2027-01-01", "2027-01-02", "2027-01-03"],
    "春节": [f"2027-02-{day:02}" for day in range(5, 13)],
    "国庆节": [f"2027-10-{day:02}" for day in range(1, 8)],
}
MAKEUPS = {"春节": ["2027-01-31", "2027-02-14"], "元旦": ["2026-12-27"]}


def person(number: int, *roles: Role) -> Principal:
    return Principal(number, f"p{number}", f"测试{number}", frozenset(roles))


ZHANG = person(1, Role.COORDINATION)
KONG = person(2, Role.OFFICE_DIRECTOR)
LEADER = person(3, Role.SHIFT_LEADER)
ADMIN = person(4, Role.ADMIN)


def year_file(year: int = 2027, published: str = "", revision: int = 1, without: str = "") -> bytes:
    """Return an import file, with make-up days for 2027 alone; `without` leaves one date out."""
    lines = [
        f"year: {year}", "number: 国办发明电〔2026〕0号", f"published: {published or f'{year - 1}-11-20'}",
        f"revision: {revision}", "papers: [https://www.gov.cn/zhengce/0.htm]", "days:",
    ]  # fmt: skip
    for kind, named in (("holiday", HOLIDAYS), ("makeup", MAKEUPS if year == 2027 else {})):
        for name, days in named.items():
            lines += [
                f"  - {{date: {day}, kind: {kind}, name: {name}}}" for day in days if day != without
            ]
    return "\n".join(lines).replace("2027-", f"{year}-").encode()
