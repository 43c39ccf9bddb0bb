"""What the switch tells of queue members and devices: compared with the leases, believed or corrected."""

from datetime import datetime

import structlog

from seats.effects import Align
from seats.leases import lease_at
from seats.models import AgentSession
from seats.reasons import from_switch
from seats.room import SeatRoom
from seats.states import Trigger
from seats.steps import Step, take, wish_pause
from telephony.events import DeviceChanged, MemberChanged, MemberRemoved

log = structlog.get_logger(__name__)


async def on_member_changed(room: SeatRoom, event: MemberChanged) -> None:
    """Asterisk's word on a member: confirms what was asked for, or shows what must be corrected."""
    async with room.reading() as session:
        known = await lease_at(session, event.endpoint)
    if known is None or not _tells_news(known, event):
        if known is None:
            room.effects.request(Align(event.endpoint))
        return
    async with room.lease(event.endpoint) as (work, row):
        if row is None:
            return
        row.member_paused = event.paused
        note_device(row, room.clock(), reachable=event.reachable)
        trigger = confirmed(row, paused=event.paused)
        if trigger is not None:
            reason = "" if trigger == "unpaused" else from_switch(event.reason)
            step = Step(trigger, event.at, cause=event.id, reason=reason)
            take(work, row, step, room)
        elif row.state == "ringing" and event.paused and not row.wanted:
            wish_pause(work, row, from_switch(event.reason), event.at, event.by)
        if not event.paused and row.state in {"not_ready", "talking", "wrap_up"}:
            work.later(Align(event.endpoint))


def confirmed(row: AgentSession, *, paused: bool) -> Trigger | None:
    """Return the trigger that the member's pause is for this session, None if it confirms nothing.

    An unpaused member makes an agent ready only if the agent asked for it: readiness is the agent's intent.
    A paused member is never ready, whoever paused it.
    """
    match row.state:
        case "signed_out":
            return "member_added" if paused else None
        case "ready":
            return "paused" if paused else None
        case "not_ready" | "wrap_up":
            return "unpaused" if not paused and row.wanted == "ready" else None
        case _:
            return None


async def on_member_removed(room: SeatRoom, event: MemberRemoved) -> None:
    """A member is gone; if its seat is still leased after the seat's turn, it is added again."""
    async with room.lease(event.endpoint) as (_, row):
        if row is None or row.state == "signed_out":
            return
        row.member_paused = None
    log.info("queue member gone", endpoint=event.endpoint)
    room.effects.request(Align(event.endpoint))


async def on_device_changed(room: SeatRoom, event: DeviceChanged) -> None:
    """The telephone of a seat registered or went away; the sweep judges how long it is gone."""
    async with room.lease(event.endpoint) as (_, row):
        if row is not None:
            note_device(row, room.clock(), reachable=event.reachable)


def note_device(row: AgentSession, at: datetime, *, reachable: bool) -> None:
    """Remember since when the telephone is gone, None while it is there."""
    if reachable:
        row.device_lost_at = None
    elif row.device_lost_at is None:
        row.device_lost_at = at


def _tells_news(row: AgentSession, event: MemberChanged) -> bool:
    """Most member events are ringing and in-use flickers: they need no transaction."""
    settled = row.member_paused == event.paused and confirmed(row, paused=event.paused) is None
    return not settled or (row.device_lost_at is None) != event.reachable
