"""The JSON of the seat plan's endpoints. Minutes are of the Shanghai day; times carry their zone."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from core.calendar import DayKind
from seats.models import PlanRow
from seats.plan_changes import Until
from seats.plan_page import Change, DayPlan, PlanPage, RuleSpan
from seats.plan_rules import DayGroup, Entry, EntryKind, Stretch
from seats.schemas import PlanOut

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
# The service says what is wrong with a number; this only keeps it within what a database can hold.
Count = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Minute = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]


class ReasonIn(BaseModel):
    reason: Reason


class StayIn(ReasonIn):
    stays: bool


class _WishIn(ReasonIn):
    """`override` must be true to close all seats."""

    open_seats: Count
    override: bool = False


class MomentIn(_WishIn):
    """From now to the plan's next boundary, until it is changed, or to a time."""

    until: Until | AwareDatetime = "boundary"


class WindowIn(_WishIn):
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class StandingIn(_WishIn):
    days: list[DayGroup] = Field(max_length=3)
    begins: Minute
    ends: Minute


class EntryOut(BaseModel):
    """`id` is negative for the defaults of the installation, which have no author."""

    id: int
    kind: EntryKind
    open_seats: int
    reason: str
    author: str
    made_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None

    @staticmethod
    def of(entry: Entry) -> "EntryOut":
        return EntryOut(
            id=entry.id, kind=entry.kind, open_seats=entry.open_seats, reason=entry.reason,
            author=entry.author, made_at=None if entry.kind == "default" else entry.made_at,
            starts_at=entry.starts_at, ends_at=entry.ends_at,
        )  # fmt: skip


class SpanOut(BaseModel):
    starts_at: datetime
    ends_at: datetime
    open_seats: int
    entry: EntryOut

    @staticmethod
    def of(span: Stretch) -> "SpanOut":
        return SpanOut(
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            open_seats=span.count,
            entry=EntryOut.of(span.why),
        )


class DayOut(BaseModel):
    day: date
    kind: DayKind
    name: str
    provisional: bool
    spans: list[SpanOut]

    @staticmethod
    def of(day: DayPlan) -> "DayOut":
        spans = [SpanOut.of(span) for span in day.spans]
        return DayOut(
            day=day.day, kind=day.kind, name=day.name, provisional=day.provisional, spans=spans
        )


class RuleSpanOut(BaseModel):
    begins: int
    ends: int
    entry: EntryOut

    @staticmethod
    def of(span: RuleSpan) -> "RuleSpanOut":
        return RuleSpanOut(begins=span.begins, ends=span.ends, entry=EntryOut.of(span.entry))


class ChangeOut(BaseModel):
    """A line of the history; `withdraws` is the entry that a withdrawal took back."""

    id: int
    kind: Literal["standing", "window", "now", "withdrawal"]
    at: datetime
    author: str
    reason: str
    open_seats: int
    starts_at: datetime | None
    ends_at: datetime | None
    days: list[str]
    begins: int
    ends: int
    withdraws: int | None
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""

    @staticmethod
    def of(row: PlanRow, withdrawn_at: datetime | None = None, by: str = "") -> "ChangeOut":
        return ChangeOut.model_validate(
            {
                "id": row.id, "kind": row.kind, "at": row.made_at, "author": row.author,
                "reason": row.reason, "open_seats": row.open_seats, "starts_at": row.starts_at,
                "ends_at": row.ends_at, "days": row.days, "begins": row.begins, "ends": row.ends,
                "withdraws": row.withdraws, "withdrawn_at": withdrawn_at, "withdrawn_by": by,
            }
        )  # fmt: skip


class HistoryOut(BaseModel):
    """`next`: ask with `before` = it for what is older."""

    changes: list[ChangeOut]
    next: int | None

    @staticmethod
    def of(changes: list[Change], limit: int) -> "HistoryOut":
        lines = [ChangeOut.of(c.row, c.withdrawn_at, c.withdrawn_by) for c in changes]
        return HistoryOut(changes=lines, next=lines[-1].id if len(lines) == limit else None)


class PlanPageOut(BaseModel):
    plan: PlanOut
    days: list[DayOut]
    rules: dict[DayGroup, list[RuleSpanOut]]
    windows: list[EntryOut]
    moment: EntryOut | None
    undoable: ChangeOut | None

    @staticmethod
    def of(page: PlanPage) -> "PlanPageOut":
        return PlanPageOut(
            plan=PlanOut.model_validate(page.plan),
            days=[DayOut.of(day) for day in page.days],
            rules={g: [RuleSpanOut.of(span) for span in spans] for g, spans in page.rules.items()},
            windows=[EntryOut.of(entry) for entry in page.windows],
            moment=page.moment and EntryOut.of(page.moment),
            undoable=page.undoable and ChangeOut.of(page.undoable),
        )
