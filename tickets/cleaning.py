"""Foreign text made ours: control characters, direction marks and full-width forms (X64)."""

import re
import unicodedata

_JOINER = "\u200d"  # holds emoji together
_FULL_WIDTH = {
    code: code - 0xFEE0
    for first, last in (("0", "9"), ("A", "Z"), ("a", "z"))
    for code in range(ord(first) + 0xFEE0, ord(last) + 0xFEE0 + 1)
}
_LINE_ENDS = re.compile("\r\n|[\r\u000b\u000c\u0085\u2028\u2029]")
_REFUSED_KINDS = frozenset({"Cc", "Cf", "Cs", "Cn"})  # control, format, surrogate, unassigned


def clean_text(raw: str) -> str:
    """Return `raw` with its line breaks, without what no reader can see; idempotent."""
    text = _LINE_ENDS.sub("\n", raw).translate(_FULL_WIDTH)
    visible = "".join(
        mark
        for mark in text
        if mark in "\n\t" or mark == _JOINER or unicodedata.category(mark) not in _REFUSED_KINDS
    )
    return unicodedata.normalize("NFC", visible).strip().strip(_JOINER).strip()


def clean_line(raw: str) -> str:
    """Return `clean_text(raw)` on one line, blanks run together; idempotent."""
    return re.sub(r"\s+", " ", clean_text(raw)).strip()
