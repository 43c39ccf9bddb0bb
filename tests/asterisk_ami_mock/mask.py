"""Takes people out of a recording: each number and each name becomes an invented one, the same everywhere."""

import re

from asterisk_ami_mock.wire import frames_of, parse

# The hotline's own numbers, codes for services, and what Asterisk writes for nothing.
PUBLIC = frozenset(
    {"12345", "2881111", "8890", "110", "119", "120", "122", "<unknown>", "anonymous", "s", ""}
)
_NUMBER_HEADERS = re.compile(r"(CallerIDNum|ConnectedLineNum|Caller|DNID|Number)$", re.IGNORECASE)
_NAME_HEADERS = re.compile(
    r"(CallerIDName|ConnectedLineName|CallerName|MemberName)$", re.IGNORECASE
)
# Chinese mobiles, also where no header says so, and long-distance numbers with an area code.
_MOBILE = re.compile(r"(?<![\d.])(?:\+?86|0086)?1[3-9]\d{9}(?![\d.])")
_FIXED = re.compile(r"(?<![\d.])0\d{2,3}-?\d{7,8}(?![\d.])")
_SEAT = re.compile(r"^(seat\d+|PJSIP/seat\d+)$")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = ("小明", "小红", "大伟", "丽娟", "建国", "秀英")


def masked(recording: bytes) -> bytes:
    """Return the recording with every caller's number and every person's name replaced, consistently."""
    numbers, names = _people(recording)
    text = recording.decode("utf-8", "replace")
    invented = {old: f"1390000{place:04d}" for place, old in enumerate(numbers, 1)}
    called = {old: _name(place) for place, old in enumerate(names)}
    # Longest first, and all in one pass, so that no replacement is replaced again.
    for table in (invented, called):
        if table:
            known = "|".join(re.escape(old) for old in sorted(table, key=len, reverse=True))
            bounded = rf"(?<![\w.])(?:{known})(?![\w.])" if table is invented else known
            text = re.sub(bounded, lambda found, table=table: table[found[0]], text)
    return text.encode()


def _people(recording: bytes) -> tuple[list[str], list[str]]:
    """Return numbers and names in the order of their first appearance."""
    numbers: dict[str, None] = {}
    names: dict[str, None] = {}
    for frame in frames_of(recording):
        for header, value in parse(frame).headers:
            if value in PUBLIC or _SEAT.match(value):
                continue
            if _NUMBER_HEADERS.search(header):
                numbers.setdefault(value)
            elif _NAME_HEADERS.search(header):
                names.setdefault(value)
            for pattern in (_MOBILE, _FIXED):
                numbers.update(dict.fromkeys(pattern.findall(value)))
    # A number that Asterisk shows as a name is masked as a number.
    return list(numbers), [name for name in names if name not in numbers]


def _name(place: int) -> str:
    surname = _SURNAMES[place % len(_SURNAMES)]
    return surname + _GIVEN[place // len(_SURNAMES) % len(_GIVEN)]
