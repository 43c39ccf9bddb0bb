"""What the pages see of the roster: frozen values, detached from the database."""

from dataclasses import dataclass
from datetime import date, datetime

from core.calendar import DayKind
from seats.roster.conflicts import Conflict
from seats.roster.models import VersionState
from seats.roster.months import Cell
from seats.roster.requests import RequestState
from seats.roster.rules import AbsenceKind, Limits
from seats.roster.shifts import ShiftKind
from seats.roster.swap_states import SwapState, SwapTrigger


@dataclass(frozen=True)
class DayView:
    """`name` is the holiday of a holiday or make-up day; `provisional`: the notice for its year is not out."""

    day: date
    kind: DayKind
    name: str
    provisional: bool


@dataclass(frozen=True)
class PersonView:
    """A person with what he carries in the month, and what earlier months left over (`carried_…`)."""

    id: int
    name: str
    work_number: str
    company: str
    hours: float
    nights: int
    weekends: int
    shifts: int
    carried_hours: float
    carried_nights: float
    carried_weekends: float


@dataclass(frozen=True)
class SlotView:
    day: date
    shift: str
    need: int
    have: int


@dataclass(frozen=True)
class AbsenceView:
    id: int
    person: int
    name: str
    kind: AbsenceKind
    first: date
    last: date
    note: str
    result: str
    state: RequestState


@dataclass(frozen=True)
class VersionView:
    number: int
    state: VersionState
    revision: int
    published_at: datetime | None
    published_by: str
    note: str


@dataclass(frozen=True)
class MonthView:
    """A month as the grid shows it. `version` is None where nobody has begun it yet."""

    month: str
    today: date
    version: VersionView | None
    has_draft: bool
    has_published: bool
    can_undo: bool
    shifts: tuple[ShiftKind, ...]
    limits: Limits
    days: list[DayView]
    people: list[PersonView]
    cells: list[Cell]
    slots: list[SlotView]
    conflicts: list[Conflict]
    absences: list[AbsenceView]


@dataclass(frozen=True)
class Generated:
    """A draft that the solver made: `short` people are missing in all, `reasons` say where and why."""

    month: MonthView
    short: int
    best: bool
    seconds: float
    reasons: list[Conflict]


@dataclass(frozen=True)
class SwapView:
    """A swap as giver, taker and manager see it; `allowed` is what the one who asks may do."""

    id: int
    giver: int
    giver_name: str
    taker: int
    taker_name: str
    day: date
    shift: str
    back_day: date | None
    back_shift: str
    note: str
    state: SwapState
    reason: str
    offered_at: datetime
    changed_at: datetime
    allowed: list[SwapTrigger]


@dataclass(frozen=True)
class DutyView:
    account_id: int
    name: str
    shift: str
    zh: str
    en: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class AdmissionView:
    account_id: int
    name: str
    ends: datetime
    reason: str


@dataclass(frozen=True)
class DutyNow:
    """Who should be here now, who is let in besides; `required`: sign-in is refused to others."""

    required: bool
    on_duty: list[DutyView]
    admissions: list[AdmissionView]


@dataclass(frozen=True)
class WishView:
    day: date
    shift: str
    avoid: bool


@dataclass(frozen=True)
class ColleagueView:
    id: int
    name: str


@dataclass(frozen=True)
class MyRoster:
    """What a person sees of himself from today on; `cells` has the published shifts of everybody in those days."""

    person: int
    today: date
    first: date
    last: date
    days: list[DayView]
    shifts: tuple[ShiftKind, ...]
    cells: list[Cell]
    colleagues: list[ColleagueView]
    absences: list[AbsenceView]
    swaps: list[SwapView]
    wishes: list[WishView]
    published: list[str]
