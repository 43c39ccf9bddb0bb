"""A call centre that tests share, and one test's shift in it: desks, citizens, and a clean floor at the end."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from core.db import Database
from core.events import LocalBus
from support.aftermath import check_aftermath
from support.asterisk import clear, running_asterisk
from support.audio import until_sound
from support.desk import Desk, desk_tab
from support.floor import Floor
from support.hotline import HotlineProcess, Operator, running_hotline, signed_in, until
from support.phones import citizen
from support.sounds import give_prompts
from telephony.models import CallRow
from telephony.own_asterisk import OwnAsterisk
from telephony.sip_call import SipCall
from telephony.sip_phone import SipPhone

COOKIE = "hotline_session"
OPERATOR_HERTZ = 1000.0
"""What is heard of every operator: the browser's microphone is a tone."""


@dataclass
class Centre:
    """A running Asterisk with its hotline, its ledger read from beside, and who has signed in there before."""

    asterisk: OwnAsterisk
    hotline: HotlineProcess
    browser: Browser
    ledger: Database
    cookies: dict[str, str] = field(default_factory=dict)

    async def cookie(self, username: str) -> str:
        """Return a login of this person, made once."""
        if username not in self.cookies:
            async with signed_in(self.hotline, username) as operator:
                self.cookies[username] = operator.client.cookies[COOKIE]
        return self.cookies[username]


@asynccontextmanager
async def running_centre(folder: Path, browser: Browser, **settings: Any) -> AsyncIterator[Centre]:
    """Run a whole call centre over `folder`; `settings` are those of the hotline."""
    async with running_asterisk(folder, plain_seats=False, **settings) as asterisk:
        await asyncio.to_thread(give_prompts, asterisk)
        ledger = Database(asterisk.settings.database, LocalBus())
        try:
            async with running_hotline(asterisk, folder / "hotline.log") as hotline:
                yield Centre(asterisk, hotline, browser, ledger)
        finally:
            await ledger.close()


class Shift:
    """One test in a centre. Everything that it opens is closed, and checked, by `end`."""

    def __init__(self, centre: Centre, folder: Path) -> None:
        self.centre, self.folder = centre, folder
        self.asterisk, self.hotline = centre.asterisk, centre.hotline
        self.desks: list[Desk] = []
        self._stack = AsyncExitStack()
        self._operators: list[Operator] = []
        self._phones: list[SipPhone] = []
        self._log_from = self.hotline.log.stat().st_size

    async def tab(self, username: str = "", *, timezone: str = "") -> Desk:
        """Open a browser profile of its own; with `username` its person is signed in already."""
        desk = await self._stack.enter_async_context(
            desk_tab(self.centre.browser, self.hotline, timezone=timezone)
        )
        self.desks.append(desk)
        if username:
            cookie = {"name": COOKIE, "value": await self.centre.cookie(username)}
            await desk.page.context.add_cookies([{**cookie, "url": self.hotline.base}])  # type: ignore[typeddict-item]
        return desk

    async def second_tab(self, desk: Desk) -> Desk:
        """Open another tab in the browser profile of `desk`, on no page yet."""
        tab = Desk(await desk.page.context.new_page(), self.hotline)
        self.desks.append(tab)
        return tab

    async def staffed(self, username: str, seat: str, *, timezone: str = "") -> Desk:
        """Return a desk whose operator sits at `seat` and is ready."""
        desk = await self.tab(username, timezone=timezone)
        await desk.come_back(seat)
        await desk.ready()
        return desk

    async def operator(self, username: str) -> Operator:
        """Return a person who works over HTTP alone; a seat that he takes is given back at the end."""
        client = await self._stack.enter_async_context(
            httpx.AsyncClient(
                base_url=self.hotline.base,
                headers=self.hotline.headers,
                cookies={COOKIE: await self.centre.cookie(username)},
                timeout=15,
            )
        )
        operator = Operator(client, (await client.get("/api/session")).json())
        self._operators.append(operator)
        return operator

    async def dial(self, number: str, name: str = "", *, to: str = "12345") -> SipCall:
        """Let a citizen dial; return when the hotline has picked up."""
        phone = await self._stack.enter_async_context(citizen(self.asterisk, number, name))
        self._phones.append(phone)
        call = await phone.dial(to)
        await call.until_answered(20)
        return call

    async def queued(self, number: str, name: str = "", *, key: str = "0") -> SipCall:
        """Let a citizen dial and press `key` in the greeting, and once more to skip the next announcement."""
        call = await self.dial(number, name)
        await until_sound(call.media)
        await call.press(key if key == "9" else key + "0")
        return call

    async def hang_up(self) -> None:
        """Let every citizen of this test hang up."""
        for phone in self._phones:
            await phone.close()

    async def members(self) -> set[str]:
        """Return the endpoints that are members of the queue, as Asterisk's own console lists them."""
        return set(await Floor(self.asterisk, self.hotline).members())

    async def ended_call(self, number: str) -> CallRow:
        """Return the last call from `number`, with its parts, as soon as the ledger has its end."""
        parts = (CallRow.legs, CallRow.offers, CallRow.segments)
        newest = (
            select(CallRow)
            .where(CallRow.caller == number)
            .order_by(CallRow.started_at.desc())
            .limit(1)
            .options(*map(selectinload, parts))
        )

        async def has_ended() -> CallRow | None:
            async with self.centre.ledger.reading() as session:
                row = await session.scalar(newest)
                session.expunge_all()  # the end of reading would take its values away
            return row if row is not None and row.outcome else None

        row: CallRow = await until(has_ended, what=f"the call from {number} ended in the ledger")
        return row

    async def end(self, *, failed: bool) -> None:
        """Hang up, give the seats back, close the tabs; then AssertionError for whatever is left over."""
        problems = [problem for desk in self.desks for problem in desk.problems]
        try:
            if failed:
                await self._keep_evidence()
            await self.hang_up()
            if failed:
                await clear(self.asterisk)
            for person in (*self.desks, *self._operators):
                await until(person.leave, within=15, what="the seat given back")
        finally:
            await self._stack.aclose()
        await check_aftermath(Floor(self.asterisk, self.hotline))
        assert problems == []

    async def _keep_evidence(self) -> None:
        for number, desk in enumerate(self.desks, 1):
            await desk.page.screenshot(path=self.folder / f"desk-{number}.png")
        with self.hotline.log.open("rb") as log, (self.folder / "hotline.log").open("wb") as kept:
            log.seek(self._log_from)
            shutil.copyfileobj(log, kept)
