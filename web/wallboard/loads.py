"""What the wallboard's pieces say: alarms, the callback list, the day's calls."""

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

from core.clock import SHANGHAI, Clock
from core.db import Database
from core.security import Role
from seats.callbacks.service import CallbackService
from seats.callbacks.states import MAY_SEE
from seats.callbacks.views import EntryView, ListView
from telephony.figures import WINDOW, Tally
from telephony.tallies import tally, tally_by_half_hour
from web.alarms.book import AlarmView
from web.wallboard.shown import AlarmPiece, Alarms, CallbackLine, Callbacks, HalfHour, Load
from web.wallboard.side_pieces import Parts

MANAGERS = frozenset({Role.SHIFT_LEADER, Role.OFFICE_DIRECTOR})
SCREENS = frozenset({Role.SCREEN})
CALLBACK_READERS = frozenset(MAY_SEE)
HOUR = timedelta(hours=1)
HALF_HOUR = timedelta(minutes=30)


def load_alarms(
    standing: Callable[[], Awaitable[list[AlarmView]]],
) -> Callable[[], Awaitable[Parts]]:
    """Return what reads the alarms; a screen on the wall is not told who has acknowledged one."""

    async def load() -> Parts:
        rows = await standing()
        return (
            (Alarms(standing=[_alarm(row, row.acknowledged_name) for row in rows]), MANAGERS),
            (Alarms(standing=[_alarm(row, "") for row in rows]), SCREENS),
        )

    return load


def load_callbacks(service: CallbackService) -> Callable[[], Awaitable[Parts]]:
    """Return what reads the callback list; a screen on the wall gets the counts alone."""

    async def load() -> Parts:
        found = await service.entries()
        return (
            (_callbacks(found, [_line(entry) for entry in found.entries]), CALLBACK_READERS),
            (_callbacks(found, []), SCREENS),
        )

    return load


def load_day(
    database: Database, clock: Clock, tests: Collection[str]
) -> Callable[[], Awaitable[Parts]]:
    """Return what reads the day's calls by half hour, and how the 24 hours up to an hour ago were."""

    async def load() -> Parts:
        now = clock()
        midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        async with database.reading() as session:
            halves = await tally_by_half_hour(session, midnight, now, tests)
            before = await tally(session, now - WINDOW - HOUR, now - HOUR, tests)
        counts = [halves.get(midnight + number * HALF_HOUR, Tally()) for number in range(48)]
        piece = Load(
            day=f"{midnight:%Y-%m-%d}",
            half_hours=[
                HalfHour(offered=one.queued - one.waiting, answered=one.answered) for one in counts
            ],
            connect_percent_before=before.connect_percent,
        )
        return ((piece, MANAGERS | SCREENS),)

    return load


def _alarm(row: AlarmView, name: str) -> AlarmPiece:
    return AlarmPiece(
        id=row.id,
        code=row.code,
        level=row.level,
        zh=row.zh,
        en=row.en,
        raised_at=row.raised_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_name=name,
    )


def _callbacks(found: ListView, entries: list[CallbackLine]) -> Callbacks:
    return Callbacks(
        open=found.open,
        withheld=found.withheld,
        due_at=[entry.overdue_at for entry in found.entries],
        entries=entries,
    )


def _line(entry: EntryView) -> CallbackLine:
    return CallbackLine(
        id=entry.id,
        state=entry.state,
        number_masked=entry.number_masked,
        promised=entry.promised,
        times=entry.times,
        first_at=entry.first_at,
        last_at=entry.last_at,
        claimed_by=entry.claimed_by,
        claimed_name=entry.claimed_name,
        claimed_at=entry.claimed_at,
        attempts=entry.attempts,
        most_attempts=entry.most_attempts,
        last_attempt_at=entry.last_attempt_at,
        not_before=entry.not_before,
        overdue_at=entry.overdue_at,
    )
