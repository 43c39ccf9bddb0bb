"""What the rooms above are told: the difference between a call before and after a fact (pure)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from telephony import events as e
from telephony.calls import Call, Leg

UNSERVED: tuple[Literal["left_empty", "timed_out"], ...] = ("left_empty", "timed_out")


def announce(before: Call, after: Call, at: datetime) -> Iterator[e.CallEvent]:
    """Yield the events that lead from `before` to `after`, in the order in which they happened."""
    if after is before:
        return
    yield from _beginning(before, after, at)
    yield from _offers(before, after, at)
    yield from _segments(before, after, at)
    yield from _holds(before, after, at)
    yield from _emergencies(before, after, at)
    for why in UNSERVED:
        if why in after.evidence and why not in before.evidence:
            yield e.CallUnserved(at=at, call_id=after.id, why=why)
    if after.recording != before.recording:
        yield e.RecordingStarted(at=at, call_id=after.id, path=after.recording)
    if after.outcome is not None and before.outcome is None:
        yield e.CallEnded(
            at=at,
            call_id=after.id,
            outcome=after.outcome,
            caller=after.caller,
            waited_seconds=after.waited_seconds,
            talk_seconds=after.talk_seconds,
        )


def _beginning(before: Call, after: Call, at: datetime) -> Iterator[e.CallEvent]:
    if after.announced and not before.announced:
        yield e.CallStarted(
            at=at,
            call_id=after.id,
            caller=after.caller,
            caller_name=after.caller_name,
            dnid=after.dnid,
        )
    if after.in_queue and not before.in_queue:
        yield e.CallQueued(
            at=at,
            call_id=after.id,
            queue=after.queue,
            position=after.position,
            caller=after.caller,
            caller_name=after.caller_name,
            dnid=after.dnid,
            menu=after.menu,
            emergency=after.emergency,
        )


def _offers(before: Call, after: Call, at: datetime) -> Iterator[e.CallEvent]:
    if after.offers is before.offers:
        return
    for offer in after.offers[len(before.offers) :]:
        yield e.CallOffered(
            at=at,
            call_id=after.id,
            endpoint=offer.endpoint,
            attempt=offer.attempt,
            caller=after.caller,
            caller_name=after.caller_name,
            dnid=after.dnid,
            menu=after.menu,
            emergency=after.emergency,
            waited_seconds=waited(after, offer.offered_at),
        )
    ended_before = {offer.attempt for offer in before.offers if not offer.open}
    for offer in after.offers:
        if offer.result is not None and offer.attempt not in ended_before:
            yield e.OfferEnded(
                at=at,
                call_id=after.id,
                endpoint=offer.endpoint,
                attempt=offer.attempt,
                result=offer.result,
            )


def _segments(before: Call, after: Call, at: datetime) -> Iterator[e.CallEvent]:
    if after.segments is before.segments:
        return
    open_before = {segment.number for segment in before.segments if segment.open}
    for segment in after.segments:
        if segment.number in open_before and segment.reason is not None and not segment.open:
            yield e.SegmentEnded(
                at=at,
                call_id=after.id,
                endpoint=segment.endpoint,
                segment=segment.number,
                reason=segment.reason,
                talk_seconds=segment.talk_seconds,
            )
    for segment in after.segments[len(before.segments) :]:
        yield e.CallAnswered(
            at=at,
            call_id=after.id,
            endpoint=segment.endpoint,
            attempt=segment.attempt,
            segment=segment.number,
            waited_seconds=waited(after, segment.started_at),
        )


def _holds(before: Call, after: Call, at: datetime) -> Iterator[e.CallEvent]:
    if after.legs is before.legs:
        return
    for leg in after.legs.values():
        was = _held(before.legs.get(leg.uniqueid))
        if leg.role != "agent" or _held(leg) == was or not leg.live:
            continue
        kind = e.CallResumed if was else e.CallHeld
        yield kind(at=at, call_id=after.id, endpoint=leg.endpoint)


def _emergencies(before: Call, after: Call, at: datetime) -> Iterator[e.CallEvent]:
    if after.emergencies is before.emergencies:
        return
    open_before = {one.attempt for one in before.emergencies if one.result is None}
    reached = {one.attempt for one in before.emergencies if one.reached_at}
    known = {one.attempt for one in before.emergencies}
    for one in after.emergencies:
        if one.attempt not in known:
            yield e.EmergencyDialled(
                at=at,
                call_id=after.id,
                number=one.number,
                route=one.route,
                attempt=one.attempt,
                caller=after.caller,
            )
        if one.reached_at and one.attempt not in reached:
            yield e.EmergencyReached(
                at=at, call_id=after.id, number=one.number, route=one.route, attempt=one.attempt
            )
        if one.result is not None and one.attempt in open_before:
            yield e.EmergencyEnded(
                at=at,
                call_id=after.id,
                number=one.number,
                route=one.route,
                attempt=one.attempt,
                caller=after.caller,
                result=one.result,
                seconds=one.talk_seconds,
            )


def _held(leg: Leg | None) -> bool:
    return leg is not None and leg.state == "held"


def waited(call: Call, until: datetime) -> float:
    """Return the seconds since the call last entered a queue, 0 if it never did."""
    return 0.0 if call.joined_at is None else max(0.0, (until - call.joined_at).total_seconds())
