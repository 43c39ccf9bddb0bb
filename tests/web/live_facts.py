"""Facts of one call at seat 03, as the rooms would publish them."""

from datetime import UTC, datetime, timedelta

from seats.events import AgentState, AgentStateChanged
from telephony.events import (
    CallAnswered,
    CallEnded,
    CallOffered,
    CallQueued,
    OfferEnded,
    OfferResult,
    SegmentEnded,
)

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CALL = "0193-call-1"
CALLER = "13900000001"
WAIT = timedelta(seconds=4)


def agent(account_id: int, old: AgentState, new: AgentState, **more: object) -> AgentStateChanged:
    return AgentStateChanged(
        at=AT,
        account_id=account_id,
        agent_name="测试员",
        seat="03",
        endpoint="seat03",
        old=old,
        new=new,
        **more,  # type: ignore[arg-type]
    )


def queued(call_id: str = CALL) -> CallQueued:
    return CallQueued(
        at=AT,
        call_id=call_id,
        queue="hotline",
        position=1,
        caller=CALLER,
        dnid="12345",
        menu="complaint",
    )


def offered(call_id: str = CALL, attempt: int = 1, caller_name: str = "") -> CallOffered:
    return CallOffered(
        at=AT,
        call_id=call_id,
        endpoint="seat03",
        attempt=attempt,
        caller=CALLER,
        caller_name=caller_name,
        dnid="12345",
        menu="complaint",
        waited_seconds=4.0,
    )


def offer_ended(result: OfferResult, call_id: str = CALL, attempt: int = 1) -> OfferEnded:
    return OfferEnded(at=AT, call_id=call_id, endpoint="seat03", attempt=attempt, result=result)


def answered(call_id: str = CALL) -> CallAnswered:
    return CallAnswered(
        at=AT, call_id=call_id, endpoint="seat03", attempt=1, segment=1, waited_seconds=4.0
    )


def segment_ended(call_id: str = CALL) -> SegmentEnded:
    return SegmentEnded(
        at=AT, call_id=call_id, endpoint="seat03", segment=1, reason="caller", talk_seconds=60.0
    )


def call_ended(call_id: str = CALL) -> CallEnded:
    return CallEnded(
        at=AT,
        call_id=call_id,
        outcome="answered",
        caller=CALLER,
        waited_seconds=4.0,
        talk_seconds=60.0,
    )
