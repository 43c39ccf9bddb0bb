"""Words in a matter that cannot wait for a unit: the banner "call 110 / 119 / 120" (X63)."""

from functools import cache

import yaml

from tickets.labels import REFERENCE
from tickets.tokens import fold


def emergency_targets(text: str) -> tuple[str, ...]:
    """Return the emergency numbers that words of `text` point to, in the order of the shipped list."""
    folded = fold(text)
    return tuple(
        number for number, words in _words().items() if any(word in folded for word in words)
    )


@cache
def _words() -> dict[str, list[str]]:
    loaded = yaml.safe_load((REFERENCE / "emergency_words.yaml").read_text(encoding="utf-8"))
    return {number: [fold(word) for word in words] for number, words in loaded.items()}
