"""What one agent's desktop shows of seat, call and screen-pop: a pure fold over the rooms' facts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from seats.events import AgentStateChanged
from seats.floor.events import MonitorUpdated
from web.live_state import Call, EmergencyDesk, Monitor, Pop, Session

KEPT_POPS = 5


@dataclass(frozen=True, slots=True)
class OpenPop:
    """A pop stays open until it was on the screen and its call is no longer at the seat."""

    pop: Pop
    acknowledged: bool = False
    over: bool = False

    @property
    def closed(self) -> bool:
        return self.acknowledged and self.over


@dataclass(frozen=True, slots=True)
class Desk:
    session: Session | None = None
    call: Call | None = None
    pops: tuple[OpenPop, ...] = ()
    monitor: Monitor | None = None

    @property
    def pop(self) -> Pop | None:
        """The newest pop that is not closed."""
        return self.pops[-1].pop if self.pops else None


def session_changed(desk: Desk, event: AgentStateChanged, reachable: bool) -> Desk:
    """Follow the agent's state; leaving the call's states clears what was left of the call."""
    if event.new == "signed_out":
        session = None
    else:
        session = Session(
            seat=event.seat,
            endpoint=event.endpoint,
            state=event.new,
            reason=event.reason,
            since=event.at,
            deadline=event.deadline,
            extended=event.extended,
            call_id=event.call_id,
            device_reachable=reachable,
            pause_wished=_still_wished(desk, event),
            ordered=event.ordered,
            ordered_by=event.ordered_by,
            ordered_why=event.ordered_why,
        )
    desk = replace(desk, session=session)
    if event.new in ("ringing", "talking", "wrap_up"):
        return desk
    if desk.call and desk.call.state == "ended":
        desk = replace(desk, call=None)
    present = desk.call.call_id if desk.call else None
    return _with_pops(
        desk, (replace(each, over=each.over or each.pop.call_id != present) for each in desk.pops)
    )


def _still_wished(desk: Desk, event: AgentStateChanged) -> str:
    in_call = event.new in ("ringing", "talking", "wrap_up")
    return desk.session.pause_wished if in_call and desk.session else ""


def pause_wished(desk: Desk, reason: str) -> Desk:
    """The agent wished a pause after the call, or took the wish back."""
    if desk.session is None:
        return desk
    return replace(desk, session=replace(desk.session, pause_wished=reason))


def monitor_changed(desk: Desk, event: MonitorUpdated) -> Desk:
    """Follow the shift leader's session; an older one that ends late takes nothing away."""
    if event.ended_at is not None:
        over = desk.monitor is not None and desk.monitor.id == event.monitor
        return replace(desk, monitor=None) if over else desk
    monitor = Monitor(
        id=event.monitor,
        seat=event.seat,
        agent_name=event.agent_name,
        call_id=event.call_id,
        mode=event.mode or "",
        phone=event.phone,
        started_at=event.started_at,
    )
    return replace(desk, monitor=monitor)


def device_changed(desk: Desk, reachable: bool) -> Desk:
    if desk.session is None:
        return desk
    return replace(desk, session=replace(desk.session, device_reachable=reachable))


def offered(desk: Desk, call: Call, pop: Pop) -> Desk:
    """The seat rings; the same offer told twice changes nothing but the contents."""
    if any(each.pop.pop_id == pop.pop_id for each in desk.pops):
        return enriched(desk, pop)
    pops = (*desk.pops, OpenPop(pop))[-KEPT_POPS:]
    return replace(desk, call=call, pops=pops)


def enriched(desk: Desk, pop: Pop) -> Desk:
    """More is known of the caller than when the seat began to ring."""
    call = desk.call
    if call and call.call_id == pop.call_id:
        place, name = pop.caller_place, pop.hotline_name
        desk = replace(desk, call=replace(call, caller_place=place, hotline_name=name))
    return _with_pops(
        desk,
        (
            replace(each, pop=replace(pop, ticket_id=each.pop.ticket_id))
            if each.pop.pop_id == pop.pop_id
            else each
            for each in desk.pops
        ),
    )


