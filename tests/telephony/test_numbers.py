"""X61: one spelling per person; unknown stays unknown; the place in Chinese."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.numbers import normalise, place


@pytest.mark.parametrize(
    "raw",
    [
        "13900000001",
        "+8613900000001",
        "008613900000001",
        "8613900000001",
        "013900000001",
        "139 0000 0001",
        "139-0000-0001",
        "+86 (139) 0000-0001",
        "１３９０００００００１",
        "\u202d13900000001\u202c",
    ],
)
def test_x61_every_spelling_of_a_mobile_is_the_same_person(raw: str) -> None:
    assert normalise(raw) == "13900000001"


@pytest.mark.parametrize(
    "raw",
    [
        "2900001",
        "04172900001",
        "0417-2900001",
        "0417 290 0001",
        "4172900001",
        "+864172900001",
        "00864172900001",
        "04172900001-801",
        "04172900001转801",
        "04172900001;ext=801",
    ],
)
def test_x61_a_local_number_gets_the_city_prefix_and_loses_its_extension(raw: str) -> None:
    assert normalise(raw) == "04172900001"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "anonymous",
        "<unknown>",
        "Restricted",
        "801",
        "8001",
        "00000000",
        "1390000",
        "+",
        "--",
        "139000000011",
        "sip:x@y",
        "1e10",
        "-1",
        "1" * 40,
        "٠١٢",
        "13900000001\r\nAction: Logoff",
    ],
)
def test_x61_withheld_malformed_and_extension_numbers_stay_unknown(raw: str) -> None:
    assert normalise(raw) == ""


@pytest.mark.parametrize("number", ["110", "119", "12345", "12315", "95598", "10086", "4001234567"])
def test_service_numbers_are_kept_as_they_are(number: str) -> None:
    assert normalise(number) == number
    assert place(number) == ""


def test_numbers_from_abroad_keep_their_plus() -> None:
    assert normalise("0079001234567") == normalise("+7 900 123-45-67") == "+79001234567"


@pytest.mark.parametrize(
    ("number", "where"),
    [
        ("04172900001", "辽宁省营口市"),
        ("01062900001", "北京市"),
        ("+79001234567", "俄罗斯"),
        ("", ""),
    ],
)
def test_the_place_of_a_number_is_told_in_chinese(number: str, where: str) -> None:
    assert place(number) == where


@given(st.text(max_size=40))
def test_normalising_is_total_and_stable(raw: str) -> None:
    number = normalise(raw)
    assert normalise(number) == number
    assert isinstance(place(number), str)
