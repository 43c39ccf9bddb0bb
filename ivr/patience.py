"""Asking the rooms above while a caller listens: for a bounded time, and not again at once when nobody answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog

from core.outage import OUTAGE

log = structlog.get_logger(__name__)
T = TypeVar("T")

REST = 10.0
"""Seconds without questions after one that got no answer: each next caller would wait as long for nothing."""


class Patience:
    """Asks with a limit of `seconds`. An answer that comes too late is given up, and its end is not waited for."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._rests_until = 0.0
        self._given_up: set[asyncio.Future[Any]] = set()

    async def ask(self, what: str, question: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """Return the answer; `otherwise` when it fails, when it takes too long, and while questions rest."""
        time = asyncio.get_running_loop().time
        if time() < self._rests_until:
            return otherwise
        asked = asyncio.ensure_future(question())
        try:
            done, _ = await asyncio.wait({asked}, timeout=self._seconds)
            if done:
                return asked.result()
            log.error(what, error="no answer in time")
            self._rests_until = time() + REST
        except OUTAGE as error:
            log.error(what, error=type(error).__name__)
        except Exception:
            log.exception(what)
        finally:
            if not asked.done():
                # The end of a query that hangs may take seconds more.
                asked.cancel()
                self._given_up.add(asked)
                asked.add_done_callback(self._forget)
        return otherwise

    def _forget(self, task: asyncio.Future[Any]) -> None:
        self._given_up.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that it is not reported
