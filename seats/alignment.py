"""Asterisk's queue members follow the leases: what each should be, and how it is made so."""

from dataclasses import dataclass

import structlog

from seats.effects import Penalties
from seats.leases import lease_at
from seats.models import AgentSession
from seats.ports import SwitchMember
from seats.reasons import WRAP_UP
from seats.room import SWITCH_FAILURES, SeatRoom
from seats.skill_book import penalties_now
from seats.skills import UNSKILLED
from telephony.errors import NotMember

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Desired:
    """How the queue member of a lease should stand."""

    paused: bool
    reason: str = ""


def desired_member(row: AgentSession) -> Desired | None:
    """Return how the member should stand; None where both ways are right (pending sign-in, ringing).

    Talking is already a pause with the reason wrap_up, so that the member cannot be offered the next call.
    """
    match row.state, row.wanted:
        case ("talking", _):
            return Desired(True, WRAP_UP)
        case ("ready", _) | ("wrap_up" | "not_ready", "ready"):
            return Desired(False)
        case ("wrap_up", _):
            return Desired(True, WRAP_UP)
        case ("not_ready", _):
            return Desired(True, row.reason)
        case ("ringing", "not_ready"):
            return Desired(True, row.wanted_reason)
        case _:
            return None


async def align(room: SeatRoom, endpoint: str) -> None:
    """Make Asterisk's member agree with the lease of a seat; the caller holds the seat's turn.

    What Asterisk refuses now is tried again by the sweep's comparison and after every reconnect.
    """
    async with room.reading() as session:
        row = await lease_at(session, endpoint)
        desired = desired_member(row) if row is not None else None
    if row is None:
        await remove(room, endpoint)
    elif desired is not None:
        try:
            await put(room, row.endpoint, desired)
        except SWITCH_FAILURES as error:
            log.warning("queue member not aligned", endpoint=endpoint, error=repr(error))


async def put(room: SeatRoom, endpoint: str, desired: Desired) -> SwitchMember:
    """Make Asterisk's member stand as desired, adding it if there is none; raises what the switch raises.

    The member carries no name: Asterisk's own log then names the seat, and no person.
    """
    try:
        return await room.switch.pause_member(endpoint, desired.paused, desired.reason)
    except NotMember:
        return await add(room, endpoint, desired)


async def add(room: SeatRoom, endpoint: str, desired: Desired) -> SwitchMember:
    """Add the member with the penalty of its agent's skills; others may have to stand for something else now."""
    async with room.reading() as session:
        penalty = (await penalties_now(session)).get(endpoint, UNSKILLED)
    room.effects.request(Penalties())
    return await room.switch.add_member(
        endpoint, penalty=penalty, paused=desired.paused, reason=desired.reason
    )


async def remove(room: SeatRoom, endpoint: str) -> None:
    """Take the member out of the queue; an absent switch is no failure, the comparison comes later."""
    try:
        await room.switch.remove_member(endpoint)
    except NotMember:
        return
    except SWITCH_FAILURES as error:
        log.warning("queue member not removed", endpoint=endpoint, error=repr(error))


async def leg_alive(room: SeatRoom, endpoint: str, call_id: str | None) -> bool:
    """Ask Asterisk whether the seat still has a channel in the call; raises what the switch raises."""
    return bool(await legs(room, endpoint, call_id))


async def legs(room: SeatRoom, endpoint: str, call_id: str | None) -> list[str]:
    """Return the names of the seat's channels in the call."""
    if call_id is None:
        return []
    channels = await room.switch.call_channels(call_id)
    return [name for name in channels if name.startswith(f"PJSIP/{endpoint}-")]
