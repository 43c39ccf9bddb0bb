"""What others see of seats and sessions: frozen values, detached from the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from seats.events import AgentState
from seats.models import AgentSession, Seat
from seats.plan_rules import EntryKind
from seats.states import Command, allowed_commands

SeatState = Literal["free", "closed", "not_ready", "ready", "ringing", "talking", "wrap_up"]


@dataclass(frozen=True)
class SeatSession:
    """An agent at a seat, as its desktop shows it; `wanted` is what waits for Asterisk or the call's end."""

    seat: str
    endpoint: str
    account_id: int
    agent_name: str
    state: AgentState
    reason: str
    since: datetime
    deadline: datetime | None
    extended: bool
    call_id: str | None
    device_reachable: bool
    wanted: str
    wanted_reason: str
    signed_in_at: datetime
    ordered: str
    ordered_by: str
    ordered_why: str
    allowed: tuple[Command, ...]


@dataclass(frozen=True)
class SeatView:
    """A seat as the wallboard shows it; `closed`: nobody may sign in there now."""

    number: str
    endpoint: str
    location: str
    state: SeatState
    agent_name: str
    account_id: int | None
    reason: str
    since: datetime | None
    reachable: bool
    # What the plan means for the agent there: from when he leaves, whether he was exempted, whether he serves
    # until another does, and which notice (10 or 2 minutes) he has not yet seen.
    leaves_at: datetime | None = None
    stays: bool = False
    held: bool = False
    notice: int = 0


@dataclass(frozen=True)
class NextCount:
    """The next change of the plan: from when, to how many seats, and why."""

    at: datetime
    open_seats: int
    reason: str
    author: str


@dataclass(frozen=True)
class Plan:
    """How many seats may be staffed now, of how many that exist; because of what, until when, and then.

    `why` is the kind of entry in force, with its reason and author; `drain` the seats that are given back, in order.
    """

    open_seats: int
    physical_seats: int
    why: EntryKind = "default"
    reason: str = ""
    author: str = ""
    until: datetime | None = None
    next: NextCount | None = None
    drain: tuple[str, ...] = ()


def session_view(row: AgentSession) -> SeatSession:
    """Return the session of a lease row."""
    return SeatSession(
        seat=row.seat_number,
        endpoint=row.endpoint,
        account_id=row.account_id,
        agent_name=row.agent_name,
        state=row.state,
        reason=row.reason,
        since=row.since,
        deadline=row.deadline,
        extended=row.extended,
        call_id=row.call_id,
        device_reachable=row.device_lost_at is None,
        wanted=row.wanted,
        wanted_reason=row.wanted_reason,
        signed_in_at=row.signed_in_at,
        ordered=row.ordered,
        ordered_by=row.ordered_by,
        ordered_why=row.ordered_why,
        allowed=tuple(allowed_commands(row.state)),
    )


def seat_view(seat: Seat, row: AgentSession | None, *, full: bool, held: bool = False) -> SeatView:
    """Return the wallboard's line of a seat; a lease that Asterisk has not confirmed shows as not_ready."""
    if row is None:
        closed = full or seat.out_of_service
        return SeatView(
            number=seat.number,
            endpoint=seat.endpoint,
            location=seat.location,
            state="closed" if closed else "free",
            agent_name="",
            account_id=None,
            reason="",
            since=None,
            reachable=False,
        )
    return SeatView(
        number=seat.number,
        endpoint=seat.endpoint,
        location=seat.location,
        state="not_ready" if row.state == "signed_out" else row.state,
        agent_name=row.agent_name,
        account_id=row.account_id,
        reason=row.reason,
        since=row.since,
        reachable=row.device_lost_at is None,
        leaves_at=row.leaves_at,
        stays=row.stays,
        held=held,
        notice=0 if row.notice_seen else row.notice_minutes,
    )
