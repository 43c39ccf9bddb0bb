"""What the rooms themselves say of seats, calls and queue, in the live state's words."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from core.log import mask_number
from seats.service import SeatService
from seats.views import Plan as SeatPlan
from seats.views import SeatSession, SeatView
from telephony.calls import Call as SwitchCall
from telephony.calls import Offer, Segment
from web.live_figures import LiveFigures
from web.live_state import Call, NextCount, Plan, Queue, Seat, Session, Switch, Waiting


class LiveCalls(Protocol):
    """The live table of the bridge."""

    @property
    def calls(self) -> Mapping[str, SwitchCall]: ...

    @property
    def connected(self) -> bool: ...


class RoomsTruth:
    """Implements `live_feed.Truth` over the seat service and the bridge's table of calls."""

    def __init__(self, seats: SeatService, switch: LiveCalls, figures: LiveFigures) -> None:
        self._seats = seats
        self._switch = switch
        self.figures = figures.now

    async def seats(self) -> tuple[dict[str, Seat], Plan]:
        board, plan = await self._seats.board()
        callers = {at: call.caller_masked for at, call in self.calls().items()}
        return (
            {view.number: seat_piece(view, callers.get(view.endpoint, "")) for view in board},
            plan_piece(plan),
        )

    async def sessions(self) -> dict[int, Session]:
        return {held.account_id: session_piece(held) for held in await self._seats.sessions()}

    def calls(self) -> dict[str, Call]:
        pieces = (piece for call in self._switch.calls.values() for piece in call_pieces(call))
        return dict(pieces)

    def queue(self) -> Queue:
        return queue_piece(self._switch.calls)

    def switch(self) -> Switch:
        return Switch(up=self._switch.connected)


def session_piece(session: SeatSession) -> Session:
    return Session(
        seat=session.seat,
        endpoint=session.endpoint,
        state=session.state,
        reason=session.reason,
        since=session.since,
        deadline=session.deadline,
        extended=session.extended,
        call_id=session.call_id,
        device_reachable=session.device_reachable,
        pause_wished=session.wanted_reason if session.wanted == "not_ready" else "",
        ordered=session.ordered,
        ordered_by=session.ordered_by,
        ordered_why=session.ordered_why,
    )


def seat_piece(view: SeatView, caller_masked: str) -> Seat:
    return Seat(
        number=view.number,
        state=view.state,
        agent_name=view.agent_name,
        reason=view.reason,
        since=view.since,
        reachable=view.reachable,
        caller_masked=caller_masked if view.state in ("ringing", "talking") else "",
        leaves_at=view.leaves_at,
        stays=view.stays,
        held=view.held,
        notice=view.notice,
    )


def plan_piece(plan: SeatPlan) -> Plan:
    following = plan.next
    return Plan(
        open_seats=plan.open_seats,
        physical_seats=plan.physical_seats,
        why=plan.why,
        reason=plan.reason,
        author=plan.author,
        until=plan.until,
        next=NextCount(
            at=following.at,
            open_seats=following.open_seats,
            reason=following.reason,
            author=following.author,
        )
        if following
        else None,
        drain=plan.drain,
    )


def call_pieces(call: SwitchCall) -> Iterable[tuple[str, Call]]:
    """Yield the call as each seat that rings or talks with it sees it, with the seat's endpoint."""
    for offer in call.offers:
        if offer.open:
            yield offer.endpoint, _piece(call, offer, None)
    for segment in call.segments:
        if segment.open:
            offers = {offer.attempt: offer for offer in call.offers}
            yield segment.endpoint, _piece(call, offers.get(segment.attempt), segment)


def queue_piece(calls: Mapping[str, SwitchCall]) -> Queue:
    waiting = sorted((call for call in calls.values() if call.in_queue), key=lambda c: c.position)
    return Queue(
        waiting=[
            Waiting(
                call_id=call.id,
                caller_masked=mask_number(call.caller),
                position=call.position,
                joined_at=(call.joined_at or call.started_at).isoformat(),
                emergency=call.emergency,
            )
            for call in waiting
        ]
    )


def _piece(call: SwitchCall, offer: Offer | None, segment: Segment | None) -> Call:
    held = segment is not None and any(
        leg.uniqueid == segment.uniqueid and leg.state == "held" for leg in call.legs.values()
    )
    return Call(
        call_id=call.id,
        state="ringing" if segment is None else "held" if held else "talking",
        caller=call.caller,
        caller_masked=mask_number(call.caller),
        caller_place="",
        dnid=call.dnid,
        hotline_name="",
        menu=call.menu,
        emergency=call.emergency,
        attempt=offer.attempt if offer else 0,
        offered_at=offer.offered_at if offer else call.started_at,
        answered_at=segment.started_at if segment else None,
        waited_seconds=call.waited_seconds,
        recording=bool(call.recording),
    )
