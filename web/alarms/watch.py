"""Looks at the hotline every two seconds, and at once when a fact says so, and raises what is due."""

import asyncio
import shutil
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from core.clock import Clock
from core.outage import OUTAGE
from seats.events import OfferMissed
from telephony.calls import Call
from telephony.events import CallEnded, CallQueued, SwitchDown, SwitchUp
from web.alarms.book import AlarmBook, AlarmView, text_of
from web.alarms.rules import Change, Code, Raised, Watch, due_alarms
from web.live_board import Board

log = structlog.get_logger(__name__)
LOOK_SECONDS = 2.0
ASK_EVERY = timedelta(seconds=5)
ANSWER_SECONDS = 3.0
MISSED_WITHIN = timedelta(minutes=10)
LEFT_WITHIN = timedelta(minutes=5)

Measure = Callable[[datetime], Awaitable[Mapping[Code, float | None]]]
"""Asks the database for what only it knows; raises what it raises."""


class SwitchFigures(Protocol):
    @property
    def connected(self) -> bool: ...

    @property
    def backlog(self) -> int: ...

    @property
    def calls(self) -> Mapping[str, Call]: ...


class AlarmWatch:
    """One task. What cannot be written while the database is away is shown all the same and written afterwards."""

    def __init__(
        self,
        book: AlarmBook,
        board: Board,
        switch: SwitchFigures,
        ask: Measure,
        recordings: Path,
        clock: Clock,
        on_change: Callable[[], None],
    ) -> None:
        self._book, self._board, self._switch, self._ask = book, board, switch, ask
        self._recordings, self._clock, self._on_change = recordings, clock, on_change
        self._watch: Watch | None = None
        self._unwritten: list[tuple[Change, datetime]] = []
        self._missed: deque[datetime] = deque(maxlen=1000)
        self._left_empty: deque[datetime] = deque(maxlen=1000)
        self._asked_at: datetime | None = None
        self._known: dict[Code, float | None] = {}
        self._down_since: datetime | None = None
        self._away_since: datetime | None = None
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="alarms")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def on_call_queued(self, event: CallQueued) -> None:
        if event.emergency:
            self._woken.set()

    async def on_call_ended(self, event: CallEnded) -> None:
        if event.outcome == "left_empty":
            self._left_empty.append(event.at)
            self._woken.set()

    async def on_offer_missed(self, event: OfferMissed) -> None:
        self._missed.append(event.at)
        self._woken.set()

    async def on_switch(self, _event: SwitchUp | SwitchDown) -> None:
        self._woken.set()

    async def look(self) -> None:
        """Measure once and store what changes."""
        now = self._clock()
        readings = await self._readings(now)
        if self._watch is None:
            if self._away_since is not None:
                return  # what stood before we started is not known yet
            self._watch = await self._book.watch()
        self._watch, changes = due_alarms(readings, self._watch, now)
        for change in changes:
            log.warning("alarm", code=change.code, change=type(change).__name__)
        self._unwritten += [(change, now) for change in changes]
        await self._write()

    @property
    def unwritten(self) -> bool:
        """Something has changed that the database does not know yet."""
        return bool(self._unwritten)

    def overlay(self, standing: list[AlarmView]) -> list[AlarmView]:
        """Return what stands, with what could not be written yet."""
        rows = {row.code: row for row in standing}
        for change, at in self._unwritten:
            rows.pop(change.code, None)
            if isinstance(change, Raised):
                rows[change.code] = _unwritten_view(change, at)
        return list(rows.values())

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except OUTAGE as error:
                log.error("alarms wait for the database", error=type(error).__name__)
            except Exception:
                log.exception("alarms not looked at")
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()

    async def _write(self) -> None:
        if not self._unwritten:
            return
        try:
            while self._unwritten:
                change, at = self._unwritten[0]
                await self._book.write([change], at)
                del self._unwritten[0]
        except OUTAGE as error:
            log.error("alarm not written", error=type(error).__name__)
            self._on_change()

    async def _readings(self, now: datetime) -> dict[Code, float | None]:
        return {
            **self._of_calls(now),
            **self._of_switch(now),
            **await self._of_database(now),
            "DISK_FILLING": await asyncio.to_thread(_percent_used, self._recordings),
        }

    def _of_calls(self, now: datetime) -> dict[Code, float | None]:
        calls = self._switch.calls.values()
        waiting = [call for call in calls if call.in_queue and call.joined_at is not None]
        states = [seat.state for seat in self._board.seats.values()]
        staffed = sum(state not in ("free", "closed") for state in states)
        free = any(state in ("ready", "ringing") for state in states)
        unserved = sum("left_empty" in call.evidence and call.outcome is None for call in calls)
        return {
            "EMERGENCY_CALL": sum(
                call.emergency and call.outcome is None and not call.segments for call in calls
            ),
            "LONGEST_WAIT": max((_waited(call, now) for call in waiting), default=0.0),
            "NOBODY_STAFFED": (0 if staffed else len(waiting))
            + unserved
            + _recent(self._left_empty, now - LEFT_WITHIN),
            "NOBODY_READY": len(waiting) if staffed and not free else 0,
            "UNDERSTAFFED": max(0, self._board.plan.open_seats - staffed),
            "MISSED_OFFERS": _recent(self._missed, now - MISSED_WITHIN),
        }

    def _of_switch(self, now: datetime) -> dict[Code, float | None]:
        if self._switch.connected:
            self._down_since = None
        elif self._down_since is None:
            self._down_since = now
        down = now - self._down_since if self._down_since else timedelta()
        return {"SWITCH_DOWN": down.total_seconds(), "BACKLOG": self._switch.backlog}

    async def _of_database(self, now: datetime) -> dict[Code, float | None]:
        if self._away_since is None and self._asked_at and now - self._asked_at < ASK_EVERY:
            return self._known
        began = time.monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await self._ask(now)
        except OUTAGE:
            self._away_since = self._away_since or now
            return {"DATABASE_AWAY": (now - self._away_since).total_seconds()}
        self._away_since, self._asked_at = None, now
        self._known = {**found, "DATABASE_AWAY": time.monotonic() - began}
        return self._known


def _waited(call: Call, now: datetime) -> float:
    assert call.joined_at is not None
    return (now - call.joined_at).total_seconds()


def _recent(times: deque[datetime], since: datetime) -> int:
    """Forget the times before `since` and return how many are left."""
    while times and times[0] < since:
        times.popleft()
    return len(times)


def _percent_used(folder: Path) -> float | None:
    """Return how full the disk of a folder is, None where there is no folder yet."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    # As `df` does: what only root may still write is not free.
    return 100 * usage.used / (usage.used + usage.free)


def _unwritten_view(change: Raised, at: datetime) -> AlarmView:
    zh, en = text_of(change.code, change.value)
    return AlarmView(
        id=0,
        code=change.code,
        level=change.level,
        value=change.value,
        zh=zh,
        en=en,
        raised_at=at,
        acknowledged_at=None,
        acknowledged_name="",
        cleared_at=None,
        worsened=change.again,
    )
