"""Small writes that must not hold up the ring: done a moment later, in order, and again until they succeed."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database

log = structlog.get_logger(__name__)
RETRY_SECONDS = 1.0
MOST_WAITING = 10_000

Write = Callable[[AsyncSession], Awaitable[object]]


class WriteBehind:
    """One task that writes what was `put`; each write must be harmless to repeat."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writes: asyncio.Queue[Write] = asyncio.Queue(MOST_WAITING)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._write_for_ever(), name="write behind")

    async def close(self) -> None:
        """Write what is left, as far as the database allows, and stop."""
        if self._task is None:
            return
        try:
            await self.settled(limit=5.0)
        except TimeoutError:
            log.error("writes are lost", count=self._writes.qsize())
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def settled(self, limit: float) -> None:
        """Return when everything put so far is in the database; TimeoutError after `limit` seconds."""
        async with asyncio.timeout(limit):
            await self._writes.join()

    def put(self, write: Write) -> None:
        """Queue one write and return at once."""
        try:
            self._writes.put_nowait(write)
        except asyncio.QueueFull:
            log.error("too many writes wait for the database; one is lost")

    async def _write_for_ever(self) -> None:
        while True:
            batch = [await self._writes.get()]
            while not self._writes.empty():
                batch.append(self._writes.get_nowait())
            await self._write(batch)
            for _ in batch:
                self._writes.task_done()

    async def _write(self, batch: list[Write]) -> None:
        while True:
            try:
                async with self._database.unit_of_work() as uow:
                    for write in batch:
                        await write(uow.session)
                return
            except SQLAlchemyError as error:
                log.error("not written yet, trying again", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
