"""What each kind of fact does to a call, before offers, segments and outcome are settled (pure)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from telephony import facts as f
from telephony.calls import Call, EmergencyAttempt, Leg, Offer, Role, Segment
from telephony.events import SegmentEnd
from telephony.messages import endpoint_of, is_agent, is_seat
from telephony.states import (
    DECLARABLE,
    EMERGENCY_RESULT_OF_DIAL_STATUS,
    OFFER_TRIGGER_OF_DIAL_STATUS,
    Evidence,
    LegTrigger,
    OfferTrigger,
    next_leg,
    next_offer,
)

_RINGING, _UP = 5, 6


def apply(call: Call, fact: f.ChannelFact, notes: list[str]) -> Call:
    """Return the call with what the fact itself says; what it did not expect is appended to `notes`."""
    act = _APPLY.get(type(fact))
    return call if act is None else act(call, fact, notes)


# -- legs


def _with_leg(call: Call, leg: Leg) -> Call:
    return replace(call, legs=MappingProxyType({**call.legs, leg.uniqueid: leg}))


def _known(
    call: Call, uniqueid: str, channel: str, at: datetime, role: Role | None = None
) -> tuple[Call, Leg | None]:
    """Return the call with the leg `uniqueid` in it, and the leg; `role` when the fact makes it certain."""
    if not uniqueid:
        return call, None
    leg = call.legs.get(uniqueid)
    if leg is not None:
        if channel and not leg.channel:
            leg = replace(leg, channel=channel, endpoint=endpoint_of(channel))
            call = _with_leg(call, leg)
        if role == "caller" and leg.role == "other" and call.caller_leg is None:
            leg = replace(leg, role=role)
            call = _with_leg(call, leg)
        return call, leg
    endpoint = endpoint_of(channel)
    leg = Leg(
        uniqueid=uniqueid,
        role=_role(call, endpoint, role),
        started_at=at,
        channel=channel,
        endpoint=endpoint,
    )
    return _with_leg(call, leg), leg


def _role(call: Call, endpoint: str, certain: Role | None) -> Role:
    if certain == "agent" or (certain is None and is_agent(endpoint)):
        return "agent"
    return "caller" if call.caller_leg is None else "other"


def _move(call: Call, leg: Leg, trigger: LegTrigger, notes: list[str]) -> Call:
    """Put the leg, as changed by the fact, into the state that the table gives; a gone leg stays as it was."""
    state, known = next_leg(leg.state, trigger)
    if not known:
        notes.append(f"leg {leg.state}: {trigger}")
    return _with_leg(call, replace(leg, state=state)) if leg.live else call


def _appeared(call: Call, fact: f.ChannelAppeared, _notes: list[str]) -> Call:
    call, leg = _known(call, fact.uniqueid, fact.channel, fact.at)
    if leg is not None and leg.role == "agent" and fact.resumes:
        return _with_leg(call, replace(leg, resumes=True))
    if leg is None or leg.role != "caller" or call.announced:
        return call
    started = min(call.started_at, fact.at)
    return replace(
        call,
        started_at=started,
        linkedid=call.linkedid or fact.linkedid,
        caller=call.caller or fact.caller,
        caller_name=call.caller_name or fact.caller_name,
    )


def _state_seen(call: Call, fact: f.ChannelStateSeen, notes: list[str]) -> Call:
    call, leg = _known(call, fact.uniqueid, fact.channel, fact.at)
    if leg is None:
        return call
    if fact.state == _RINGING:
        return _move(call, leg, "ring", notes)
    if fact.state == _UP:
        return _move(call, replace(leg, answered_at=leg.answered_at or fact.at), "answer", notes)
    return call


def _renamed(call: Call, fact: f.ChannelRenamed, _notes: list[str]) -> Call:
    call, leg = _known(call, fact.uniqueid, fact.channel, fact.at)
    return call if leg is None else _with_leg(call, replace(leg, channel=fact.new_name))


def _gone(call: Call, fact: f.ChannelGone, notes: list[str]) -> Call:
    call, leg = _known(call, fact.uniqueid, fact.channel, fact.at)
    if leg is None or not leg.live:
        return call
    gone = replace(leg, bridge="", ended_at=fact.at, cause=fact.cause)
    return _move(call, gone, "hang_up", notes)


def _hold(call: Call, fact: f.HoldChanged, notes: list[str]) -> Call:
    call, leg = _known(call, fact.uniqueid, fact.channel, fact.at)
    return call if leg is None else _move(call, leg, "hold" if fact.held else "unhold", notes)


def _entered(call: Call, fact: f.BridgeEntered, notes: list[str]) -> Call:
    call, leg = _known(call, fact.uniqueid, fact.channel, fact.at)
    if leg is None:
        return call
    return _move(
        call, replace(leg, bridge=fact.bridge, resumes=False, takes_over=False), "enter", notes
    )


def _left(call: Call, fact: f.BridgeLeft, notes: list[str]) -> Call:
    call, leg = _known(call, fact.uniqueid, fact.channel, fact.at)
    if leg is None or leg.bridge != fact.bridge:
        return call  # it is in another bridge already, or in none
    return _move(call, replace(leg, bridge=""), "leave", notes)


def _transferred(call: Call, fact: f.Transferred, _notes: list[str]) -> Call:
    return _farewell(call, fact.uniqueid, "transfer") if fact.succeeded else call


def _taken_over(call: Call, fact: f.TakenOver, _notes: list[str]) -> Call:
    """Who talks now hands the caller on; the leg of the shift leader is an agent's from here on."""
    call, leg = _known(call, fact.uniqueid, fact.channel, fact.at, "agent")
    if leg is not None:
        call = _with_leg(call, replace(leg, takes_over=True))
    for segment in call.segments:
        if segment.open:
            call = _farewell(call, segment.uniqueid, "transfer")
    return call


