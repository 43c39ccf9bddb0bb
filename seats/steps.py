"""The only place that sets an agent's state: the table decides, the row, the history and the event follow."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from seats.events import AgentState, AgentStateChanged, PauseWished
from seats.models import AgentSession, StateChange
from seats.room import SeatRoom, Work
from seats.states import AT_ONCE, SIGN_OUT, Trigger, fits, next_state

log = structlog.get_logger(__name__)

CONFIRM_WITHIN = timedelta(seconds=5)
"""How long Asterisk may take to confirm a command before the sweep asks it."""

RING_MARGIN = timedelta(seconds=5)
TALK_CHECK_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Step:
    """What happened to an agent: the trigger, when, by whom (`by`, `cause` as in Event), and in which call."""

    trigger: Trigger
    at: datetime
    by: str = "system"
    cause: str | None = None
    reason: str = ""
    call_id: str | None = None
    attempt: int = 0


def take(work: Work, row: AgentSession, step: Step, room: SeatRoom) -> bool:
    """Apply `step` to a locked row and announce it; False if the table leaves all as it was."""
    if not fits(row.state, step.trigger):
        note_divergence(work, row, step)
        return False
    old, new = row.state, next_state(row.state, step.trigger)
    if old == new and row.reason == step.reason:
        return False
    row.state, row.reason = new, step.reason
    if old != new:
        row.since = step.at
    _enter(row, step, room)
    announce(work, row, step, old)
    return True


def announce(work: Work, row: AgentSession, step: Step, old: AgentState) -> None:
    """Write the history row and queue the event of a change that is already in `row`."""
    work.session.add(_history(row, step, old, expected=True))
    tell(work, row, step, old)


def tell(work: Work, row: AgentSession, step: Step, old: AgentState) -> None:
    """Queue the event of what is in `row` now, for the screens."""
    call_id = step.call_id or row.call_id
    work.publish(
        AgentStateChanged(
            at=step.at,
            by=step.by,
            cause=step.cause,
            account_id=row.account_id,
            agent_name=row.agent_name,
            seat=row.seat_number,
            endpoint=row.endpoint,
            old=old,
            new=row.state,
            reason=row.reason,
            call_id=call_id,
            deadline=row.deadline,
            extended=row.extended,
            ordered=row.ordered,
            ordered_by=row.ordered_by,
            ordered_why=row.ordered_why,
        )
    )


def wish_pause(work: Work, row: AgentSession, reason: str, at: datetime, by: str) -> None:
    """Note what follows the call: a pause for `reason`, '' for none; announced if that is new."""
    known = row.wanted_reason if row.wanted == "not_ready" else ""
    row.wanted, row.wanted_reason = ("not_ready", reason) if reason else ("", "")
    if reason != known:
        work.publish(
            PauseWished(
                at=at, by=by, account_id=row.account_id, seat=row.seat_number, reason=reason
            )
        )


def note_divergence(work: Work, row: AgentSession, step: Step) -> None:
    """Record a fact that does not fit the agent's state; facts are never refused."""
    log.warning("unexpected fact", seat=row.seat_number, state=row.state, trigger=step.trigger)
    work.session.add(_history(row, step, row.state, expected=False))


def _enter(row: AgentSession, step: Step, room: SeatRoom) -> None:
    """Set what belongs to the state just entered: its limit, its check, its call, the agent's wish.

    Limits run by our clock, which the sweep reads, not by the moment in the fact: Asterisk's may differ.
    """
    now = room.clock()
    row.extended, row.deadline, row.check_at = False, None, None
    match row.state:
        case "ringing":
            ring(row, step, room)
        case "talking":
            row.call_id = step.call_id
            row.check_at = now + TALK_CHECK_EVERY
        case "wrap_up":
            skipped = (row.wanted, row.wanted_reason) == (SIGN_OUT, AT_ONCE)
            row.deadline = now + timedelta(seconds=0 if skipped else room.settings.wrap_up_seconds)
            row.check_at = row.deadline
        case "ready" | "not_ready":
            row.call_id, row.attempt = None, 0
            if row.state == "ready":
                row.ordered = row.ordered_by = row.ordered_why = ""
            if row.wanted == SIGN_OUT:
                row.check_at = now
            else:
                row.wanted, row.wanted_reason = "", ""
        case "signed_out":
            row.call_id = None
            row.ended_at, row.end_reason = step.at, step.reason


def ring(row: AgentSession, step: Step, room: SeatRoom) -> None:
    """Note the offer that rings at the seat, and until when it may."""
    row.call_id, row.attempt = step.call_id, step.attempt
    row.deadline = room.clock() + timedelta(seconds=room.settings.ring_seconds) + RING_MARGIN
    row.check_at = row.deadline


def _history(row: AgentSession, step: Step, old: AgentState, *, expected: bool) -> StateChange:
    return StateChange(
        session_id=row.id,
        old=old,
        new=row.state,
        trigger=step.trigger,
        reason=step.reason,
        at=step.at,
        by=step.by,
        call_id=step.call_id or row.call_id,
        expected=expected,
    )
