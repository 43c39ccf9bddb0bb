"""Filling in the templates of asterisk-config: `@{name}` is ours, `${name}` stays Asterisk's."""

import re
from collections.abc import Mapping

from core.errors import HotlineError

_PLACE = re.compile(r"@\{(\w+)\}")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class UnsafeValue(HotlineError):
    code, status = "UNSAFE_VALUE", 500
    zh = "配置项 {name} 含有 Asterisk 配置文件不允许的字符"
    en = "Setting {name} contains characters that an Asterisk configuration file cannot carry"


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return `template` with each `@{name}` replaced by `values[name]`; KeyError names what is missing."""
    return _PLACE.sub(lambda place: values[place[1]], template)


def plain(name: str, value: object) -> str:
    """Return `value` as text for one line of a configuration file, or raise UnsafeValue.

    A line break would add a line, a semicolon would start a comment.
    """
    text = str(value)
    if _FORBIDDEN.search(text) or any(sign in text for sign in "\n\t;[]"):
        raise UnsafeValue(name=name)
    return text
