"""What is known of a caller, fetched while he listens to the greeting so that the ring waits for nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from web.live_state import CallLine, KeyMatter, Knowledge, TicketLine

log = structlog.get_logger(__name__)
MOST = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Lore:
    place: str = ""
    hotline_name: str = ""
    known_name: str = ""
    repeat: bool = False
    last_calls: list[CallLine] = field(default_factory=list)
    open_tickets: list[TicketLine] = field(default_factory=list)
    key_matters: list[KeyMatter] = field(default_factory=list)
    knowledge: list[Knowledge] = field(default_factory=list)


NOTHING = Lore()
LookUp = Callable[[str, str, str], Awaitable[Lore]]
"""(caller, dnid, menu) -> Lore."""
Learned = Callable[[str, Lore], None]
"""(call_id, lore): called when a look-up is done."""


class LoreBook:
    """The lore of calls in the system, at most one look-up under way per call."""

    def __init__(self, look_up: LookUp, learned: Learned) -> None:
        self._look_up = look_up
        self._learned = learned
        self._known: dict[str, Lore] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, call_id: str, caller: str, dnid: str, menu: str) -> None:
        """Start to look the caller up; a later call with the menu choice replaces an earlier one."""
        if len(self._tasks) >= MOST:
            return
        if earlier := self._tasks.pop(call_id, None):
            earlier.cancel()
        task = asyncio.create_task(self._fetch(call_id, caller, dnid, menu))
        self._tasks[call_id] = task

    def known(self, call_id: str) -> Lore | None:
        """Return what is known already, without waiting."""
        return self._known.get(call_id)

    def asked(self, call_id: str) -> bool:
        return call_id in self._known or call_id in self._tasks

    def forget(self, call_id: str) -> None:
        """The call is over."""
        self._known.pop(call_id, None)
        if task := self._tasks.pop(call_id, None):
            task.cancel()

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, call_id: str, caller: str, dnid: str, menu: str) -> None:
        try:
            lore = await self._look_up(caller, dnid, menu)
        except Exception:
            log.exception("caller look-up failed", call_id=call_id)
            return
        finally:
            if self._tasks.get(call_id) is asyncio.current_task():
                del self._tasks[call_id]
        self._known[call_id] = lore
        self._learned(call_id, lore)
