"""Foreign text, numbers and search words: properties over any input (X61, X64, X87)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.alerts import emergency_targets
from tickets.cleaning import clean_line, clean_text
from tickets.filling import Problem, clean
from tickets.form import FIELDS, Form
from tickets.phones import normalise_phone
from tickets.tokens import fold, index_tokens, query_terms, term_tokens

anything = st.text(st.characters(), max_size=200)
chinese = st.text(st.sampled_from("停水了断供暖气不热AbＡ1２ ,。%_'\"\n"), max_size=60)


@given(anything)
def test_cleaning_is_idempotent_and_leaves_nothing_invisible(raw: str) -> None:
    text, line = clean_text(raw), clean_line(raw)
    assert clean_text(text) == text
    assert clean_line(line) == line
    assert "\n" not in line
    for mark in text:
        hidden = unicodedata.category(mark) in {"Cc", "Cf", "Cs"}
        assert not hidden or mark in "\n\t\u200d"
    text.encode()  # no lone surrogate is left


def test_control_characters_and_direction_marks_go_and_chinese_stays() -> None:
    """X64."""
    assert clean_line("停\x00水\u202e了\u200b!\ud800") == "停水了!"
    assert clean_line("３号楼　Ａ座\n二单元") == "3号楼 A座 二单元"
    assert clean_text("一\r\n二\u2028三") == "一\n二\n三"
    assert clean_line("<script>alert(1)</script>") == "<script>alert(1)</script>"
    assert clean_line("👨‍👩‍👧") == "👨‍👩‍👧"


@given(anything)
def test_a_phone_number_has_one_spelling(raw: str) -> None:
    number = normalise_phone(raw)
    assert normalise_phone(number) == number
    assert number.isascii()


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("+86 139 0000 1234", "13900001234"),
        ("0086-139-0000-1234", "13900001234"),
        ("１３９　００００　１２３４", "13900001234"),
        ("2912345", "04172912345"),
        ("0417-291-2345", "04172912345"),
        ("(0417)2912345转801", "04172912345-801"),
        ("anonymous", ""),
        ("8001", ""),
        ("", ""),
    ],
)
def test_numbers_are_normalised_and_what_is_none_stays_unknown(raw: str, number: str) -> None:
    """X61."""
    assert normalise_phone(raw) == number


@given(chinese, st.integers(0, 60), st.integers(1, 6))
def test_every_part_of_a_text_is_found_by_its_tokens(text: str, start: int, length: int) -> None:
    tokens = index_tokens(text)
    for term in query_terms(fold(text)[start : start + length]):
        assert set(term_tokens(term)) <= tokens
        assert term in fold(text)


@given(anything)
def test_folding_and_tokens_are_stable(raw: str) -> None:
    assert index_tokens(fold(raw)) == index_tokens(raw)
    assert all(1 <= len(token) <= 2 for token in index_tokens(raw))


def test_two_character_words_are_tokens() -> None:
    """X87."""
    assert "停水" in index_tokens("小区停水了")
    assert term_tokens("停水") == ("停水",)
    assert term_tokens("水") == ("水",)
    assert query_terms("%_'\"  ") == ()
    assert query_terms("停水,ＡＢ 停水") == ("停水", "ab")


@given(st.sampled_from(sorted(FIELDS)), anything)
def test_a_field_takes_any_text_or_says_why_not(name: str, raw: str) -> None:
    try:
        value = clean(name, raw)
    except Problem:
        return
    field = FIELDS[name]
    if field.limit and isinstance(value, str):
        assert len(value) <= field.limit
    assert clean(name, value) == value or field.kind == "flag"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content", "水" * 10_000_000),
        ("title", "长" * 81),
        ("urgency", "whenever"),
        ("anonymous", "yes"),
        ("anonymous", 1),
        ("title", 5),
        ("key_flag", None),
        ("contact_phone", "没有"),
        ("related_ticket", True),
        ("state", "CLOSED"),
        ("number", "1"),
    ],
)
def test_wrong_values_and_unknown_fields_are_refused(name: str, value: str | int | None) -> None:
    """X64: 10 MB; fields that a form does not have."""
    with pytest.raises(Problem):
        clean(name, value)


@pytest.mark.parametrize("name", sorted(set(FIELDS) - {"key_flag"}))
def test_every_field_can_be_emptied_again(name: str) -> None:
    assert clean(name, None) == getattr(Form(), name)


def test_emergency_words_point_to_the_number_to_call() -> None:
    """X63."""
    assert emergency_targets("楼下煤气泄漏,有人昏迷") == ("119", "120")
    assert emergency_targets("他说要跳楼") == ("110",)
    assert emergency_targets("小区停水") == ()
