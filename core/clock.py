"""Time is passed in: production gives `utc_now`, tests give a `FixedClock`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Returns the present moment as an aware UTC datetime."""

SHANGHAI = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


class FixedClock:
    """A clock for tests that stands still until `advance` is called."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def __call__(self) -> datetime:
        return self._at

    def advance(self, **delta: float) -> datetime:
        """Move forward by `timedelta(**delta)` and return the new moment."""
        self._at += timedelta(**delta)
        return self._at
