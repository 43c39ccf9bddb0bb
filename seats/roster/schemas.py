"""The JSON that the roster's endpoints take; what they give are the values in views.py."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from seats.roster.rules import AbsenceKind, Limits, Rules
from seats.roster.shifts import ShiftKind

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Code = Annotated[str, StringConstraints(max_length=16, pattern="^[a-z_]*$")]


class CellIn(BaseModel):
    person: int = Field(ge=1, le=2**31 - 1)
    day: date
    shift: Code = ""
    fixed: bool = False
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""


class CellsIn(BaseModel):
    """`revision` is that of the draft on the screen, null if there was none."""

    revision: int | None = None
    cells: list[CellIn] = Field(min_length=1, max_length=5000)


class RevisionIn(BaseModel):
    revision: int | None = None


class PublishIn(RevisionIn):
    despite: Note = ""


class GenerateIn(RevisionIn):
    seed: int = Field(default=1, ge=0, le=2**31 - 1)
    effort: float = Field(default=20, ge=1, le=60)
    keep_all: bool = False
    since: date | None = None


class ShiftIn(BaseModel):
    code: Annotated[str, StringConstraints(min_length=1, max_length=16, pattern="^[a-z_]+$")]
    zh: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8)]
    en: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
    mark: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1)]
    starts: int = Field(ge=0, lt=1440)
    ends: int = Field(gt=0, le=2880)
    seats_work: int = Field(ge=0, le=1000)
    seats_off: int = Field(ge=0, le=1000)
    break_minutes: int = Field(default=0, ge=0, le=480)
    night: bool = False


class LimitsIn(BaseModel):
    rest_hours: int = Field(default=11, ge=0, le=48)
    nights_in_row: int = Field(default=3, ge=1, le=14)
    nights_in_14: int = Field(default=5, ge=1, le=14)
    days_in_row: int = Field(default=6, ge=1, le=31)
    week_hours: int = Field(default=48, ge=8, le=168)
    month_overtime: int = Field(default=36, ge=0, le=300)
    each_company_by_day: bool = True
    early_minutes: int = Field(default=30, ge=0, le=240)


class RulesIn(BaseModel):
    shifts: list[ShiftIn] = Field(min_length=1, max_length=8)
    limits: LimitsIn

    def rules(self) -> Rules:
        return Rules(
            tuple(ShiftKind(**shift.model_dump()) for shift in self.shifts),
            Limits(**self.limits.model_dump()),
        )


class AbsenceIn(BaseModel):
    """Operators enter their own; `people` is for managers."""

    kind: AbsenceKind
    first: date
    last: date
    note: Note = ""
    people: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = Field(
        default_factory=list, max_length=200
    )


class AbsenceDecisionIn(BaseModel):
    trigger: Literal["approve", "refuse", "withdraw"]


class ResultIn(BaseModel):
    result: Note


class SwapIn(BaseModel):
    taker: int = Field(ge=1, le=2**31 - 1)
    day: date
    back_day: date | None = None
    note: Note = ""


class SwapDecisionIn(BaseModel):
    trigger: Literal["accept", "decline", "withdraw", "approve", "refuse"]
    reason: Note = ""


class AdmissionIn(BaseModel):
    account_id: int = Field(ge=1, le=2**31 - 1)
    reason: Reason


class WishIn(BaseModel):
    shift: Code = ""
    avoid: bool = True
