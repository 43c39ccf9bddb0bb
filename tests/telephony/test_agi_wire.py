"""The text of AGI: quoting, headers, replies."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telephony.agi_wire import (
    MAX_COMMAND_BYTES,
    AgiGarbage,
    AgiInjection,
    Reply,
    command_line,
    parse_reply,
    parse_request,
    quote,
    raw_line,
    reply_continues,
)


def asterisk_words(line: str) -> list[str]:
    """Cut a line into words as `parse_args` of res_agi.c does."""
    words, word, quoted, begun = [], "", False, False
    characters = iter(line)
    for character in characters:
        if character == "\\":
            word += next(characters, "")
            begun = True
        elif character == '"':
            quoted, begun = not quoted, True
        elif character in " \t" and not quoted:
            if begun:
                words.append(word)
            word, begun = "", False
        else:
            word, begun = word + character, True
    return [*words, word] if begun else words


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=40)))
@example(["", 'a "quoted" \\ value', "王小明", "x\\"])
def test_whatever_a_value_holds_asterisk_reads_it_back_as_one_word(values: list[str]) -> None:
    line = command_line("SET VARIABLE", *values).decode()
    assert asterisk_words(line.removesuffix("\n")) == ["SET", "VARIABLE", *values]


@pytest.mark.parametrize("end", ["\n", "\r", "\0", "\r\n"])
def test_a_line_break_or_nul_in_a_value_is_refused_before_it_becomes_a_command(end: str) -> None:
    for attempt in (lambda: quote(f"a{end}EXEC System rm"), lambda: raw_line(f"NOOP{end}HANGUP")):
        with pytest.raises(AgiInjection):
            attempt()


def test_a_command_that_asterisk_would_cut_in_two_is_refused() -> None:
    with pytest.raises(AgiInjection):
        command_line("VERBOSE", "长" * (MAX_COMMAND_BYTES // 3))


def test_the_route_and_its_query_are_read_from_the_script() -> None:
    head = (
        b"agi_network: yes\nagi_network_script: inbound/night?number=2881111&name=%E4%BE%9B&empty=\n"
        b"agi_request: agi://127.0.0.1/inbound\nagi_channel: PJSIP/trunk-1\nagi_calleridname: \xe7\x8e\x8b\n\n"
    )
    request = parse_request(head, max_headers=10)
    assert request.script == "inbound/night"
    assert request.query == {"number": "2881111", "name": "供", "empty": ""}
    assert request.headers["calleridname"] == "王"


def test_a_caller_name_with_a_line_break_does_not_cost_the_call_or_replace_a_header() -> None:
    head = (
        b"agi_request: agi://h/x\nagi_channel: PJSIP/a\n"
        b"agi_calleridname: x\nagi_channel: PJSIP/forged\nevil line\n\n"
    )
    request = parse_request(head, max_headers=10)
    assert request.headers["channel"] == "PJSIP/a"


@pytest.mark.parametrize(
    "head", [b"GET / HTTP/1.1\nHost: x\n\n", b"agi_channel: PJSIP/a\n\n", b"\n\n", b"\xff\xfe\n\n"]
)
def test_what_is_not_asterisks_header_is_garbage(head: bytes) -> None:
    with pytest.raises(AgiGarbage):
        parse_request(head, max_headers=10)


def test_too_many_headers_are_garbage() -> None:
    head = b"agi_request: a\nagi_channel: b\n" + b"agi_x: y\n" * 20 + b"\n"
    with pytest.raises(AgiGarbage):
        parse_request(head, max_headers=10)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("200 result=0", Reply(200, "0")),
        ("200 result=49 endpos=12345", Reply(200, "49", None, 12345)),
        ("200 result= (timeout)", Reply(200, "", "timeout")),
        ("200 result=12 (timeout)", Reply(200, "12", "timeout")),
        ("200 result=1 (a (b) c)", Reply(200, "1", "a (b) c")),
        ("200 result=1 (two\nlines)", Reply(200, "1", "two\nlines")),
        ("200 result=-1 endpos=0", Reply(200, "-1", None, 0)),
        ("200 result=0 (hangup) endpos=7", Reply(200, "0", "hangup", 7)),
        ("510 Invalid or unknown command", Reply(510)),
        ("511 result=-1 Command Not Permitted on a dead channel", Reply(511)),
        ("520-Usage follows:\nUsage: ANSWER\n520 End of proper usage.", Reply(520)),
    ],
)
def test_replies_are_read(text: str, reply: Reply) -> None:
    read = parse_reply(text)
    assert (read.code, read.result, read.data, read.endpos) == (
        reply.code,
        reply.result,
        reply.data,
        reply.endpos,
    )
    lines = text.split("\n")
    assert not reply_continues(lines[0], lines[-1])


@pytest.mark.parametrize("text", ["", "HTTP/1.1 200 OK", "20 result=0", "200", "200 nothing"])
def test_what_is_no_reply_is_garbage(text: str) -> None:
    with pytest.raises(AgiGarbage):
        parse_reply(text)


@pytest.mark.parametrize("text", ["520-Usage follows:", "520-a\nb", "200 result=1 (first"])
def test_an_unfinished_reply_is_read_on(text: str) -> None:
    lines = text.split("\n")
    assert reply_continues(lines[0], lines[-1])


@given(st.text())
def test_no_text_does_worse_than_garbage(text: str) -> None:
    try:
        reply = parse_reply(text)
    except AgiGarbage:
        return
    assert re.match(r"\d{3}", text)
    assert reply.code == int(text[:3])
