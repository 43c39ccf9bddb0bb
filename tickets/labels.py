"""Display texts, Chinese and English, from the one table in reference/labels.yaml."""

from functools import cache
from pathlib import Path
from typing import Literal

import yaml

REFERENCE = Path(__file__).parent / "reference"


def label(section: str, code: str | None, *, language: Literal["zh", "en"] = "zh") -> str:
    """Return the text of `code`, or `code` itself where the table has none; '' for None."""
    if code is None:
        return ""
    texts = sections().get(section, {}).get(code)
    return code if texts is None else texts[0 if language == "zh" else 1]


@cache
def sections() -> dict[str, dict[str, tuple[str, str]]]:
    """Return section -> code -> (zh, en), in the order of the file."""
    loaded = yaml.safe_load((REFERENCE / "labels.yaml").read_text(encoding="utf-8"))
    return {
        name: {str(code): (texts[0], texts[1]) for code, texts in entries.items()}
        for name, entries in loaded.items()
    }
