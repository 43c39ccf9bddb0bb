"""Numbers, digits, dates and places in the queue: as Chinese text, and as the names of prompts that say it.

Both come from the same list of words, so that what is shown and what is heard cannot differ.
"""

from datetime import date

DIGITS = "零一二三四五六七八九"
_UNITS = ("", "unit_ten", "unit_hundred", "unit_thousand")
_GROUPS = ("", "unit_ten_thousand", "unit_hundred_million")

# Prompt name -> the words, for everything that is put together from pieces.
WORDS: dict[str, str] = {
    **{f"digit_{value}": DIGITS[value] for value in range(10)},
    "digit_1_yao": "幺",
    "digit_2_liang": "两",
    "unit_ten": "十",
    "unit_hundred": "百",
    "unit_thousand": "千",
    "unit_ten_thousand": "万",
    "unit_hundred_million": "亿",
    "unit_year": "年",
    "unit_month": "月",
    "unit_day": "日",
    "unit_minute": "分钟",
    "unit_person": "位",
    "queue_first": "您是下一位。",
    "queue_ahead_before": "您前面还有",
    "queue_ahead_after": "位来电。",
    "queue_wait_before": "预计等待",
}

Prompts = tuple[str, ...]


def text_of(prompts: Prompts) -> str:
    """Return what the prompts say, as Chinese text."""
    return "".join(WORDS[prompt] for prompt in prompts)


def digits(number: str) -> Prompts:
    """Digit by digit, as telephone and ticket numbers are read: 12345 is 幺二三四五.

    ValueError for anything but ASCII digits.
    """
    if not (number.isascii() and number.isdigit()):
        raise ValueError("not a number")
    return tuple("digit_1_yao" if digit == "1" else f"digit_{digit}" for digit in number)


def number(value: int) -> Prompts:
    """A quantity: 12 is 十二, 105 一百零五, 10010 一万零一十; ValueError below 0 or from 10^12 on."""
    if not 0 <= value < 10**12:
        raise ValueError("out of range")
    if value == 0:
        return ("digit_0",)
    spoken: list[str] = []
    gap = False  # a zero is owed before the next digit
    for power in (2, 1, 0):
        group = value // 10_000**power % 10_000
        if not group:
            gap = gap or bool(spoken)
            continue
        if spoken and (gap or group < 1_000):
            spoken.append("digit_0")
        spoken += _below_ten_thousand(group)
        if power:
            spoken.append(_GROUPS[power])
        gap = False
    if spoken[:2] == ["digit_1", "unit_ten"]:
        del spoken[0]  # 十二, not 一十二, at the very beginning
    return tuple(spoken)


def count(value: int, unit: str) -> Prompts:
    """A number of things with their unit's prompt: 两位, 十二位, 一百零二位; two alone is 两."""
    return (*(("digit_2_liang",) if value == 2 else number(value)), unit)


def day(value: date, *, with_year: bool = False) -> Prompts:
    """十一月二十二日, or with the year 二零二六年十一月二十二日."""
    year = (*(f"digit_{digit}" for digit in f"{value:%Y}"), "unit_year") if with_year else ()
    return (*year, *number(value.month), "unit_month", *number(value.day), "unit_day")


def queue_position(position: int) -> Prompts:
    """What a waiting caller is told: 您是下一位 for 1, else 您前面还有两位来电; ValueError below 1."""
    if position < 1:
        raise ValueError("positions count from 1")
    if position == 1:
        return ("queue_first",)
    ahead = position - 1
    said = ("digit_2_liang",) if ahead == 2 else number(ahead)
    return ("queue_ahead_before", *said, "queue_ahead_after")


def _below_ten_thousand(value: int) -> list[str]:
    spoken: list[str] = []
    gap = False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if not digit:
            gap = bool(spoken)
            continue
        if gap:
            spoken.append("digit_0")
            gap = False
        spoken.append(f"digit_{digit}")
        if power:
            spoken.append(_UNITS[power])
    return spoken
