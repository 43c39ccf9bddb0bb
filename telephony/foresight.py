"""What AgentCalled will amount to, before the facts ahead of it are stored: the screen-pop does not wait (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from telephony import facts as f
from telephony.ami_frames import AmiEvent
from telephony.calls import Call
from telephony.events import CallOffered, OfferForeseen
from telephony.fold import fold
from telephony.messages import call_id_in, fact_of


def offer_foreseen(
    calls: Mapping[str, Call], ahead: Iterable[AmiEvent], rung: AmiEvent, now: datetime
) -> OfferForeseen | None:
    """Return the offer that `rung` brings once the events `ahead` of it are folded into `calls`; None if none.

    The same fold over the same facts: CallOffered, told after the commit, says the same.
    """
    call_id = call_id_in(rung.variables.get("CALL_UUID", ""))
    if not call_id:
        return None
    call, mark = calls.get(call_id), call_id.encode()
    for event in ahead:
        if mark in event.frame:
            call, _ = _folded(call_id, call, event, now)
    _, offer = _folded(call_id, call, rung, now)
    return None if offer is None else OfferForeseen(at=offer.at, call_id=call_id, offer=offer)


def _folded(
    call_id: str, call: Call | None, event: AmiEvent, now: datetime
) -> tuple[Call | None, CallOffered | None]:
    fact = fact_of(event, now)
    if not isinstance(fact, f.ChannelFact):
        return call, None
    call, happened = fold(call, replace(fact, call_id=call_id))
    return call, next((each for each in happened if isinstance(each, CallOffered)), None)
