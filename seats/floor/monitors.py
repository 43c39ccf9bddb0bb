"""Listen, whisper, barge, take over: the shift leader's session beside a call, from his click to its end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import UnitOfWork
from core.errors import HotlineError
from core.ids import new_id
from core.security import Principal, audit
from seats.floor.errors import (
    AlreadyTakenOver,
    MonitorFromNotReady,
    NoMonitor,
    NothingToHear,
    OwnCall,
)
from seats.floor.events import MonitorUpdated
from seats.floor.models import CALLING, Monitor, MonitorStep
from seats.floor.phones import lend
from seats.floor.ports import Floor, Legs, Line
from seats.leases import find_seat, lease_at, lease_of
from seats.models import AgentSession
from seats.room import SeatRoom
from telephony.calls import Call
from telephony.errors import NoSuchChannel
from telephony.events import MonitorChanged
from telephony.monitor_legs import Mode, MonitorOrder

log = structlog.get_logger(__name__)

TOLD: tuple[Mode, ...] = ("barge", "take_over")
"""Modes in which somebody but the shift leader hears the difference: the agent is told who it is."""


@dataclass(frozen=True)
class Talk:
    """Who talks at a seat now: the call, and the channels of both sides."""

    call_id: str
    agent: str
    caller: str


@dataclass(frozen=True)
class Monitoring:
    """What monitor sessions need besides the seats."""

    room: SeatRoom
    legs: Legs
    floor: Floor
    line: Line


def talk_at(calls: Mapping[str, Call], endpoint: str) -> Talk | None:
    """Return the conversation at a seat, None if nobody talks there (pure)."""
    for call in calls.values():
        caller = call.caller_leg
        for segment in call.segments:
            leg = call.legs.get(segment.uniqueid)
            if segment.open and segment.endpoint == endpoint and leg and caller:
                return Talk(call.id, leg.channel, caller.channel)
    return None


async def begin(parts: Monitoring, who: Principal, seat: str, mode: Mode) -> Monitor:
    """Call the shift leader's telephone and let it hear the call at a seat; an earlier session of his ends.

    Raises NothingToHear, OwnCall, MonitorFromNotReady, NoManagerPhone, PhoneSilent, or what the switch raises.
    """
    room = parts.room
    async with room.reading() as session:
        place = await find_seat(session, seat, room.settings.physical_seats)
        agent = await lease_at(session, place.endpoint)
        own = await lease_of(session, who.account_id)
    talk = talk_at(parts.line.calls, place.endpoint)
    if agent is None or talk is None:
        raise NothingToHear(seat=seat)
    phone = await _phone(room, who, own, agent)
    await end_open(parts, who)
    row = await _open(room, who, agent, talk.call_id, phone)
    order = MonitorOrder(
        monitor=row.id, phone=phone, target=talk.agent, caller=talk.caller, call_id=talk.call_id
    )
    try:
        channel = await parts.legs.begin(order, mode)
    except HotlineError as error:
        await _close(room, row.id, error.code.lower()[:16])
        raise
    return await _began(room, who, row.id, channel, mode)


async def change_mode(parts: Monitoring, who: Principal, monitor: str, mode: Mode) -> Monitor:
    """Let a session go on in another mode; take_over is its last one. NoMonitor, AlreadyTakenOver, NothingToHear."""
    row = await _mine(parts.room, who, monitor)
    if row.mode == mode:
        return row
    if row.mode == "take_over":
        raise AlreadyTakenOver()
    if mode == "take_over" and talk_at(parts.line.calls, f"seat{row.seat}") is None:
        raise NothingToHear(seat=row.seat)
    try:
        await parts.legs.lead(row.id, row.channel, mode)
    except NoSuchChannel:
        await _close(parts.room, row.id, "lost")
        raise NoMonitor() from None
    return _in_mode(await one(parts.room, who, monitor), mode)


async def end(parts: Monitoring, who: Principal, monitor: str) -> None:
    """Hang the shift leader's leg up; after a take-over that ends the call as well. NoMonitor."""
    await _hang_up(parts, await _mine(parts.room, who, monitor))


async def end_open(parts: Monitoring, who: Principal) -> None:
    """End whatever session of his is still open."""
    async with parts.room.reading() as session:
        row = await session.scalar(
            select(Monitor).where(Monitor.account_id == who.account_id, Monitor.ended_at.is_(None))
        )
    if row is not None and row.mode == "take_over":
        raise AlreadyTakenOver()
    if row is not None:
        await _hang_up(parts, row)
        await _close(parts.room, row.id, "replaced")


async def on_changed(room: SeatRoom, event: MonitorChanged) -> None:
    """The switch says what a leg does: believed, written down, told. Repeated words change nothing."""
    if event.mode == "ended":
        await _close(room, event.monitor, "hung_up", event.at)
        return
    async with room.database.unit_of_work() as uow:
        row = await _locked(uow.session, event.monitor)
        if row is None or row.mode == event.mode or row.mode == "take_over":
            return
        row.mode, row.channel = event.mode, event.channel
        uow.session.add(MonitorStep(monitor_id=row.id, mode=row.mode, at=event.at))
        action = "call.taken_over" if row.mode == "take_over" else f"monitor.{row.mode}"
        _audit(uow, row, event.at, action)
        _tell(uow, row, event.at)