def _completed(call: Call, fact: f.AgentCompleted, _notes: list[str]) -> Call:
    reasons: dict[str, SegmentEnd] = {"caller": "caller", "agent": "agent", "transfer": "transfer"}
    reason = reasons.get(fact.reason)
    return call if reason is None else _farewell(call, fact.dest_uniqueid, reason)


def _farewell(call: Call, uniqueid: str, reason: SegmentEnd) -> Call:
    """Note who ends the talk of a leg; Asterisk says so before or after the leg leaves the bridge."""
    leg = call.legs.get(uniqueid)
    if leg is None or leg.farewell is not None:
        return call
    call = _with_leg(call, replace(leg, farewell=reason))
    ended = [s for s in call.segments if s.uniqueid == uniqueid and not s.open]
    if not ended or call.segment_of(uniqueid) is not None:
        return call
    return with_segment(call, replace(ended[-1], reason=reason))


def with_segment(call: Call, segment: Segment) -> Call:
    segments = tuple(segment if s.number == segment.number else s for s in call.segments)
    return replace(call, segments=segments)


def _restarted(call: Call, fact: f.SwitchRestarted, _notes: list[str]) -> Call:
    for leg in call.live_legs:
        call = _with_leg(call, replace(leg, state="gone", bridge="", ended_at=fact.at))
    return call if call.outcome else proven(call, "switch_lost")


# -- the queue and its offers


def _joined(call: Call, fact: f.QueueJoined, _notes: list[str]) -> Call:
    call, _ = _known(call, fact.uniqueid, fact.channel, fact.at, "caller")
    if call.in_queue or call.outcome or (call.joined_at and fact.at <= call.joined_at):
        return call
    return proven(
        replace(
            call,
            queue=fact.queue,
            position=fact.position,
            in_queue=True,
            joined_at=fact.at,
            queued_at=call.queued_at or fact.at,
        ),
        "queued",
    )


def _queue_left(call: Call, fact: f.QueueLeft, _notes: list[str]) -> Call:
    call, _ = _known(call, fact.uniqueid, fact.channel, fact.at, "caller")
    return replace(call, in_queue=False, left_queue_at=fact.at) if call.in_queue else call


def _abandoned(call: Call, fact: f.QueueAbandoned, _notes: list[str]) -> Call:
    call, _ = _known(call, fact.uniqueid, fact.channel, fact.at, "caller")
    return proven(call, "abandoned")


def _dial_began(call: Call, fact: f.DialBegan, _notes: list[str]) -> Call:
    if not is_seat(endpoint_of(fact.dest_channel)):
        return call
    call, _ = _known(call, fact.uniqueid, fact.channel, fact.at)
    return _offer(call, fact, endpoint_of(fact.dest_channel))


def _agent_called(call: Call, fact: f.AgentCalled, _notes: list[str]) -> Call:
    call, _ = _known(call, fact.uniqueid, fact.channel, fact.at, "caller")
    return _offer(call, fact, fact.endpoint)


def _offer(call: Call, fact: f.DialFact, endpoint: str) -> Call:
    call, leg = _known(call, fact.dest_uniqueid, fact.dest_channel, fact.at, "agent")
    if leg is None or call.outcome or call.offer_of(leg.uniqueid):
        return call
    if not leg.endpoint:
        call = _with_leg(call, replace(leg, endpoint=endpoint))
    offer = Offer(
        attempt=len(call.offers) + 1, endpoint=endpoint, uniqueid=leg.uniqueid, offered_at=fact.at
    )
    return replace(call, offers=(*call.offers, offer))


def _dial_ended(call: Call, fact: f.DialEnded, _notes: list[str]) -> Call:
    trigger = OFFER_TRIGGER_OF_DIAL_STATUS.get(fact.status, "break_off")
    if trigger == "cancel" and any(offer.state == "accepted" for offer in call.offers):
        trigger = "withdraw"  # another seat was quicker
    return end_offer(call, fact.dest_uniqueid, trigger, fact.at)


def _connected(call: Call, fact: f.AgentConnected, _notes: list[str]) -> Call:
    return end_offer(_agent_called_late(call, fact), fact.dest_uniqueid, "accept", fact.at)


