"""What must be done at Asterisk because of a fact: in the background, so that no fact waits for an answer."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from core.outage import OUTAGE

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Align:
    """Make the queue member of `endpoint` what the lease there, or its absence, demands."""

    endpoint: str


@dataclass(frozen=True)
class SecondOffer:
    """The seat is busy with one call and Asterisk rings it with `call_id` too: settle which is real."""

    endpoint: str
    call_id: str
    attempt: int


@dataclass(frozen=True)
class Rebuild:
    """Compare all members and calls with the leases and correct what differs."""

    endpoint: str = ""


@dataclass(frozen=True)
class Penalties:
    """Give the queue members the penalties that their agents' skills demand now."""

    endpoint: str = ""


Effect = Align | SecondOffer | Rebuild | Penalties


class Effects:
    """Runs each effect as a task of its own, one at a time per seat; equal effects not yet begun are one.

    A lost effect does no harm: each reads the present state when it begins, and the sweep compares again.
    """

    def __init__(self, run: Callable[[Effect], Awaitable[None]]) -> None:
        self._run = run
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: set[Effect] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def lock(self, endpoint: str) -> asyncio.Lock:
        """The turn of a seat: held by whoever speaks to Asterisk about it. Facts never wait for it."""
        return self._locks[endpoint]

    def request(self, effect: Effect) -> None:
        """Do `effect` soon; returns at once."""
        if effect in self._waiting:
            return
        self._waiting.add(effect)
        task = asyncio.create_task(self._perform(effect))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Return when nothing is left to do."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Drop what is not done; the next start compares everything anyway."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _perform(self, effect: Effect) -> None:
        async with self._locks[effect.endpoint]:
            self._waiting.discard(effect)
            try:
                await self._run(effect)
            except OUTAGE as error:
                log.warning(
                    "seat effect left to the sweep", effect=repr(effect), error=repr(error)[:80]
                )
            except Exception:
                log.exception("seat effect failed", effect=repr(effect))
