"""What follows when a seat stops ringing: pure."""

from dataclasses import dataclass

from seats.states import Trigger
from telephony.events import OfferResult


@dataclass(frozen=True)
class AfterOffer:
    """The trigger and reason for the agent's state; `missed`: managers hear of it."""

    trigger: Trigger
    reason: str = ""
    missed: bool = False
    kept_ready: bool = False


def after_offer(
    result: OfferResult, *, wanted: str, wanted_reason: str, last_ready: bool
) -> AfterOffer:
    """Decide what an unanswered offer means for the agent.

    A pause that the agent asked for is granted whatever the result. No answer pauses as missed_call and a
    device fault as system, but never the last ready seat. A rejection is the agent's choice about this one
    call: Asterisk offers it to the next agent and the agent stays ready, as when the caller gave up.
    """
    missed = result == "no_answer"
    if wanted == "not_ready":
        return AfterOffer("offer_missed", wanted_reason, missed)
    if missed or result == "failed":
        if last_ready:
            return AfterOffer("offer_over", missed=missed, kept_ready=True)
        return AfterOffer("offer_missed", "missed_call" if missed else "system", missed)
    return AfterOffer("offer_over")
