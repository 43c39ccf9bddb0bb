"""What the service's functions share: database, switch, clock, settings and the effects under way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.config import Settings
from core.db import Database, UnitOfWork
from core.errors import HotlineError
from seats.effects import Effects
from seats.leases import lease_at
from seats.models import AgentSession
from seats.ports import Switch

SWITCH_FAILURES = (HotlineError, TimeoutError, OSError)
"""What a command to Asterisk raises when it was not confirmed."""


@dataclass(frozen=True)
class SeatRoom:
    database: Database
    switch: Switch
    clock: Clock
    settings: Settings
    effects: Effects
    started_at: datetime

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Yield a session for queries; its rows stay readable afterwards."""
        async with self.database.reading() as session:
            yield session
            session.expunge_all()  # the rollback that follows would expire them

    @asynccontextmanager
    async def lease(self, endpoint: str) -> AsyncIterator[tuple[UnitOfWork, AgentSession | None]]:
        """Begin a transaction with the lease of a seat locked, None if nobody is there."""
        async with self.database.unit_of_work() as uow:
            yield uow, await lease_at(uow.session, endpoint, lock=True)
