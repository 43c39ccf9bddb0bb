"""A bridge for tests: over the real Asterisk or the fake one, with a ledger in a folder of the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from core.clock import utc_now
from core.db import Database
from core.events import Event, LocalBus
from support.links import quick_link, until
from telephony.ami import AmiLink
from telephony.bridge import Bridge
from telephony.events import CallEnded, CallEvent
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import ami_secret
from telephony.reconcile import Report, reconcile
from telephony.switch import Switch

E = TypeVar("E", bound=Event)


@dataclass
class Bridged:
    """What a test needs of a running bridge; `events` is all that was published."""

    link: AmiLink
    switch: Switch
    database: Database
    bridge: Bridge
    events: list[Event] = field(default_factory=list)

    def of(self, kind: type[E], call_id: str = "") -> list[E]:
        return [
            event
            for event in self.events
            if isinstance(event, kind)
            and (not call_id or (isinstance(event, CallEvent) and event.call_id == call_id))
        ]

    async def next(self, kind: type[E], count: int = 1, limit: float = 15) -> E:
        """Return the `count`th event of a kind, past or coming."""
        await until(lambda: len(self.of(kind)) >= count, limit)
        return self.of(kind)[count - 1]

    async def in_step(self, limit: float = 10) -> None:
        await until(lambda: self.bridge.in_step, limit)

    async def reconciled(self, lines: int = 1, limit: float = 10) -> Report:
        """Return the report once at least `lines` lines of queue_log are stored and none is unexplained."""
        await until(lambda: self.bridge.metrics.log_lines >= lines, limit)
        return await reconcile(self.database, utc_now, grace=0)

    async def ended(self, count: int = 1) -> CallEnded:
        return await self.next(CallEnded, count)


async def ledger(folder: Path) -> Database:
    """Open (and make) the SQLite ledger of a folder."""
    database = Database(f"sqlite+aiosqlite:///{folder}/ledger.db", LocalBus())
    await database.create_all()
    return database


@asynccontextmanager
async def bridged(asterisk: OwnAsterisk, folder: Path) -> AsyncIterator[Bridged]:
    """A bridge over a real Asterisk whose ledger lies in `folder`; a second one over it is a restart."""
    settings = asterisk.settings
    link = quick_link(
        host="127.0.0.1",
        port=settings.ami_port,
        user=settings.ami_user,
        secret=ami_secret(settings),
    )
    async with bridge_over(
        link, folder, recordings=asterisk.paths.recordings, queue_log=asterisk.paths.queue_log
    ) as parts:
        yield parts


@asynccontextmanager
async def bridge_over(
    link: AmiLink,
    folder: Path,
    *,
    recordings: Path | None = None,
    queue_log: Path | None = None,
    database: Database | None = None,
) -> AsyncIterator[Bridged]:
    """Start link and bridge; both are closed at the end, and the ledger stays in `folder`."""
    own = database is None
    database = database or await ledger(folder)
    switch = Switch(link)
    bridge = Bridge(
        link,
        switch,
        database,
        utc_now,
        recordings or folder / "recordings",
        queue_log=queue_log,
        state_dir=folder / "spool",
    )
    parts = Bridged(link, switch, database, bridge)

    async def note(event: Event) -> None:
        parts.events.append(event)

    database.bus.watch(Event, note)
    await bridge.start()
    await link.start()
    try:
        yield parts
    finally:
        await bridge.close()
        await link.close()
        if own:
            await database.close()
