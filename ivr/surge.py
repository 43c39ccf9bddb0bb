"""Surge mode: a banner that every caller hears before the queue, until it lapses by itself (telephony spec 3)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.db import Database, UnitOfWork
from core.errors import HotlineError, NotFound
from core.security import Principal, audit
from ivr.banner_sound import check_text, speak_banner, take_recording
from ivr.events import CallerAskedToBeInformed, Sound, SurgeChanged
from ivr.surge_models import Surge, SurgeInform

log = structlog.get_logger(__name__)

LONGEST = timedelta(days=7)
FOLDER = "surge"


class SurgeTime(HotlineError):
    code, status = "SURGE_TIME", 422
    zh, en = "结束时间须在今后 7 天之内", "It must end within the next 7 days"


@dataclass(frozen=True)
class Banner:
    """What a caller hears: the prompt below Asterisk's sounds/hotline, and whether he may ask for word."""

    surge_id: int
    prompt: str
    offers_inform: bool


class SurgeService:
    """The switch of the banner. `sounds` is Asterisk's sounds/hotline; speaking is done in a thread.

    Until its sound is there, and when it cannot be made, callers go on to the queue without it.
    """

    def __init__(self, database: Database, clock: Clock, sounds: Path) -> None:
        self._database, self._clock, self._folder = database, clock, sounds / FOLDER
        self._speaking: set[asyncio.Task[None]] = set()

    async def start(self) -> SurgeChanged | None:
        """Go on with what a former process left; return the banner in force."""
        async with self._database.reading() as session:
            row = await _open(session)
            if row is None:
                return None
            if row.sound == "making":
                self._speak(row.id, row.text)
            return await _changed(session, row, self._clock())

    async def close(self) -> None:
        for task in self._speaking:
            task.cancel()
        await asyncio.gather(*self._speaking, return_exceptions=True)

    async def settled(self) -> None:
        """Return when nothing is being spoken."""
        await asyncio.gather(*self._speaking)

    async def announce(
        self, who: Principal, text: str, areas: str, ends_at: datetime, *, offers_inform: bool
    ) -> SurgeChanged:
        """Put a banner in force, in the place of another one. SurgeTime, or PromptText for what cannot be read."""
        now = self._clock()
        if not now < ends_at <= now + LONGEST:
            raise SurgeTime()
        words = f"{text} 涉及{areas}。" if areas else text
        await asyncio.to_thread(check_text, words)
        async with self._database.unit_of_work() as uow:
            await self._end(uow, who.by)
            row = Surge(
                text=words, areas=areas, offers_inform=offers_inform, sound="making",
                started_by=who.display_name, starts_at=now, ends_at=ends_at,
            )  # fmt: skip
            uow.session.add(row)
            await uow.session.flush()
            details = {"text": words, "areas": areas, "ends_at": ends_at.isoformat()}
            audit(uow.session, now, who.by, "surge.on", f"surge:{row.id}", **details)
            changed = await _changed(uow.session, row, now)
            uow.publish(changed)
        self._speak(row.id, row.text)
        return changed

    async def use_recording(self, who: Principal, body: bytes) -> SurgeChanged:
        """Let callers hear an uploaded recording in the place of the voice; BannerSound, NotFound."""
        now = await self.in_force()
        if now is None:
            raise NotFound(what="surge")
        await self.settled()
        await asyncio.to_thread(take_recording, self._folder, str(now.surge_id), body)
        return await self._sound_is(now.surge_id, "ready", who.by)

    async def end(self, who: Principal) -> None:
        """Take the banner back; callers who hear it already hear it to its end."""
        async with self._database.unit_of_work() as uow:
            await self._end(uow, who.by)

    async def sweep(self) -> None:
        """End a banner whose time is over."""
        now = await self.in_force()
        if now is not None and now.ends_at <= self._clock():
            async with self._database.unit_of_work() as uow:
                await self._end(uow, "system")

    async def in_force(self) -> SurgeChanged | None:
        async with self._database.reading() as session:
            row = await _open(session)
            return await _changed(session, row, self._clock()) if row else None

    # For callers

    async def banner(self) -> Banner | None:
        """Return what a caller hears now, None for nothing."""
        async with self._database.reading() as session:
            row = await _open(session)
            if row is None or row.sound != "ready" or row.ends_at <= self._clock():
                return None
            return Banner(row.id, f"{FOLDER}/{row.id}", row.offers_inform)

    async def ask_to_be_informed(self, surge_id: int, call_id: str, caller: str) -> None:
        """Note that a caller wants word; a second time changes nothing."""
        now = self._clock()
        try:
            async with self._database.unit_of_work() as uow:
                surge = await uow.session.get_one(Surge, surge_id)
                row = SurgeInform(surge_id=surge_id, caller=caller, call_id=call_id, at=now)
                uow.session.add(row)
                await uow.session.flush()
                uow.publish(
                    CallerAskedToBeInformed(
                        at=now, call_id=call_id, caller=caller, surge_id=surge_id, about=surge.text
                    ),
                    await _changed(uow.session, surge, now),
                )
        except IntegrityError:
            log.info("asked to be informed before", call_id=call_id)

    def _speak(self, surge_id: int, text: str) -> None:
        task = asyncio.create_task(self._make_sound(surge_id, text))
        self._speaking.add(task)
        task.add_done_callback(self._speaking.discard)

    async def _make_sound(self, surge_id: int, text: str) -> None:
        sound: Sound = "ready"
        try:
            await asyncio.to_thread(speak_banner, self._folder, str(surge_id), text)
        except Exception:
            # Whatever is wrong with the voice, callers go on to the queue; the shift leader sees it.
            log.exception("the banner could not be spoken")
            sound = "failed"
        await self._sound_is(surge_id, sound, "system")

    async def _sound_is(self, surge_id: int, sound: Sound, by: str) -> SurgeChanged:
        async with self._database.unit_of_work() as uow:
            row = await uow.session.get_one(Surge, surge_id)
            now, row.sound = self._clock(), sound
            audit(uow.session, now, by, f"surge.sound_{sound}", f"surge:{surge_id}")
            changed = await _changed(uow.session, row, now)
            uow.publish(changed)
        return changed

    async def _end(self, uow: UnitOfWork, by: str) -> None:
        row = await _open(uow.session)
        if row is None:
            return
        row.ended_at = now = self._clock()
        row.in_force = None
        audit(uow.session, now, by, "surge.off", f"surge:{row.id}")
        await uow.session.flush()
        uow.publish(await _changed(uow.session, row, now))


async def _open(session: AsyncSession) -> Surge | None:
    row: Surge | None = await session.scalar(select(Surge).where(Surge.in_force.is_(True)))
    return row


async def _changed(session: AsyncSession, row: Surge, at: datetime) -> SurgeChanged:
    query = select(func.count(SurgeInform.id)).where(SurgeInform.surge_id == row.id)
    return SurgeChanged(
        at=at,
        surge_id=row.id,
        text=row.text,
        areas=row.areas,
        offers_inform=row.offers_inform,
        sound=row.sound,
        started_by=row.started_by,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        ended=row.ended_at is not None,
        asked=await session.scalar(query) or 0,
    )
