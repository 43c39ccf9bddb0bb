"""Phone numbers of callers: one spelling per person, '' for what names nobody, and the place in Chinese."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

AREA_CODE = "0417"  # Yingkou

_DASHED_EXTENSION = re.compile(r"(?<=[0-9]{10})-[0-9]{1,5}\Z")
_EXTENSION = re.compile(r"(?:;ext=|,|x|ext\.?|转|分机|#)[0-9]*\Z", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s\-().·_/\u200b-\u200f\u202a-\u202e\ufeff]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}\Z")
_LANDLINE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}\Z")
_LOCAL = re.compile(r"[2-8][0-9]{6}\Z")
_CORPORATE = re.compile(r"[48]00[0-9]{7}\Z")
_SERVICE = re.compile(r"(?:11[0-9]|12[0-9]|12[0-9]{3}|100[0-9]{2}|9[56][0-9]{3,4})\Z")


def normalise(raw: str) -> str:
    """Return the number as it is dialled within China, '' when withheld, malformed or an extension.

    Mobiles are 11 digits, landlines carry their area code (a local number gets 0417), other countries
    keep `+`. Two spellings of one number give the same text; an unknown caller never equals another.
    """
    text = _DASHED_EXTENSION.sub("", unicodedata.normalize("NFKC", raw).strip())
    text = _PUNCTUATION.sub("", text)
    text = _EXTENSION.sub("", text)
    if not re.fullmatch(r"\+?[0-9]{3,18}", text, re.ASCII):
        return ""
    if text.startswith("00"):
        text = "+" + text[2:]
    if text.startswith("+") and not text.startswith("+86"):
        return text if _valid_abroad(text) else ""
    return _national(text.removeprefix("+86") if text.startswith("+86") else text)


@lru_cache(maxsize=4096)
def place(number: str) -> str:
    """Return the place of a normalised number in Chinese (辽宁省营口市), '' when it has none."""
    # Its register takes most of a second to load: a restart must not wait for it, see load_places.
    from phonenumbers import geocoder

    parsed = _parse(number)
    return "" if parsed is None else str(geocoder.description_for_number(parsed, "zh"))


def load_places() -> None:
    """Load the register of places ahead of the first call; takes most of a second, so call it in a thread."""
    place("13900000001")


def _national(digits: str) -> str:
    for candidate in (digits, digits.removeprefix("86"), digits.removeprefix("0")):
        if _MOBILE.match(candidate) or _CORPORATE.match(candidate):
            return candidate
    for candidate in (digits, f"0{digits}", f"0{digits.removeprefix('86')}"):
        if _LANDLINE.match(candidate):
            return candidate
    if _LOCAL.match(digits):
        return AREA_CODE + digits
    return digits if _SERVICE.match(digits) else ""


def _valid_abroad(text: str) -> bool:
    parsed = _parse(text)
    return parsed is not None and phonenumbers.is_possible_number(parsed)


def _parse(number: str) -> phonenumbers.PhoneNumber | None:
    if not (number.startswith("+") or _MOBILE.match(number) or _LANDLINE.match(number)):
        return None
    try:
        return phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return None