async def verify(parts: Monitoring) -> None:
    """After a gap: end the sessions whose leg Asterisk no longer has. Raises what the switch raises."""
    present = {channel.name for channel in await parts.floor.channels()}
    async with parts.room.reading() as session:
        rows = (await session.scalars(select(Monitor).where(Monitor.ended_at.is_(None)))).all()
    for row in rows:
        if row.channel not in present:
            await _close(parts.room, row.id, "lost")


async def opened(room: SeatRoom) -> list[Monitor]:
    """Return the sessions under way, oldest first."""
    async with room.reading() as session:
        query = select(Monitor).where(Monitor.ended_at.is_(None)).order_by(Monitor.started_at)
        return list(await session.scalars(query))


async def one(room: SeatRoom, who: Principal, monitor: str) -> Monitor:
    """Return a session of `who`, over or not; NoMonitor."""
    async with room.reading() as session:
        row = await session.get(Monitor, monitor)
    if row is None or row.account_id != who.account_id:
        raise NoMonitor()
    return row


async def _phone(
    room: SeatRoom, who: Principal, own: AgentSession | None, agent: AgentSession
) -> str:
    """Return the telephone to call: that of his own seat while it is paused, else one lent to him."""
    if own is None:
        return await lend(room, who)
    if own.id == agent.id:
        raise OwnCall()
    if own.state != "not_ready" or own.wanted:
        raise MonitorFromNotReady(seat=own.seat_number)
    return own.endpoint


async def _open(
    room: SeatRoom, who: Principal, agent: AgentSession, call_id: str, phone: str
) -> Monitor:
    async with room.database.unit_of_work() as uow:
        now = room.clock()
        row = Monitor(
            id=new_id(),
            account_id=who.account_id,
            leader=who.display_name,
            call_id=call_id,
            seat=agent.seat_number,
            agent_account_id=agent.account_id,
            agent_name=agent.agent_name,
            phone=phone,
            channel="",
            mode=CALLING,
            started_at=now,
            end_reason="",
        )
        uow.session.add(row)
        _audit(uow, row, now, "monitor.begin")
        _tell(uow, row, now)
        return row


async def _began(room: SeatRoom, who: Principal, monitor: str, channel: str, mode: Mode) -> Monitor:
    """Know the leg at once: the next click may be quicker than the fact that names it."""
    async with room.database.unit_of_work() as uow:
        row = await _locked(uow.session, monitor)
        if row is not None and not row.channel:
            row.channel = channel
    return _in_mode(await one(room, who, monitor), mode)


def _in_mode(row: Monitor, mode: Mode) -> Monitor:
    """Return the session as Asterisk has just confirmed it; the fact that says so is written in its turn."""
    row.mode = mode
    return row


async def _close(room: SeatRoom, monitor: str, reason: str, at: datetime | None = None) -> None:
    async with room.database.unit_of_work() as uow:
        row = await _locked(uow.session, monitor)
        if row is None or row.ended_at is not None:
            return
        row.ended_at, row.end_reason = at or room.clock(), reason
        _audit(uow, row, row.ended_at, "monitor.end", reason=reason)
        _tell(uow, row, row.ended_at)


async def _hang_up(parts: Monitoring, row: Monitor) -> None:
    try:
        await parts.floor.hangup(row.channel)
    except NoSuchChannel:
        await _close(parts.room, row.id, "lost")


async def _mine(room: SeatRoom, who: Principal, monitor: str) -> Monitor:
    row = await one(room, who, monitor)
    if row.ended_at is not None or not row.channel:
        raise NoMonitor()
    return row


async def _locked(session: AsyncSession, monitor: str) -> Monitor | None:
    row: Monitor | None = await session.scalar(
        select(Monitor).where(Monitor.id == monitor).with_for_update()
    )
    if row is None:
        log.warning("a leg of no monitor session", monitor=monitor[:40])
    return row


def _audit(uow: UnitOfWork, row: Monitor, at: datetime, action: str, **details: str) -> None:
    by, target = f"account:{row.account_id}", f"call:{row.call_id}"
    audit(uow.session, at, by, action, target, seat=row.seat, monitor=row.id, **details)


def _tell(uow: UnitOfWork, row: Monitor, at: datetime) -> None:
    told = row.mode in TOLD and row.ended_at is None
    uow.publish(replace(updated(row), at=at, agent_told=told))


def updated(row: Monitor) -> MonitorUpdated:
    """Return a session as the screens hear of it, nobody else being told."""
    return MonitorUpdated(
        at=row.started_at,
        by=f"account:{row.account_id}",
        account_id=row.account_id,
        leader=row.leader,
        monitor=row.id,
        seat=row.seat,
        agent_name=row.agent_name,
        agent_account_id=row.agent_account_id,
        call_id=row.call_id,
        phone=row.phone,
        mode=cast(Mode, row.mode) if row.mode else None,
        started_at=row.started_at,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
    )
