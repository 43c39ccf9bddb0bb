"""Where a number comes from, in Chinese, offline: 辽宁省营口市, 辽宁 中国移动."""

from functools import lru_cache

import phonenumbers
from phonenumbers import carrier, geocoder


@lru_cache(maxsize=10_000)
def caller_place(number: str) -> str:
    """Return place and carrier of a Chinese number, '' when it tells nothing (short or withheld)."""
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    place = geocoder.description_for_number(parsed, "zh")
    return " ".join(part for part in (place, carrier.name_for_number(parsed, "zh")) if part)
