"""Telephone numbers that a caller leaves: the caller numbers of `telephony.numbers`, with an extension."""

import re
import unicodedata

from telephony.numbers import normalise

_EXTENSION = re.compile(r"(?:-|转|分机|,|#|ext\.?|x)\s*([0-9]{1,6})$", re.IGNORECASE)


def normalise_phone(text: str) -> str:
    """Return the number in its one form, an extension behind a hyphen; '' for what is no number."""
    plain = unicodedata.normalize("NFKC", text[:64]).strip()
    found = _EXTENSION.search(plain)
    if found and (main := normalise(plain[: found.start()])):
        return f"{main}-{found.group(1)}"
    return normalise(plain)
