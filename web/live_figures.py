"""The figures that the screens show all the time: three windows that end now."""

from collections.abc import Collection
from datetime import timedelta

from core.clock import SHANGHAI, Clock
from core.db import Database
from telephony.figures import CONNECT_TARGET, WINDOW, Tally
from telephony.tallies import tally_between
from web.live_state import Figures, Rates

HOUR = timedelta(hours=1)


class LiveFigures:
    """Counts the last 24 hours anew each time: one indexed range, the same work at midnight as at noon."""

    def __init__(self, database: Database, clock: Clock, tests: Collection[str]) -> None:
        self._database, self._clock, self._tests = database, clock, tests

    async def now(self) -> Figures:
        """Return the figures of the windows that end at this moment."""
        now = self._clock()
        midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        starts = {"last_24h": now - WINDOW, "today": midnight, "last_hour": now - HOUR}
        edges = [*sorted(starts.values()), now]
        async with self._database.reading() as session:
            parts = await tally_between(session, edges, self._tests)
        windows = {
            name: sum(parts[edges.index(start) :], Tally()) for name, start in starts.items()
        }
        return figures_of(**windows)


def figures_of(last_24h: Tally, today: Tally, last_hour: Tally) -> Figures:
    connected = last_24h.connect_percent
    return Figures(
        last_hour=rates(last_hour),
        today=rates(today),
        last_24h=rates(last_24h),
        target_percent=CONNECT_TARGET,
        alarm=connected is not None and connected < CONNECT_TARGET,
    )


def rates(tally: Tally) -> Rates:
    return Rates(
        offered=tally.offered,
        queued=tally.queued,
        answered=tally.answered,
        abandoned=tally.abandoned,
        waiting=tally.waiting,
        connect_percent=tally.connect_percent,
        within_15_percent=tally.in_15_percent,
        abandoned_percent=tally.abandoned_percent,
        mean_wait_seconds=tally.mean_wait_seconds,
    )