def _unanswered(call: Call, fact: f.AgentUnanswered, _notes: list[str]) -> Call:
    return end_offer(_agent_called_late(call, fact), fact.dest_uniqueid, "ring_out", fact.at)


def _agent_called_late(call: Call, fact: f.AgentFact) -> Call:
    """The queue speaks of an offer whose beginning was lost."""
    return call if call.offer_of(fact.dest_uniqueid) else _offer(call, fact, fact.endpoint)


def end_offer(call: Call, uniqueid: str, trigger: OfferTrigger, at: datetime) -> Call:
    offer = call.offer_of(uniqueid)
    if offer is None or not offer.open:
        return call
    moved = replace(offer, state=next_offer(offer.state, trigger))
    if not moved.open:
        moved = replace(moved, ended_at=at)
    offers = tuple(moved if o.attempt == moved.attempt else o for o in call.offers)
    return replace(call, offers=offers)


# -- what our dialplan says


def _arrived(call: Call, fact: f.CallArrived, _notes: list[str]) -> Call:
    call, _ = _known(call, fact.uniqueid, fact.channel, fact.at, "caller")
    if call.announced:
        return call
    return replace(
        call,
        caller=fact.caller,
        caller_name=fact.caller_name or call.caller_name,
        dnid=fact.dnid,
        announced=True,
    )


def _menu(call: Call, fact: f.MenuChosen, _notes: list[str]) -> Call:
    return replace(call, menu=fact.menu, emergency=call.emergency or fact.menu == "emergency")


def _fallback(call: Call, _fact: f.FallbackTaken, _notes: list[str]) -> Call:
    return proven(call, "fallback")


def _declared(call: Call, fact: f.OutcomeDeclared, notes: list[str]) -> Call:
    evidence = DECLARABLE.get(fact.outcome)
    if evidence is None:
        notes.append("outcome declared that only the ledger decides")
        return call
    return proven(call, evidence)


def _emergency_dialled(call: Call, fact: f.EmergencyDialled, _notes: list[str]) -> Call:
    tried = EmergencyAttempt(
        attempt=len(call.emergencies) + 1,
        number=fact.number,
        route=fact.route,
        dialled_at=fact.at,
    )
    return replace(call, emergencies=(*call.emergencies, tried), emergency=True)


def _emergency_reached(call: Call, fact: f.EmergencyReached, notes: list[str]) -> Call:
    call = proven(call, "emergency_transferred")
    tried = _open_attempt(call)
    if tried is None:
        notes.append("an emergency desk answered that was not dialled")
        return call
    return _with_attempt(call, replace(tried, reached_at=fact.at))


def _emergency_ended(call: Call, fact: f.EmergencyEnded, notes: list[str]) -> Call:
    tried = _open_attempt(call)
    if tried is None:
        notes.append("an attempt ended that had not begun")
        return call
    result = EMERGENCY_RESULT_OF_DIAL_STATUS.get(fact.status, "failed")
    return _with_attempt(call, replace(tried, ended_at=fact.at, result=result))


def _open_attempt(call: Call) -> EmergencyAttempt | None:
    return next((one for one in call.emergencies if one.ended_at is None), None)


def _with_attempt(call: Call, tried: EmergencyAttempt) -> Call:
    attempts = tuple(tried if one.attempt == tried.attempt else one for one in call.emergencies)
    return replace(call, emergencies=attempts)


def _recording(call: Call, fact: f.RecordingBegan, _notes: list[str]) -> Call:
    return replace(call, recording=call.recording or fact.path)


def proven(call: Call, evidence: Evidence) -> Call:
    if evidence in call.evidence:
        return call
    return replace(call, evidence=call.evidence | {evidence})


_APPLY: dict[type[f.ChannelFact], Callable[[Call, Any, list[str]], Call]] = {
    f.ChannelAppeared: _appeared,
    f.ChannelStateSeen: _state_seen,
    f.ChannelRenamed: _renamed,
    f.ChannelGone: _gone,
    f.HoldChanged: _hold,
    f.BridgeEntered: _entered,
    f.BridgeLeft: _left,
    f.Transferred: _transferred,
    f.DialBegan: _dial_began,
    f.DialEnded: _dial_ended,
    f.AgentCalled: _agent_called,
    f.AgentConnected: _connected,
    f.AgentUnanswered: _unanswered,
    f.TakenOver: _taken_over,
    f.AgentCompleted: _completed,
    f.QueueJoined: _joined,
    f.QueueLeft: _queue_left,
    f.QueueAbandoned: _abandoned,
    f.CallArrived: _arrived,
    f.MenuChosen: _menu,
    f.FallbackTaken: _fallback,
    f.OutcomeDeclared: _declared,
    f.EmergencyDialled: _emergency_dialled,
    f.EmergencyReached: _emergency_reached,
    f.EmergencyEnded: _emergency_ended,
    f.RecordingBegan: _recording,
    f.SwitchRestarted: _restarted,
}