def reloaded(desk: Desk, session: Session | None, call: Call | None) -> Desk:
    """Take over what the rooms themselves say, after a start or a re-sync."""
    known = desk.call
    if call and known and known.call_id == call.call_id:
        call = replace(call, caller_place=known.caller_place, hotline_name=known.hotline_name)
    elif known and known.state == "ended" and session and session.call_id == known.call_id:
        call = known
    desk = replace(desk, session=session, call=call)
    present = call.call_id if call else None
    return _with_pops(
        desk, (replace(each, over=each.over or each.pop.call_id != present) for each in desk.pops)
    )


def restored(desk: Desk, pop: Pop, was_acknowledged: bool) -> Desk:
    """A pop left open before a restart; whether its call goes on is known after `reloaded`."""
    return replace(desk, pops=(*desk.pops, OpenPop(pop, was_acknowledged))[-KEPT_POPS:])


def acknowledged(desk: Desk, pop_id: str) -> Desk:
    """The pop is on the screen."""
    return _with_pops(
        desk,
        (
            replace(each, acknowledged=True) if each.pop.pop_id == pop_id else each
            for each in desk.pops
        ),
    )


def offer_ended(desk: Desk, call_id: str, attempt: int) -> Desk:
    """The seat stopped ringing without an answer."""
    call = desk.call
    if call and call.call_id == call_id and call.attempt == attempt and call.state == "ringing":
        desk = replace(desk, call=None)
    return _with_pops(
        desk,
        (
            replace(each, over=True)
            if (each.pop.call_id, each.pop.attempt) == (call_id, attempt)
            else each
            for each in desk.pops
        ),
    )


def answered(desk: Desk, call_id: str, at: datetime, waited_seconds: float) -> Desk:
    if desk.call is None or desk.call.call_id != call_id:
        return desk
    call = replace(
        desk.call, state="talking", answered_at=at, waited_seconds=waited_seconds, ended_at=None
    )
    return replace(desk, call=call)


def held(desk: Desk, call_id: str, is_held: bool) -> Desk:
    if desk.call is None or desk.call.call_id != call_id or desk.call.state == "ended":
        return desk
    return replace(desk, call=replace(desk.call, state="held" if is_held else "talking"))


def ended(desk: Desk, call_id: str, at: datetime) -> Desk:
    """The conversation at this seat is over; it stays on the screen during the wrap-up."""
    if desk.call is None or desk.call.call_id != call_id or desk.call.state == "ended":
        return desk
    if desk.call.state == "ringing":
        return offer_ended(desk, call_id, desk.call.attempt)
    return replace(desk, call=replace(desk.call, state="ended", ended_at=at))


def recording(desk: Desk, call_id: str) -> Desk:
    if desk.call is None or desk.call.call_id != call_id:
        return desk
    return replace(desk, call=replace(desk.call, recording=True))


def emergency(desk: Desk, call_id: str, now: EmergencyDesk | None) -> Desk:
    """The emergency desk that the agent asked for is called, has answered, could not be reached, or is gone again."""
    if desk.call is None or desk.call.call_id != call_id or desk.call.state == "ended":
        return desk
    return replace(desk, call=replace(desk.call, desk=now))


def ticket_opened(desk: Desk, call_id: str, ticket_id: int) -> Desk:
    """The call at the seat has a ticket now."""
    if desk.call and desk.call.call_id == call_id:
        desk = replace(desk, call=replace(desk.call, ticket_id=ticket_id))
    return _with_pops(
        desk,
        (
            replace(each, pop=replace(each.pop, ticket_id=ticket_id))
            if each.pop.call_id == call_id
            else each
            for each in desk.pops
        ),
    )


def _with_pops(desk: Desk, pops: Iterable[OpenPop]) -> Desk:
    return replace(desk, pops=tuple(each for each in pops if not each.closed))
