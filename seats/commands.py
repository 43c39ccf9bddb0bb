"""What agents ask for. Asterisk first: a state becomes true when Asterisk has confirmed it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from core.security import Principal
from seats.alignment import Desired, put
from seats.effects import Align
from seats.errors import (
    BadPauseReason,
    DeviceNotRegistered,
    NotAtASeat,
    SignInUnfinished,
    SwitchUnavailable,
    WrapUpAlreadyExtended,
    WrapUpNotRunning,
)
from seats.leases import lease_of
from seats.models import AgentSession
from seats.reasons import CHOOSABLE
from seats.room import SWITCH_FAILURES, SeatRoom, Work
from seats.states import COMMANDS, IN_CALL, SIGN_OUT
from seats.steps import CONFIRM_WITHIN, Step, announce, take, wish_pause
from seats.views import SeatSession, session_view


async def set_ready(room: SeatRoom, principal: Principal) -> SeatSession:
    """Ask Asterisk to offer calls to the agent; `ready` comes with its event.

    During a call it only takes back a wish for a pause. Raises DeviceNotRegistered or SwitchUnavailable.
    """
    async with my_turn(room, principal) as endpoint:
        async with room.lease(endpoint) as (work, row):
            row = _mine(row, principal)
            if row.wanted == SIGN_OUT:
                # Who has been told to leave after the call leaves now, if it is over.
                row.check_at = row.check_at if row.state in IN_CALL else room.clock()
                return session_view(row)
            if row.state in IN_CALL:
                wish_pause(work, row, "", room.clock(), principal.by)
            if row.state == "wrap_up" and row.leaves_at and row.leaves_at <= room.clock():
                # The plan takes the seat back after the wrap-up, which the agent ends now: the sweep lets him go.
                row.wanted, row.deadline, row.check_at = "", room.clock(), room.clock()
                return session_view(row)
            if row.state in IN_CALL or row.state == "ready":
                return session_view(row)
        if row.device_lost_at is not None and not await _reachable(room, endpoint):
            raise DeviceNotRegistered(seat=row.seat_number)
        await ask_ready(room, row)
        async with room.reading() as session:
            return session_view(_still(await lease_of(session, row.account_id), row))


async def ask_ready(room: SeatRoom, row: AgentSession) -> None:
    """Note the wish, tell Asterisk, take the wish back if it refuses; the caller holds the seat's turn."""
    async with room.lease(row.endpoint) as (_, current):
        current = _still(current, row)
        current.wanted, current.wanted_reason = "ready", ""
        current.check_at = room.clock() + CONFIRM_WITHIN
    try:
        await put(room, current.endpoint, Desired(False))
    except SWITCH_FAILURES as error:
        async with room.lease(row.endpoint) as (_, current):
            current = _still(current, row)
            if current.wanted == "ready":
                current.wanted, current.check_at = "", current.deadline
        raise SwitchUnavailable() from error


async def set_not_ready(room: SeatRoom, principal: Principal, reason: str) -> SeatSession:
    """Pause the agent in Asterisk, then here; during a call the pause is remembered for after the wrap-up.

    Raises BadPauseReason or SwitchUnavailable.
    """
    if reason not in CHOOSABLE:
        raise BadPauseReason(reason=reason[:16])
    async with my_turn(room, principal) as endpoint:
        async with room.lease(endpoint) as (work, row):
            row = _mine(row, principal)
            if row.state in IN_CALL:
                return _remember_pause(room, work, row, reason, principal.by)
            if row.wanted == "ready":
                row.wanted, row.check_at = "", row.deadline
        try:
            await put(room, row.endpoint, Desired(True, reason))
        except SWITCH_FAILURES as error:
            raise SwitchUnavailable() from error
        return await pause_confirmed(room, row, reason, principal.by)


async def pause_confirmed(room: SeatRoom, row: AgentSession, reason: str, by: str) -> SeatSession:
    """Enter not_ready after Asterisk has paused the member, unless an offer came first."""
    async with room.lease(row.endpoint) as (work, current):
        current = _still(current, row)
        if current.state in IN_CALL:
            return _remember_pause(room, work, current, reason, by)
        step = Step("paused", room.clock(), by=by, reason=reason)
        take(work, current, step, room)
        return session_view(current)


async def extend_wrap_up(room: SeatRoom, principal: Principal) -> SeatSession:
    """Prolong the wrap-up by its length, once. Raises WrapUpNotRunning or WrapUpAlreadyExtended."""
    async with my_turn(room, principal) as endpoint, room.lease(endpoint) as (work, row):
        row = _mine(row, principal)
        ending = row.state not in COMMANDS["extend_wrap_up"] or row.wanted == "ready"
        if ending or row.deadline is None:
            raise WrapUpNotRunning()
        if row.extended:
            raise WrapUpAlreadyExtended()
        row.deadline += timedelta(seconds=room.settings.wrap_up_seconds)
        row.check_at, row.extended = row.deadline, True
        step = Step("talk_over", room.clock(), by=principal.by, reason=row.reason)
        announce(work, row, step, "wrap_up")
        return session_view(row)


@asynccontextmanager
async def my_turn(room: SeatRoom, principal: Principal) -> AsyncIterator[str]:
    """Hold the turn of the agent's seat and yield its endpoint; NotAtASeat if there is none."""
    async with room.reading() as session:
        row = await lease_of(session, principal.account_id)
    if row is None:
        raise NotAtASeat()
    async with room.effects.lock(row.endpoint):
        yield row.endpoint


def _mine(row: AgentSession | None, principal: Principal) -> AgentSession:
    if row is None or row.account_id != principal.account_id:
        raise NotAtASeat()
    if row.state == "signed_out":
        raise SignInUnfinished()
    return row


def _still(row: AgentSession | None, before: AgentSession) -> AgentSession:
    if row is None or row.id != before.id:
        raise NotAtASeat()
    return row


def _remember_pause(
    room: SeatRoom, work: Work, row: AgentSession, reason: str, by: str
) -> SeatSession:
    if row.wanted != SIGN_OUT:
        wish_pause(work, row, reason, room.clock(), by)
    if row.state == "ringing":
        work.later(Align(row.endpoint))
    return session_view(row)


async def _reachable(room: SeatRoom, endpoint: str) -> bool:
    try:
        return endpoint in await room.switch.reachable_endpoints()
    except SWITCH_FAILURES as error:
        raise SwitchUnavailable() from error
