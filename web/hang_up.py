"""Ending a call from the desktop: an agent ends his own, a shift leader any."""

from collections.abc import Mapping

from core.errors import HotlineError, NotFound
from core.security import Principal, Role
from telephony.calls import Call
from telephony.errors import NoSuchChannel
from telephony.switch import Switch
from web.live_hub import Hub

REJECTED = 21  # Q.850: call rejected; the queue goes on to the next agent
NORMAL = 16


class NotYourCall(HotlineError):
    code, status = "NOT_YOUR_CALL", 409
    zh, en = "此通话不在您的坐席上", "This call is not at your seat"


async def hang_up(
    switch: Switch, calls: Mapping[str, Call], hub: Hub, who: Principal, call_id: str
) -> None:
    """Ask Asterisk to end a call: a ringing seat refuses the offer, a talking one ends the conversation.

    NotFound if the call is over, NotYourCall if it is at another seat. The events tell when it is done.
    """
    call = calls.get(call_id)
    if call is None or call.ended_at is not None:
        raise NotFound(what="call")
    channel, cause = _target(call, hub, who)
    try:
        await switch.hangup(channel, cause)
    except NoSuchChannel:
        raise NotFound(what="call") from None


def _target(call: Call, hub: Hub, who: Principal) -> tuple[str, int]:
    session = hub.desk(who.account_id).session
    endpoint = session.endpoint if session else ""
    caller = call.caller_leg
    if caller and (who.may(Role.SHIFT_LEADER) or talks(call, endpoint)):
        return caller.channel, NORMAL
    for offer in call.offers:
        leg = call.legs.get(offer.uniqueid)
        if leg and offer.open and offer.endpoint == endpoint:
            return leg.channel, REJECTED
    raise NotYourCall()


def talks(call: Call, endpoint: str) -> bool:
    """Tell whether the seat talks in this call now."""
    return any(part.open and part.endpoint == endpoint for part in call.segments)
