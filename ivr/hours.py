"""Day or evening: what the flow's `hours` nodes ask."""

from collections.abc import Callable
from datetime import date, datetime, time

from core.clock import SHANGHAI

IsOpen = Callable[[datetime], bool]
"""Takes an aware moment and tells whether the day's way through the flow is open."""

OFFICE_OPENS, OFFICE_CLOSES = time(8, 0), time(17, 30)


def office_hours(
    is_working_day: Callable[[date], bool],
    opens: time = OFFICE_OPENS,
    closes: time = OFFICE_CLOSES,
) -> IsOpen:
    """Return a function that is true on working days from `opens` until before `closes`, Shanghai time."""

    def is_open(at: datetime) -> bool:
        local = at.astimezone(SHANGHAI)
        return is_working_day(local.date()) and opens <= local.time() < closes

    return is_open
