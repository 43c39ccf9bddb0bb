"""The pieces of the live state that not everybody sees (docs/live-protocol.md)."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmPiece:
    """An alarm that stands; `id` is 0 while the database is away."""

    id: int
    code: str
    level: str
    zh: str
    en: str
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarms:
    standing: list[AlarmPiece] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallbackLine:
    """A citizen to be called back; the number is for the one who has claimed it, and comes over HTTP."""

    id: int
    state: str
    number_masked: str
    promised: bool
    times: int
    first_at: datetime
    last_at: datetime
    claimed_by: int | None
    claimed_name: str
    claimed_at: datetime | None
    attempts: int
    most_attempts: int
    last_attempt_at: datetime | None
    not_before: datetime | None
    overdue_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Callbacks:
    """`open` counts all that are not closed; from `due_at` the screen sees by itself what is overdue."""

    open: int = 0
    withheld: int = 0
    due_at: list[datetime] = field(default_factory=list)
    entries: list[CallbackLine] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class HalfHour:
    offered: int
    answered: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """The decided calls of Yingkou's present day by half hour from midnight, and the connect rate an hour ago."""

    day: str
    half_hours: list[HalfHour] = field(default_factory=list)
    connect_percent_before: float | None = None
