"""Live pieces that not everybody sees, read from the rooms when something about them has changed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Literal

import structlog

from core.outage import OUTAGE
from core.security import Role
from web.live_hub import Hub
from web.live_state import Piece

log = structlog.get_logger(__name__)

Name = Literal["alarms", "callbacks", "load"]
Parts = Iterable[tuple[Piece, frozenset[Role]]]
Load = Callable[[], Awaitable[Parts]]

# Seconds that changes of one piece wait for others; a chart of half hours has time.
AT_MOST_EVERY: Mapping[Name, float] = {"alarms": 0.1, "callbacks": 0.1, "load": 5.0}
# Read again without being told: time alone changes what happened "within 24 hours".
IN_ANY_CASE_SECONDS = 60.0
RETRY_SECONDS = 1.0


class SidePieces:
    """One task a piece. However many screens are connected, a piece is read and encoded once per change."""

    def __init__(self, hub: Hub, loads: Mapping[Name, Load]) -> None:
        self._hub, self._loads = hub, loads
        self._woken = {name: asyncio.Event() for name in loads}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._follow(name), name=f"piece {name}") for name in self._loads
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def mark(self, name: Name) -> None:
        """Read this piece again soon."""
        self._woken[name].set()

    async def refresh(self, name: Name) -> None:
        """Read this piece now and send it to whoever may see it, if it differs."""
        self._hub.show(name, await self._loads[name]())

    async def _follow(self, name: Name) -> None:
        woken = self._woken[name]
        while True:
            woken.clear()
            try:
                await self.refresh(name)
            except OUTAGE as error:
                log.error("a piece waits for the database", piece=name, error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            except Exception:
                log.exception("a piece could not be read", piece=name)
            try:
                async with asyncio.timeout(IN_ANY_CASE_SECONDS):
                    await woken.wait()
            except TimeoutError:
                pass
            else:
                await asyncio.sleep(AT_MOST_EVERY[name])
