"""What a State Council notice says of a year, and the kinds of days: pure values."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class DayKind(StrEnum):
    WORK = "work"
    REST = "rest"  # a weekend
    HOLIDAY = "holiday"  # off by notice, by law or by local order
    MAKEUP = "makeup"  # 调休: a day of the weekend that is worked

    @property
    def worked(self) -> bool:
        return self in (DayKind.WORK, DayKind.MAKEUP)


class CalendarDay(NamedTuple):
    """A day that is not simply a weekday or a weekend; `document` is the number of a local order, or ''."""

    kind: DayKind
    name: str
    document: str = ""


@dataclass(frozen=True)
class YearPaper:
    """The notice for `year`: its off-days and make-up days, some of which may lie in the December before.

    `published` is the date of the newest of its `papers` (addresses); `revision` counts the files made of the same
    papers, because a file may have been typed wrong.
    """

    year: int
    published: date
    revision: int
    number: str
    papers: tuple[str, ...]
    days: Mapping[date, CalendarDay]

    @property
    def order(self) -> tuple[date, int]:
        """The later of two versions of a year is the greater."""
        return (self.published, self.revision)

    @property
    def digest(self) -> str:
        """Equal for equal content, whatever file it came from: SHA-256, 64 hexadecimal digits."""
        days = [(day.isoformat(), kind, name) for day, (kind, name, _) in sorted(self.days.items())]
        content = (
            self.year,
            self.published.isoformat(),
            self.revision,
            self.number,
            self.papers,
            days,
        )
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
