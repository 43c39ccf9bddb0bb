"""The parts of alarms and wallboard, made and connected in one place: who hears what, what is read for whom."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from fastapi import APIRouter

from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.events import Event
from core.outage import OUTAGE
from seats.callbacks.events import CallbackChanged
from seats.callbacks.service import CallbackService
from seats.events import OfferMissed
from telephony.calls import Call
from telephony.events import CallAnswered, CallEnded, CallQueued, SwitchDown, SwitchUp
from telephony.figures import WINDOW
from telephony.instance import InstancePaths
from telephony.numbers import normalise
from telephony.tallies import tally
from web.alarms.book import AlarmBook, AlarmsChanged, AlarmView
from web.alarms.rules import Code
from web.alarms.watch import ANSWER_SECONDS, AlarmWatch
from web.auth import Guarding
from web.live_hub import Hub
from web.wallboard.api import wallboard_router
from web.wallboard.loads import load_alarms, load_callbacks, load_day
from web.wallboard.screens import Screens
from web.wallboard.side_pieces import Name, SidePieces

FEWEST_FOR_A_RATE = 20


class Rooms(Protocol):
    """What is needed of the hotline."""

    database: Database
    hub: Hub
    callbacks: CallbackService
    paths: InstancePaths
    settings: Settings
    clock: Clock

    @property
    def connected(self) -> bool: ...

    @property
    def backlog(self) -> int: ...

    @property
    def calls(self) -> Mapping[str, Call]: ...


class Wallboard:
    """Alarms, callback list and the day's calls, kept on the screens of those who may see them."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self.book = AlarmBook(rooms.database, rooms.clock)
        self.screens = Screens(rooms.database, rooms.clock)
        self._tests = {normalise(number) or number for number in rooms.settings.test_numbers}
        self._stood: list[AlarmView] = []
        self.watch = AlarmWatch(
            self.book,
            rooms.hub.board,
            rooms,
            self._ask,
            rooms.paths.recordings,
            rooms.clock,
            lambda: self.pieces.mark("alarms"),
        )
        self.pieces = SidePieces(
            rooms.hub,
            {
                "alarms": load_alarms(self._standing),
                "callbacks": load_callbacks(rooms.callbacks),
                "load": load_day(rooms.database, rooms.clock, self._tests),
            },
        )

    def start(self) -> None:
        self.pieces.start()
        self.watch.start()

    async def close(self) -> None:
        await self.watch.close()
        await self.pieces.close()

    def watchers(self) -> tuple[tuple[type[Event], Callable[[Any], Awaitable[None]]], ...]:
        """Return who hears what, in every process."""
        return (
            (CallQueued, self.watch.on_call_queued),
            (CallEnded, self.watch.on_call_ended),
            (OfferMissed, self.watch.on_offer_missed),
            (SwitchUp, self.watch.on_switch),
            (SwitchDown, self.watch.on_switch),
            (AlarmsChanged, self._marks("alarms")),
            (CallbackChanged, self._marks("callbacks")),
            (CallQueued, self._marks("load")),
            (CallAnswered, self._marks("load")),
            (CallEnded, self._marks("load")),
        )

    def router(self, guard: Guarding) -> APIRouter:
        return wallboard_router(self.book, self.screens, guard, self._rooms.hub.signed_out)

    def _marks(self, name: Name) -> Callable[[Event], Awaitable[None]]:
        async def mark(_event: Event) -> None:
            self.pieces.mark(name)

        return mark

    async def _standing(self) -> list[AlarmView]:
        """Return what stands; while the database is away, what stood last and what has come since."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self._stood = await self.book.standing()
        except OUTAGE:
            if not self.watch.unwritten:
                raise
        return self.watch.overlay(self._stood)

    async def _ask(self, now: datetime) -> Mapping[Code, float | None]:
        async with self._rooms.database.reading() as session:
            day = await tally(session, now - WINDOW, now, self._tests)
        enough = day.queued - day.waiting >= FEWEST_FOR_A_RATE
        return {
            "CONNECT_RATE": day.connect_percent if enough else None,
            "CALLBACK_OVERDUE": await self._rooms.callbacks.overdue(now),
        }
