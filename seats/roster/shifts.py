"""The kinds of shifts: when they run, how many people they need, and how long they count."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from core.calendar import DayKind
from core.clock import SHANGHAI

DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class ShiftKind:
    """A kind of shift. `starts` and `ends` are minutes after 0:00 of its day in Shanghai; over 1440 is the next day.

    `mark` is its one character in grids and sheets, `break_minutes` are not paid, `seats_work` and `seats_off` the
    people needed on a worked day and on a weekend or holiday.
    """

    code: str
    zh: str
    en: str
    mark: str
    starts: int
    ends: int
    seats_work: int
    seats_off: int
    break_minutes: int = 0
    night: bool = False

    @property
    def minutes(self) -> int:
        """Paid minutes."""
        return self.ends - self.starts - self.break_minutes

    def window(self, day: date) -> tuple[datetime, datetime]:
        """Return begin and exclusive end of the shift of `day`, aware UTC."""
        midnight = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
        return midnight + timedelta(minutes=self.starts), midnight + timedelta(minutes=self.ends)


DEFAULT_SHIFTS: tuple[ShiftKind, ...] = (
    # B04, B05: 24 h; ten by day on working days, two in the evening, at night, on weekends and holidays.
    ShiftKind("night", "夜班", "Night", "夜", 0, 8 * 60, 2, 2, night=True),
    ShiftKind("day", "白班", "Day", "白", 8 * 60, 17 * 60 + 30, 10, 2, break_minutes=90),
    ShiftKind("evening", "晚班", "Evening", "晚", 17 * 60 + 30, 24 * 60, 2, 2),
)


def demand(kind: DayKind, shift: ShiftKind) -> int:
    """Return how many people `shift` needs on a day of `kind` (B05; a make-up day is a working day, D-01)."""
    return shift.seats_work if kind.worked else shift.seats_off
