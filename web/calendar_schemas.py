"""The calendar as the API tells it."""

import base64
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from core.calendar import Due, WorkCalendar, YearPaper
from core.calendar_book import Diff
from core.calendar_changes import LocalOrder
from core.calendar_file import MOST_BYTES
from core.calendar_models import CalendarVersion, Layer, VersionState
from core.calendar_paper import DayKind
from web.problems import InvalidInput


class DayOut(BaseModel):
    day: date
    kind: DayKind
    name: str
    document: str  # the number of a local order, or ''


class YearOut(BaseModel):
    year: int
    provisional: bool
    missing_next_year: int | None  # the alarm from 1 October on
    days: list[DayOut]


class SkippedOut(BaseModel):
    day: date
    kind: DayKind
    name: str


class DueOut(BaseModel):
    at: datetime  # exclusive
    last_day: date
    provisional: bool
    counted: list[date]
    skipped: list[SkippedOut]


class VersionOut(BaseModel):
    """A version of a year or a local order; `id` is None for those that come with the program."""

    id: int | None
    layer: Layer
    year: int
    number: str
    published: date
    revision: int
    papers: list[str]
    state: VersionState
    in_force: bool
    off_days: int
    worked_days: int
    first: date
    last: date
    name: str  # the reason of a local order, else ''
    proposed_by: str
    proposed_at: datetime | None
    own: bool  # proposed by who asks: he may withdraw it, not approve it
    decided_by: str
    decided_at: datetime | None
    reason: str


class ChangeOut(BaseModel):
    day: date
    old_kind: DayKind
    old_name: str
    new_kind: DayKind
    new_name: str


class ProposalOut(BaseModel):
    """`outcome`: new, open (the same waits already) or in_force (nothing to do; no version)."""

    outcome: str
    version: VersionOut | None
    was_provisional: bool
    changes: list[ChangeOut]


class FileIn(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    content: str = Field(max_length=2 * MOST_BYTES, description="the bytes of the file in base64")

    def raw(self) -> bytes:
        try:
            return base64.b64decode(self.content, validate=True)
        except ValueError:
            raise InvalidInput(fields=[{"field": "content", "message": "not base64"}]) from None


def _calendar_year(day: date) -> date:
    if not 2016 <= day.year <= 2100:
        raise ValueError("a year from 2016 to 2100")
    return day


class OrderIn(BaseModel):
    number: str = Field(min_length=1, max_length=64)
    reason: str = Field(min_length=1, max_length=32)
    first: Annotated[date, AfterValidator(_calendar_year)]
    last: Annotated[date, AfterValidator(_calendar_year)]
    off: bool

    def order(self) -> LocalOrder:
        return LocalOrder(self.number, self.reason, self.first, self.last, self.off)


class RejectionIn(BaseModel):
    reason: str = Field(min_length=1, max_length=200)


def year_out(calendar: WorkCalendar, days: list[date], now: datetime) -> YearOut:
    return YearOut(
        year=days[-1].year,
        provisional=calendar.provisional(days[-1]),
        missing_next_year=calendar.missing_next_year(now),
        days=[
            DayOut(
                day=day,
                kind=calendar.kind(day),
                name=calendar.name(day),
                document=calendar.document(day),
            )
            for day in days
        ],
    )


def due_out(due: Due) -> DueOut:
    return DueOut(
        at=due.at,
        last_day=due.last_day,
        provisional=due.provisional,
        counted=list(due.counted),
        skipped=[SkippedOut(**skip._asdict()) for skip in due.skipped],
    )


def version_out(version: CalendarVersion, in_force: bool, asker: str) -> VersionOut:
    off = sum(row.kind is DayKind.HOLIDAY for row in version.days)
    return VersionOut(
        id=version.id,
        layer=version.layer,
        year=version.year,
        number=version.number,
        published=version.published,
        revision=version.revision,
        papers=version.papers,
        state=version.state,
        in_force=in_force,
        off_days=off,
        worked_days=len(version.days) - off,
        first=version.days[0].day,
        last=version.days[-1].day,
        name=version.days[0].name if version.layer is Layer.LOCAL else "",
        proposed_by=version.proposed_by_name,
        proposed_at=version.proposed_at,
        own=version.proposed_by == asker,
        decided_by=version.decided_by_name or "",
        decided_at=version.decided_at,
        reason=version.reason,
    )


def shipped_out(paper: YearPaper, in_force: bool) -> VersionOut:
    off = sum(entry.kind is DayKind.HOLIDAY for entry in paper.days.values())
    return VersionOut(
        id=None,
        layer=Layer.NOTICE,
        year=paper.year,
        number=paper.number,
        published=paper.published,
        revision=paper.revision,
        papers=list(paper.papers),
        state=VersionState.APPROVED if in_force else VersionState.SUPERSEDED,
        in_force=in_force,
        off_days=off,
        worked_days=len(paper.days) - off,
        first=min(paper.days),
        last=max(paper.days),
        name="",
        proposed_by="",
        proposed_at=None,
        own=False,
        decided_by="",
        decided_at=None,
        reason="",
    )


def changes_out(diff: Diff) -> list[ChangeOut]:
    return [ChangeOut(**change._asdict()) for change in diff.changes]
