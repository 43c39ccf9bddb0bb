"""The text of AGI, pure: headers and replies in, commands out. Foreign bytes become our types here.

Grammar: Asterisk's res_agi.c. A command line is cut by Asterisk at 2,048 bytes, so longer ones are refused.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl

from core.errors import HotlineError

MAX_COMMAND_BYTES = 2_000
_CODE = re.compile(r"(\d{3})(?:[ -].*)?", re.DOTALL)
_OPEN_VALUE = re.compile(r"200 result=\S* \(")
_VALUE_END = re.compile(r"\)(?: endpos=-?\d+)?\s*\Z")
_RESULT = re.compile(r"200 result=(\S*)(?: \((.*)\))?(?: endpos=(-?\d+))?\s*", re.DOTALL)


class AgiError(Exception):
    """Something about the one AGI session went wrong; other sessions are not concerned."""


class AgiHangup(AgiError):
    """The caller or the connection is gone: nothing more can be said or asked."""


class AgiGarbage(AgiError):
    """The peer does not speak AGI."""


class AgiRefused(AgiError):
    """Asterisk did not carry out a command, the caller is still there (a prompt is missing, bad syntax)."""


class AgiInjection(HotlineError):
    code, status = "AGI_INJECTION", 422
    zh = "AGI 命令含有非法字符或过长"
    en = "An AGI command holds a line break or NUL, or is too long"


class Reply(NamedTuple):
    """Asterisk's answer to a command: `200 result=<result> (<data>) endpos=<endpos>`.

    `data` is None when there are no brackets; `text` is the whole answer, for codes other than 200.
    """

    code: int
    result: str = ""
    data: str | None = None
    endpos: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What Asterisk says when it connects; `headers` have no `agi_` prefix."""

    headers: dict[str, str]
    script: str
    query: dict[str, str]


def quote(value: str) -> str:
    """Return `value` as one AGI word; AgiInjection for CR, LF or NUL, which would start another command."""
    if _breaks(value):
        raise AgiInjection()
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


def command_line(verb: str, *words: str) -> bytes:
    """Return one command, ready to be sent; the verb is ours, the words may be anybody's."""
    return _sendable(" ".join((verb, *map(quote, words))))


def raw_line(line: str) -> bytes:
    """Return an already quoted command, ready to be sent; AgiInjection unless it is exactly one short line."""
    if _breaks(line):
        raise AgiInjection()
    return _sendable(line)


def parse_request(head: bytes, max_headers: int) -> Request:
    """Read the header block; AgiGarbage unless it is Asterisk's.

    Lines without an `agi_` name are passed over: a caller's name with a line break must not cost the call.
    """
    lines = head.decode("utf-8", "replace").rstrip("\n").split("\n")
    if len(lines) > max_headers:
        raise AgiGarbage("too many headers")
    headers: dict[str, str] = {}
    for line in lines:
        if line.startswith("agi_"):
            name, _, value = line[4:].partition(":")
            headers.setdefault(name, value.strip())
    if "channel" not in headers or "request" not in headers:
        raise AgiGarbage("no agi_channel or agi_request")
    path, _, query = headers.get("network_script", "").partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    return Request(headers, path.strip("/"), asked)


def reply_continues(first: str, last: str) -> bool:
    """Tell from its first and its newest line whether a reply goes on: usage text, or a value with line breaks.

    Only these two are looked at: a peer may send thousands of lines, and other calls wait meanwhile.
    """
    if first.startswith("520-"):
        return not last.startswith("520 ")
    return "(" in first and bool(_OPEN_VALUE.match(first)) and not _VALUE_END.search(last)


def parse_reply(text: str) -> Reply:
    """Read a complete reply; AgiGarbage if it has no three-digit code, or a 200 has no result."""
    if found := _RESULT.fullmatch(text):
        return Reply(200, found[1], found[2], int(found[3] or 0), text)
    other = _CODE.fullmatch(text)
    if not other or other[1] == "200":
        raise AgiGarbage("not a reply")
    return Reply(int(other[1]), text=text)


def _breaks(text: str) -> bool:
    return "\n" in text or "\r" in text or "\0" in text


def _sendable(line: str) -> bytes:
    encoded = line.encode("utf-8", "replace")
    if len(encoded) > MAX_COMMAND_BYTES:
        raise AgiInjection()
    return encoded + b"\n"
