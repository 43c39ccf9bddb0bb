"""What a shift leader orders at a seat: not ready, signed out, wrap-up over. No order cuts a call.

Asterisk first, as with the agent's own commands; the agent is told by whom and why, and everything is audited.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.security import Principal, audit
from seats.alignment import Desired, put
from seats.commands import pause_confirmed
from seats.effects import Align
from seats.errors import BadPauseReason, SignInUnfinished, SwitchUnavailable, WrapUpNotRunning
from seats.floor.errors import AgentInCall, LastReadySeat, LastStaffedSeat, SeatNotStaffed
from seats.floor.events import AgentOrdered, Order
from seats.leases import another_ready, count_leases, find_seat
from seats.models import AgentSession
from seats.reasons import CHOOSABLE
from seats.room import SWITCH_FAILURES, SeatRoom, Work
from seats.signing import leave
from seats.states import AT_ONCE, IN_CALL, SIGN_OUT
from seats.steps import Step, tell
from seats.sweep import end_wrap_up


async def order_not_ready(
    room: SeatRoom, who: Principal, seat: str, reason: str, why: str, *, override: bool = False
) -> None:
    """Pause an agent with one of the reasons that agents choose from; during a call it waits for its end.

    BadPauseReason, SeatNotStaffed, SwitchUnavailable; LastReadySeat without `override`.
    """
    if reason not in CHOOSABLE:
        raise BadPauseReason(reason=reason[:16])
    note = _Note(who, "not_ready", why, {"reason": reason, "override": override})
    async with _turn(room, seat) as endpoint:
        async with room.lease(endpoint, plan=True) as (work, found):
            row = _staffed(found, seat)
            if row.state in IN_CALL:
                if row.wanted != SIGN_OUT:
                    row.wanted, row.wanted_reason = "not_ready", reason
                if row.state == "ringing":
                    work.later(Align(endpoint))
                note.write(room, work, row)
                return
            if row.state == "ready" and not override and not await another_ready(work.session, row):
                raise LastReadySeat(seat=seat)
        try:
            await put(room, endpoint, Desired(True, reason))
        except SWITCH_FAILURES as error:
            raise SwitchUnavailable() from error
        await pause_confirmed(room, row, reason, who.by)
        await note.leave(room, row)


async def order_sign_out(
    room: SeatRoom,
    who: Principal,
    seat: str,
    why: str,
    *,
    when: str = "",
    override: bool = False,
) -> None:
    """Sign an agent out. In a call only with `when`: after_call, or at_once, which leaves the wrap-up out.

    SeatNotStaffed, AgentInCall; LastStaffedSeat and LastReadySeat without `override`.
    """
    note = _Note(who, "sign_out", why, {"when": when, "override": override})
    async with _turn(room, seat) as endpoint:
        async with room.lease(endpoint, plan=True) as (work, found):
            row = _staffed(found, seat)
            if not override:
                await _refuse_last(work, row)
            if row.state in IN_CALL and not when:
                raise AgentInCall(seat=seat, choices=["after_call", AT_ONCE])
            if row.state in IN_CALL or (row.state == "wrap_up" and when == "after_call"):
                row.wanted, row.wanted_reason = SIGN_OUT, AT_ONCE if when == AT_ONCE else ""
                note.write(room, work, row)
                return
        if not await leave(room, row, "ordered", who.by):
            # A call came in between; it goes on, and the order waits for its end.
            async with room.lease(endpoint) as (_, current):
                if current is not None and current.id == row.id:
                    current.wanted, current.wanted_reason = SIGN_OUT, ""
        await note.leave(room, row)


async def order_wrap_up_end(room: SeatRoom, who: Principal, seat: str, why: str) -> None:
    """End an agent's after-call work: what he wished during the call comes true, else he is ready.

    SeatNotStaffed, WrapUpNotRunning, SwitchUnavailable.
    """
    async with _turn(room, seat) as endpoint:
        async with room.lease(endpoint) as (work, found):
            row = _staffed(found, seat)
            if row.state != "wrap_up":
                raise WrapUpNotRunning()
            _Note(who, "end_wrap_up", why).write(room, work, row)
            if row.wanted == SIGN_OUT:
                row.check_at = room.clock()
                return
        try:
            await end_wrap_up(room, row)
        except SWITCH_FAILURES as error:
            raise SwitchUnavailable() from error


@asynccontextmanager
async def _turn(room: SeatRoom, seat: str) -> AsyncIterator[str]:
    """Hold the turn of a seat and yield its endpoint; NoSuchSeat."""
    async with room.reading() as session:
        place = await find_seat(session, seat, room.settings.physical_seats)
    async with room.effects.lock(place.endpoint):
        yield place.endpoint


def _staffed(row: AgentSession | None, seat: str) -> AgentSession:
    if row is None:
        raise SeatNotStaffed(seat=seat)
    if row.state == "signed_out":
        raise SignInUnfinished()
    return row


async def _refuse_last(work: Work, row: AgentSession) -> None:
    if await count_leases(work.session) <= 1:
        raise LastStaffedSeat(seat=row.seat_number)
    if row.state == "ready" and not await another_ready(work.session, row):
        raise LastReadySeat(seat=row.seat_number)


@dataclass(frozen=True)
class _Note:
    """An order, written down where the agent's screen and the auditors find it."""

    who: Principal
    order: Order
    why: str
    details: dict[str, object] = field(default_factory=dict)

    async def leave(self, room: SeatRoom, before: AgentSession) -> None:
        """Write it when Asterisk has done it; the session may be over by then."""
        async with room.lease(before.endpoint) as (work, row):
            still = row is not None and row.id == before.id
            self.write(room, work, row if row is not None and still else before, shown=still)

    def write(self, room: SeatRoom, work: Work, row: AgentSession, *, shown: bool = True) -> None:
        now, who = room.clock(), self.who
        if shown:
            row.ordered, row.ordered_by, row.ordered_why = self.order, who.display_name, self.why
            tell(work, row, Step("paused", now, by=who.by, reason=row.reason), row.state)
        about = {"account_id": row.account_id, "state": row.state, "why": self.why}
        target = f"seat:{row.seat_number}"
        audit(work.session, now, who.by, f"seat.{self.order}", target, **about, **self.details)
        work.publish(
            AgentOrdered(
                at=now,
                by=who.by,
                account_id=row.account_id,
                seat=row.seat_number,
                order=self.order,
                leader=who.display_name,
                why=self.why,
                reason=str(self.details.get("reason", "")),
                later=row.state in IN_CALL,
            )
        )
