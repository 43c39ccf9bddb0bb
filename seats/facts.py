"""What the switch tells of calls at the seats. Facts are never refused: believed, recorded, corrected."""

from datetime import datetime

from seats.alignment import desired_member
from seats.effects import Align, SecondOffer
from seats.events import OfferMissed
from seats.leases import another_ready
from seats.models import AgentSession
from seats.offers import after_offer
from seats.room import SeatRoom, Work
from seats.states import SIGN_OUT, fits
from seats.steps import (
    CONFIRM_WITHIN,
    Step,
    announce,
    note_divergence,
    ring,
    take,
    wish_pause,
)
from telephony.events import CallAnswered, CallOffered, OfferEnded, OfferResult, SegmentEnded


async def on_call_offered(room: SeatRoom, event: CallOffered) -> None:
    """The seat rings. A seat that is already busy with another call gets a SecondOffer settled."""
    step = Step(
        "offered",
        event.at,
        cause=event.id,
        call_id=event.call_id,
        attempt=event.attempt,
    )
    async with room.lease(event.endpoint) as (work, row):
        if row is None:
            work.later(Align(event.endpoint))
        elif row.state == "ringing" and row.call_id == event.call_id:
            _ring_again(work, row, step, room)
        elif fits(row.state, "offered"):
            _remember_pause(work, row, step)
            take(work, row, step, room)
        elif row.state != "talking" or row.call_id != event.call_id:
            note_divergence(work, row, step)
            work.later(SecondOffer(event.endpoint, event.call_id, event.attempt))


async def on_offer_ended(room: SeatRoom, event: OfferEnded) -> None:
    """The seat no longer rings; an answered offer becomes `talking` with CallAnswered."""
    missed = event.result != "answered"
    async with room.lease(event.endpoint, plan=missed) as (work, row):
        if row is None or not _rings_with(row, event.call_id, event.attempt):
            return
        if not missed:
            row.check_at = room.clock() + CONFIRM_WITHIN
            return
        await end_offer(room, work, row, event.result, event.at, cause=event.id)


async def end_offer(
    room: SeatRoom,
    work: Work,
    row: AgentSession,
    result: OfferResult,
    at: datetime,
    cause: str | None = None,
) -> None:
    """Leave `ringing` without a talk; the plan row is locked, so that two seats cannot both be the last."""
    last = not await another_ready(work.session, row)
    wish = after_offer(result, wanted=row.wanted, wanted_reason=row.wanted_reason, last_ready=last)
    call_id, paused = row.call_id, row.member_paused
    step = Step(wish.trigger, at, cause=cause, reason=wish.reason, call_id=call_id)
    take(work, row, step, room)
    if row.state == "not_ready" or paused:
        work.later(Align(row.endpoint))
    if wish.missed and call_id is not None:
        work.publish(
            OfferMissed(
                at=at,
                cause=cause,
                account_id=row.account_id,
                seat=row.seat_number,
                call_id=call_id,
                kept_ready=wish.kept_ready,
            )
        )


async def on_call_answered(room: SeatRoom, event: CallAnswered) -> None:
    """The agent talks; the member is paused at once, so that the next call cannot be offered."""
    step = Step("answered", event.at, cause=event.id, call_id=event.call_id)
    async with room.lease(event.endpoint) as (work, row):
        if row is not None and row.state == "talking":
            _change_call(work, row, step)
        elif row is not None:
            _remember_pause(work, row, step)
            take(work, row, step, room)
    room.effects.request(Align(event.endpoint))


async def on_segment_ended(room: SeatRoom, event: SegmentEnded) -> None:
    """The talk is over: after-call work begins, and its limit runs here, not in the browser."""
    step = Step("talk_over", event.at, cause=event.id, call_id=event.call_id)
    async with room.lease(event.endpoint) as (work, row):
        if row is None or row.call_id != event.call_id or row.state == "wrap_up":
            return
        take(work, row, step, room)
        if desired_member(row) is not None and not row.member_paused:
            work.later(Align(event.endpoint))


def _ring_again(work: Work, row: AgentSession, step: Step, room: SeatRoom) -> None:
    if step.attempt <= row.attempt:
        return
    ring(row, step, room)
    announce(work, row, step, "ringing")


def _change_call(work: Work, row: AgentSession, step: Step) -> None:
    """The end of the former talk was lost: the new call is the truth."""
    if row.call_id == step.call_id:
        return
    note_divergence(work, row, step)
    row.call_id = step.call_id
    announce(work, row, step, "talking")


def _remember_pause(work: Work, row: AgentSession, step: Step) -> None:
    """A call that reaches a paused agent does not end the pause: it goes on after the call."""
    if row.state != "not_ready" or row.wanted == SIGN_OUT:
        return
    if row.wanted == "ready":
        row.wanted = ""
    else:
        wish_pause(work, row, row.reason or "system", step.at, step.by)


def _rings_with(row: AgentSession, call_id: str, attempt: int) -> bool:
    return row.state == "ringing" and row.call_id == call_id and attempt >= row.attempt
