"""Numbers, dates and places as Chinese text and as prompts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import speak
from ivr.progress import STAGES, TicketProgress, spoken
from ivr.prompts import catalogue


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "零"), (5, "五"), (10, "十"), (12, "十二"), (20, "二十"), (21, "二十一"), (100, "一百"),
        (101, "一百零一"), (110, "一百一十"), (115, "一百一十五"), (1000, "一千"), (1001, "一千零一"),
        (1010, "一千零一十"), (1100, "一千一百"), (10_000, "一万"), (10_010, "一万零一十"),
        (12_345, "一万二千三百四十五"), (100_000, "十万"), (110_000, "十一万"), (100_010_000, "一亿零一万"),
        (100_000_001, "一亿零一"), (120_000_000, "一亿二千万"), (100_500, "十万零五百"),
        (1_000_100_000, "十亿零一十万"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_a_chinese_speaker_reads_it(value: int, text: str) -> None:
    assert speak.text_of(speak.number(value)) == text


def test_12345_is_read_digit_by_digit_with_yao() -> None:
    assert speak.text_of(speak.digits("12345")) == "幺二三四五"
    assert speak.digits("110") == ("digit_1_yao", "digit_1_yao", "digit_0")


@pytest.mark.parametrize("wrong", ["", "12a", "١٢", "-1", "\uff11\uff12"])
def test_only_digits_are_read_as_digits(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        speak.digits(wrong)


@pytest.mark.parametrize("value", [-1, 10**12])
def test_a_number_out_of_range_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        speak.number(value)


def value_of(text: str) -> int:
    """Read a Chinese number back: the independent half of the property below."""
    units = {"十": 10, "百": 100, "千": 1000}
    total = group = digit = 0
    for character in text:
        if character in units:
            group += (digit or 1) * units[character]
            digit = 0
        elif character in "万亿":
            total += (group + digit) * (10_000 if character == "万" else 100_000_000)
            group = digit = 0
        else:
            digit = speak.DIGITS.index(character)
    return total + group + digit


@given(st.one_of(st.integers(0, 10**12 - 1), st.integers(0, 20_000)))
def test_every_number_can_be_understood_again(value: int) -> None:
    text = speak.text_of(speak.number(value))
    assert value_of(text) == value
    assert "零零" not in text
    assert value == 0 or not text.endswith("零")


def test_a_date_and_a_count() -> None:
    assert speak.text_of(speak.day(date(2026, 11, 22))) == "十一月二十二日"
    assert speak.text_of(speak.day(date(2026, 1, 2), with_year=True)) == "二零二六年一月二日"
    assert speak.text_of(speak.count(2, "unit_minute")) == "两分钟"
    assert speak.text_of(speak.count(12, "unit_minute")) == "十二分钟"


@pytest.mark.parametrize(
    ("position", "text"),
    [
        (1, "您是下一位。"),
        (2, "您前面还有一位来电。"),
        (3, "您前面还有两位来电。"),
        (13, "您前面还有十二位来电。"),
    ],
)
def test_a_place_in_the_queue_is_told(position: int, text: str) -> None:
    assert speak.text_of(speak.queue_position(position)) == text


def test_there_is_no_place_before_the_first() -> None:
    with pytest.raises(ValueError, match="count from 1"):
        speak.queue_position(0)


def test_every_word_that_can_be_spoken_is_a_shipped_prompt_with_the_same_text() -> None:
    shipped = catalogue()
    assert {name: shipped.get(name) for name in speak.WORDS} == speak.WORDS


@given(st.sampled_from(STAGES), st.none() | st.dates())
def test_every_ticket_progress_can_be_told_with_shipped_prompts(
    stage: object, due: date | None
) -> None:
    assert set(spoken(TicketProgress(stage, due))) <= set(catalogue())  # type: ignore[arg-type]
