"""The pure fold: one call and one fact give the next call and what is to be told about it."""

from dataclasses import dataclass, replace
from datetime import datetime

from telephony import facts as f
from telephony.announce import announce
from telephony.apply import apply, end_offer, proven, with_segment
from telephony.calls import Call, Leg, Offer, Segment
from telephony.events import CallEvent, SegmentEnd
from telephony.states import OFFER_TRIGGER_OF_CAUSE, OfferTrigger, Standing, next_phase, outcome_of


@dataclass(frozen=True)
class Divergence:
    """Asterisk said what the tables do not expect; recorded, counted, and never an error."""

    call_id: str
    at: datetime
    what: str


Happening = CallEvent | Divergence


def fold(call: Call | None, fact: f.ChannelFact) -> tuple[Call, list[Happening]]:
    """Return the call after `fact`, and what happened; `None` is a call that is not known yet.

    Total: any fact in any order gives a call, never an exception. The same facts give the same call.
    """
    before = call or _born(fact)
    notes: list[str] = []
    after = _settle(apply(before, fact, notes), fact)
    after = _walk(after, fact, notes)
    after = replace(
        after,
        last_at=max(before.last_at, fact.at),
        facts=before.facts + 1,
        divergences=before.divergences + len(notes),
    )
    happenings: list[Happening] = [*announce(before, after, fact.at)]
    happenings += [Divergence(after.id, fact.at, note) for note in notes]
    return after, happenings


def replay(facts: list[f.ChannelFact]) -> Call:
    """Return the call that the recorded facts amount to; ValueError when there are none."""
    call: Call | None = None
    for fact in facts:
        call, _ = fold(call, fact)
    if call is None:
        raise ValueError("no facts")
    return call


def _born(fact: f.ChannelFact) -> Call:
    return Call(
        id=fact.call_id,
        started_at=fact.at,
        phase_since=fact.at,
        last_at=fact.at,
        linkedid=fact.linkedid,
    )


# -- what the parts amount to


def _settle(call: Call, fact: f.ChannelFact) -> Call:
    """Bring offers, segments and the outcome in line with the legs."""
    caller = call.caller_leg
    over = "switch_lost" in call.evidence or (caller is not None and not caller.live)
    for offer in call.offers:
        if offer.open and (trigger := _offer_trigger(call, caller, offer, over)):
            call = end_offer(call, offer.uniqueid, trigger, fact.at)
    for leg in call.legs.values():
        call = _talk(call, caller, leg, fact)
    if call.outcome is None and (over or (caller is None and call.legs and not call.live_legs)):
        left = fact.at if call.in_queue else call.left_queue_at
        call = replace(
            call,
            outcome=outcome_of(call.evidence),
            ended_at=fact.at,
            in_queue=False,
            left_queue_at=left,
        )
    return call


def _offer_trigger(call: Call, caller: Leg | None, offer: Offer, over: bool) -> OfferTrigger | None:
    leg = call.legs[offer.uniqueid]
    if _together(caller, leg):
        return "talk"
    if over:
        return "break_off" if "switch_lost" in call.evidence else "cancel"
    if leg.live:
        return None
    if offer.state == "accepted":
        # Picked up, and gone before both were in the bridge; Asterisk clears the seat's leg first.
        return "cancel" if leg.farewell == "caller" else "leg_gone"
    return OFFER_TRIGGER_OF_CAUSE.get(leg.cause, "leg_gone")


def _together(caller: Leg | None, leg: Leg) -> bool:
    return (
        caller is not None
        and leg.role == "agent"
        and caller.live
        and leg.live
        and caller.bridge != ""
        and caller.bridge == leg.bridge
    )


def _talk(call: Call, caller: Leg | None, leg: Leg, fact: f.ChannelFact) -> Call:
    open_segment = call.segment_of(leg.uniqueid)
    talking = _together(caller, leg)
    if talking and open_segment is None and call.outcome is None:
        offer = call.offer_of(leg.uniqueid)
        segment = Segment(
            number=len(call.segments) + 1,
            endpoint=leg.endpoint,
            uniqueid=leg.uniqueid,
            attempt=offer.attempt if offer else 0,
            started_at=fact.at,
        )
        return proven(replace(call, segments=(*call.segments, segment)), "talked")
    if not talking and open_segment is not None:
        if caller is not None and caller.live and (heir := _heir(call, leg)):
            return with_segment(call, replace(open_segment, uniqueid=heir.uniqueid))
        if caller is not None and caller.live and any(x.takes_over for x in call.live_legs):
            return call  # on his way from one bridge to the other, the caller talks with nobody for a moment
        reason = _why(caller, leg, fact)
        return with_segment(call, replace(open_segment, ended_at=fact.at, reason=reason))
    return call


def _heir(call: Call, leg: Leg) -> Leg | None:
    """Return the leg that takes the place of `leg`, which may be on its way itself: the talk goes on."""
    return next((x for x in call.live_legs if x.resumes and x.endpoint == leg.endpoint), None)


def _why(caller: Leg | None, leg: Leg, fact: f.ChannelFact) -> SegmentEnd:
    if isinstance(fact, f.SwitchRestarted):
        return "failed"
    if leg.farewell is not None:
        return leg.farewell
    return "caller" if caller is not None and fact.uniqueid == caller.uniqueid else "agent"


def _walk(call: Call, fact: f.ChannelFact, notes: list[str]) -> Call:
    standing = _standing(call)
    phase, known = next_phase(call.phase, standing)
    if not known:
        notes.append(f"call {call.phase}: {standing}")
    return call if phase == call.phase else replace(call, phase=phase, phase_since=fact.at)


def _standing(call: Call) -> Standing:
    if call.outcome is not None:
        return "is_over"
    if any(segment.open for segment in call.segments):
        return "talks"
    if any(offer.state == "accepted" for offer in call.offers):
        return "connects"
    if any(offer.open for offer in call.offers):
        return "rings"
    return "waits" if call.in_queue else "routes"
