"""The once-a-second sweep: limits and lost leases of the seats, and now and then what has piled up."""

import asyncio

import structlog
from sqlalchemy import delete

from core.clock import Clock
from core.db import Database
from core.outage import OUTAGE
from core.security import LoginSession
from ivr.surge import SurgeService
from seats.callbacks.service import CallbackService
from seats.service import SeatService
from web.calendar_watch import CalendarWatch
from web.chain_watch import ChainWatch
from web.live_feed import Feed
from web.live_hub import Hub

log = structlog.get_logger(__name__)
SWEEP_SECONDS = 1.0
REFRESH_EVERY = 5
LOOK_EVERY = 60
CLEAN_EVERY = 600


class Housekeeping:
    """One task; a sweep that fails is logged and the next one comes a second later."""

    def __init__(
        self,
        seats: SeatService,
        callbacks: CallbackService,
        hub: Hub,
        feed: Feed,
        calendar: CalendarWatch,
        chain: ChainWatch,
        surge: SurgeService,
        database: Database,
        clock: Clock,
    ) -> None:
        self._seats, self._callbacks = seats, callbacks
        self._hub, self._feed = hub, feed
        self._calendar, self._chain, self._surge = calendar, chain, surge
        self._database, self._clock = database, clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="housekeeping")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def sweep(self, number: int) -> None:
        """Do what is due at the sweep of this number."""
        await self._seats.sweep()
        if number % REFRESH_EVERY == 0:
            await self._surge.sweep()
            self._hub.forget_idle()
            self._feed.refresh()
            await self._callbacks.sweep()
        if number % LOOK_EVERY == 0:
            await self._calendar.look()
        if number % CLEAN_EVERY == 0:
            await self.drop_expired_sessions()
            await self._chain.daily()

    async def drop_expired_sessions(self) -> None:
        async with self._database.unit_of_work() as uow:
            await uow.session.execute(
                delete(LoginSession).where(LoginSession.expires_at < self._clock())
            )

    async def _run(self) -> None:
        number = 0
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            number += 1
            try:
                await self.sweep(number)
            except OUTAGE as error:
                log.error("sweep put off, the database is away", error=type(error).__name__)
            except Exception:
                log.exception("sweep failed")
