"""What the service's functions share: database, switch, clock, settings and the effects under way."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import WorkCalendar
from core.clock import Clock
from core.config import Settings
from core.db import Database, UnitOfWork
from core.errors import HotlineError
from seats.effects import Effect, Effects
from seats.leases import lease_at, lock_plan
from seats.models import AgentSession
from seats.ports import Switch

SWITCH_FAILURES = (HotlineError, TimeoutError, OSError)
"""What a command to Asterisk raises when it was not confirmed."""


class Work:
    """One transaction of the seats: a UnitOfWork, and what Asterisk is told because of it."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.session = uow.session
        self.publish = uow.publish
        self.effects: list[Effect] = []

    def later(self, effect: Effect) -> None:
        """Do `effect` after the commit: it reads the state, and must not read the one before."""
        self.effects.append(effect)


@dataclass(frozen=True)
class SeatRoom:
    database: Database
    switch: Switch
    clock: Clock
    settings: Settings
    effects: Effects
    started_at: datetime
    calendar: Callable[[], WorkCalendar]

    def reading(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Return a session for queries; the tables of seats are small."""
        return self.database.reading(brief=True)

    @asynccontextmanager
    async def lease(
        self, endpoint: str, *, plan: bool = False
    ) -> AsyncIterator[tuple[Work, AgentSession | None]]:
        """Begin a transaction with the lease of a seat locked, None if nobody is there.

        With `plan` the plan row is locked before it, for decisions that count the other seats.
        """
        async with self.database.unit_of_work() as uow:
            work = Work(uow)
            if plan:
                await lock_plan(uow.session)
            yield work, await lease_at(uow.session, endpoint, lock=True)
        for effect in work.effects:
            self.effects.request(effect)
