"""The call back itself: the operator's seat rings first, then the citizen; only a talk closes the entry."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy import select

from core.clock import Clock
from core.db import Database, UnitOfWork
from core.errors import HotlineError
from core.ids import new_id
from core.security import Principal, audit
from seats.callbacks import book
from seats.callbacks.book import Step
from seats.callbacks.errors import CallbackNeedsPause, CallbackNotYours
from seats.callbacks.models import CallbackEntry
from seats.callbacks.rules import Rules
from seats.callbacks.states import Trigger
from seats.views import SeatSession
from telephony.events import OutboundEnded

log = structlog.get_logger(__name__)
# A seat that neither picked up nor refused by then, and is no channel in Asterisk, has failed.
PATIENCE = timedelta(seconds=60)
BUSY_STATES = ("not_ready", "wrap_up")

SeatOf = Callable[[int], Awaitable[SeatSession | None]]
"""Gives the session of an account at its seat."""


class Dialler(Protocol):
    """What is needed of the switch."""

    async def dial_out(self, endpoint: str, number: str, channel_id: str) -> bool:
        """Ring the seat, and the citizen once it has picked up; False if it has not. Raises a HotlineError."""

    async def is_up(self, channel_id: str) -> bool: ...


class CallsBack:
    """Begins calls back and takes their end; one that was under way when we restarted is found by `verify`."""

    def __init__(
        self, database: Database, clock: Clock, rules: Rules, seat_of: SeatOf, dialler: Dialler
    ) -> None:
        self._database, self._clock, self._rules = database, clock, rules
        self._seat_of, self._dialler = seat_of, dialler
        self._ringing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._ringing:
            task.cancel()
        await asyncio.gather(*self._ringing, return_exceptions=True)

    async def begin(self, entry_id: int, who: Principal) -> None:
        """Ring the seat of `who`: the number comes from the entry, never from the browser."""
        seat = await self._seat_of(who.account_id)
        if seat is None or seat.state not in BUSY_STATES or not seat.device_reachable:
            raise CallbackNeedsPause()
        channel_id, now = f"callback-{new_id()}", self._clock()
        async with self._database.unit_of_work() as uow:
            row = await book.entry(uow.session, entry_id, lock=True)
            if row.claimed_by != who.account_id or row.state != "claimed":
                raise CallbackNotYours()
            book.move(uow, row, Step(trigger="call", at=now, by=who.by, call_id=channel_id))
            row.channel_id, row.last_attempt_at, number = channel_id, now, row.number
            audit(uow.session, now, who.by, "callback.call", f"callback:{entry_id}")
        task = asyncio.create_task(self._ring(seat.endpoint, number, channel_id))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)

    async def ended(self, event: OutboundEnded) -> None:
        """Take what Asterisk said of the end; a call that is not ours is nobody's."""
        async with self._database.unit_of_work() as uow:
            row = await self._of(uow, event.channel_id)
            if row is None:
                return
            if event.talk_seconds > 0:
                note = f"{event.status} {event.talk_seconds:.0f} s"
                book.move(uow, row, self._step("connected", event.channel_id, note, event.id))
            else:
                self._failed(uow, row, event.status, event.id)

    async def verify(self) -> None:
        """Ask Asterisk about calls back that should have come to an end."""
        limit = self._clock() - PATIENCE
        query = select(CallbackEntry.channel_id).where(
            book.OPEN, CallbackEntry.state == "calling", CallbackEntry.last_attempt_at < limit
        )
        async with self._database.reading() as session:
            channels = (await session.scalars(query)).all()
        for channel_id in channels:
            try:
                if await self._dialler.is_up(channel_id):
                    continue
            except HotlineError as error:
                log.warning("call back not verified", code=error.code)
                return
            async with self._database.unit_of_work() as uow:
                row = await self._of(uow, channel_id)
                if row is not None:
                    self._failed(uow, row, "LOST", None)

    async def _ring(self, endpoint: str, number: str, channel_id: str) -> None:
        picked_up, note = False, "NOANSWER"
        try:
            picked_up = await self._dialler.dial_out(endpoint, number, channel_id)
        except (HotlineError, TimeoutError, OSError) as error:
            log.warning("seat not rung", endpoint=endpoint, error=type(error).__name__)
            note = "SWITCH"
        if picked_up:
            return
        async with self._database.unit_of_work() as uow:
            row = await self._of(uow, channel_id)
            if row is not None:
                book.move(uow, row, self._step("seat_silent", channel_id, note, None))

    def _failed(self, uow: UnitOfWork, row: CallbackEntry, status: str, cause: str | None) -> None:
        row.attempts += 1
        row.not_before = self._clock() + self._rules.retry_after
        trigger = self._rules.after_failure(row)
        book.move(uow, row, self._step(trigger, row.channel_id, status, cause))

    def _step(self, trigger: Trigger, channel_id: str, note: str, cause: str | None) -> Step:
        return Step(trigger=trigger, at=self._clock(), call_id=channel_id, note=note, cause=cause)

    @staticmethod
    async def _of(uow: UnitOfWork, channel_id: str) -> CallbackEntry | None:
        query = select(CallbackEntry).where(book.OPEN, CallbackEntry.channel_id == channel_id)
        return await uow.session.scalar(query.with_for_update())
