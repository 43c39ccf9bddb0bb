"""Two calls at one seat: Asterisk can offer a second one when a device state lags. One of them is real."""

import structlog

from seats.alignment import align, legs
from seats.effects import SecondOffer
from seats.leases import lease_at
from seats.models import AgentSession
from seats.room import SeatRoom
from seats.states import IN_CALL, fits
from seats.steps import Step, announce, ring, take

log = structlog.get_logger(__name__)

USER_BUSY = 17


async def settle(room: SeatRoom, offer: SecondOffer) -> None:
    """Believe the offer if the seat's former call is gone; else drop it, and the queue goes on to the next agent.

    The caller holds the seat's turn. Raises what the switch raises: then the offer rings until it is answered
    or times out, and the facts that follow are believed.
    """
    async with room.reading() as session:
        row = await lease_at(session, offer.endpoint)
    if row is None or (row.state in IN_CALL and row.call_id == offer.call_id):
        return
    ringing = await legs(room, offer.endpoint, offer.call_id)
    if not ringing:
        return
    if await _adopt(room, row, offer):
        return
    log.warning("second offer dropped", endpoint=offer.endpoint, call_id=offer.call_id)
    for name in ringing:
        await room.switch.hangup(name, USER_BUSY)
    await align(room, offer.endpoint)


async def _adopt(room: SeatRoom, before: AgentSession, offer: SecondOffer) -> bool:
    """Let the seat ring with the offer if nothing else occupies it; tell whether it does."""
    stale = before.state == "ringing" and not await legs(room, offer.endpoint, before.call_id)
    step = Step("offered", room.clock(), call_id=offer.call_id, attempt=offer.attempt)
    async with room.lease(offer.endpoint) as (work, row):
        if row is None:
            return False
        if stale and row.state == "ringing" and row.call_id == before.call_id:
            ring(row, step, room)
            announce(work, row, step, "ringing")
            return True
        if not fits(row.state, "offered"):
            return False
        return take(work, row, step, room)
