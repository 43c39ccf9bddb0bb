"""How the rooms' facts become live state: one listener per kind of event, see LISTENERS in web/app.py."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Literal, Protocol

import structlog

from core.log import mask_number
from core.outage import OUTAGE
from core.security import Role
from ivr.events import SurgeChanged
from seats.events import (
    AgentStateChanged,
    OfferMissed,
    OpenSeatsChanged,
    PauseWished,
    SeatPlanChanged,
)
from seats.floor.events import AgentOrdered, MonitorUpdated
from telephony.events import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallOffered,
    CallQueued,
    CallResumed,
    CallStarted,
    CallUnserved,
    DeviceChanged,
    EmergencyDialled,
    EmergencyEnded,
    EmergencyReached,
    EmergencyResult,
    MemberChanged,
    MemberRemoved,
    OfferEnded,
    OfferForeseen,
    QueueChanged,
    QueueEntry,
    RecordingStarted,
    SegmentEnded,
    SwitchDown,
    SwitchUp,
)
from tickets.callers import MENU_WITH_KNOWLEDGE
from tickets.events import TicketChanged, TicketOpened
from tickets.terms import State
from web import floor_notices, live_desk
from web.caller_lore import LookUp, Lore, LoreBook
from web.live_desk import Desk
from web.live_hub import OVERSEERS, Hub
from web.live_state import (
    Call,
    EmergencyDesk,
    Figures,
    Notice,
    Plan,
    Queue,
    Seat,
    Session,
    Surge,
    Switch,
    TicketHint,
    Waiting,
)
from web.screen_pop import KeptPop, PopStore, compose_call, compose_pop

log = structlog.get_logger(__name__)
COALESCE_SECONDS = 0.1
ROUTES_ZH = {"trunk-a": "甲路", "trunk-b": "乙路", "duty-desk": "值班电话"}
RETRY_SECONDS = 1.0

Due = Literal["desks", "queue", "seats", "states", "figures"]


def compose_queue(waiting: Iterable[QueueEntry]) -> Queue:
    """Return the queue as everybody may see it: numbers masked."""
    return Queue(
        waiting=[
            Waiting(
                call_id=entry.call_id,
                caller_masked=mask_number(entry.caller),
                position=entry.position,
                joined_at=entry.joined_at,
                emergency=entry.emergency,
            )
            for entry in waiting
        ]
    )


def compose_surge(event: SurgeChanged) -> Surge | None:
    """Return the banner as everybody sees it, None once it is over."""
    if event.ended:
        return None
    return Surge(
        text=event.text,
        areas=event.areas,
        offers_inform=event.offers_inform,
        sound=event.sound,
        started_by=event.started_by,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        asked=event.asked,
    )


class Truth(Protocol):
    """Asks the rooms for the present state: at the start, after a re-sync, and for the seat board."""

    async def seats(self) -> tuple[dict[str, Seat], Plan]: ...

    async def sessions(self) -> dict[int, Session]: ...

    def calls(self) -> dict[str, Call]:
        """Return the call at each endpoint that has one."""
        ...

    def queue(self) -> Queue: ...

    def switch(self) -> Switch: ...

    async def figures(self) -> Figures: ...


class Feed:
    """Listens to the rooms and keeps the hub in step.

    What concerns one agent goes out at once and without a query; the seat board and the queue, which
    everybody sees, go out at most every 100 ms.
    """

    def __init__(self, hub: Hub, truth: Truth, look_up: LookUp, pops: PopStore) -> None:
        self.hub = hub
        self.lore = LoreBook(look_up, self._learned)
        self._truth = truth
        self._pops = pops
        self._offers: dict[str, dict[int, CallOffered]] = {}
        self._recorded: set[str] = set()
        self._reachable: dict[str, bool] = {}
        self._queue = Queue()
        self._seats_changed: dict[str, Seat] = {}
        self._due: set[Due] = set()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take over the present state and the pops that were left open."""
        for kept in await self._pops.kept():
            self._restore(kept)
        self._due |= {"desks", "queue", "seats", "figures"}
        self._queue = self._truth.queue()
        self.hub.share(self.hub.board.put_switch(self._truth.switch()))
        await self.flush()
        self._task = asyncio.create_task(self._coalesce())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.lore.close()

    async def flush(self) -> None:
        """Send what changed of the shared pieces since the last time."""
        due, self._due = self._due, set()
        try:
            if "desks" in due:
                await self._reload_desks()
            if "queue" in due:
                self.hub.share(self.hub.board.put_queue(self._queue))
            if "seats" in due:
                self._seats_changed.clear()  # what is told from here on is newer than the answer
                seats, plan = await self._truth.seats()
                self.hub.share([*self.hub.board.put_plan(plan), *self.hub.board.put_seats(seats)])
                self._follow_devices(seats)
            changed, self._seats_changed = self._seats_changed, {}
            self.hub.share(self.hub.board.put_seats(changed))
            if "figures" in due:
                self.hub.share(self.hub.board.put_figures(await self._truth.figures()))
        except BaseException:
            self._due |= due
            raise

    def refresh(self) -> None:
        """Compare the board with the seats and the ledger soon, whatever was told."""
        self._mark("seats", "figures")

    def acknowledged(self, account_id: int, pop_id: str) -> None:
        """The browser of `account_id` has shown a pop; one that is not its own is passed over."""
        desk = self.hub.desk(account_id)
        if any(each.pop.pop_id == pop_id for each in desk.pops):
            self._pops.acknowledge(pop_id)
            self._update(account_id, live_desk.acknowledged(desk, pop_id))

    def agents_with(self, call_id: str) -> frozenset[int]:
        """Return the accounts that this live call was offered to."""
        return frozenset(self._offers.get(call_id, ()))

    # What the switch says.

    async def on_switch_up(self, _event: SwitchUp) -> None:
        self.hub.share(self.hub.board.put_switch(Switch(up=True)))
        self._queue = self._truth.queue()
        self._mark("desks", "queue", "seats")

    async def on_switch_down(self, _event: SwitchDown) -> None:
        self.hub.share(self.hub.board.put_switch(Switch(up=False)))

    async def on_queue_changed(self, event: QueueChanged) -> None:
        self._queue = compose_queue(event.waiting)
        self._mark("queue")

    async def on_member_changed(self, event: MemberChanged) -> None:
        self._set_reachable(event.endpoint, event.reachable)

    async def on_member_removed(self, _event: MemberRemoved) -> None:
        self._mark("seats")

    async def on_device_changed(self, event: DeviceChanged) -> None:
        self._set_reachable(event.endpoint, event.reachable)

    # A call, from the trunk to its end.

    async def on_call_started(self, event: CallStarted) -> None:
        self.lore.begin(event.call_id, event.caller, event.dnid, "")

    async def on_call_queued(self, event: CallQueued) -> None:
        if event.menu == MENU_WITH_KNOWLEDGE or not self.lore.asked(event.call_id):
            self.lore.begin(event.call_id, event.caller, event.dnid, event.menu)

    async def on_call_offered(self, event: CallOffered) -> None:
        self.show_offer(event)

    def show_offer(self, event: CallOffered) -> None:
        """Put the pop on the desktop of the seat that rings; an offer that is there already changes nothing."""
        account_id = self.hub.account_at(event.endpoint)
        if account_id is None:
            log.warning("a seat rings where nobody works", endpoint=event.endpoint)
            return
        self._offer(event, account_id, event.endpoint.removeprefix("seat"))

    async def on_offer_foreseen(self, event: OfferForeseen) -> None:
        """Show the pop before the offer is stored; when the offer itself is told, nothing is left to do."""
        self.show_offer(event.offer)

    async def on_offer_ended(self, event: OfferEnded) -> None:
        if event.result != "answered":
            self._fold(
                event.endpoint,
                lambda desk: live_desk.offer_ended(desk, event.call_id, event.attempt),
            )

    async def on_call_answered(self, event: CallAnswered) -> None:
        self._fold(
            event.endpoint,
            lambda desk: live_desk.answered(desk, event.call_id, event.at, event.waited_seconds),
        )

    async def on_call_held(self, event: CallHeld) -> None:
        self._fold(event.endpoint, lambda desk: live_desk.held(desk, event.call_id, True))

    async def on_call_resumed(self, event: CallResumed) -> None:
        self._fold(event.endpoint, lambda desk: live_desk.held(desk, event.call_id, False))

    async def on_segment_ended(self, event: SegmentEnded) -> None:
        self._fold(event.endpoint, lambda desk: live_desk.ended(desk, event.call_id, event.at))

    async def on_recording_started(self, event: RecordingStarted) -> None:
        self._recorded.add(event.call_id)
        self._fold_call(event.call_id, lambda desk: live_desk.recording(desk, event.call_id))

    async def on_call_ended(self, event: CallEnded) -> None:
        self._fold_call(event.call_id, lambda desk: live_desk.ended(desk, event.call_id, event.at))
        self._offers.pop(event.call_id, None)
        self._recorded.discard(event.call_id)
        self.lore.forget(event.call_id)

    # What seats and tickets say.

    async def on_agent_state(self, event: AgentStateChanged) -> None:
        seat = self.hub.board.seats.get(event.seat)
        reachable = self._reachable.get(event.endpoint, bool(seat and seat.reachable))
        desk = self.hub.desk(event.account_id)
        self._update(event.account_id, live_desk.session_changed(desk, event, reachable))
        if seat is None or not seat.agent_name or "signed_out" in (event.old, event.new):
            self._mark("seats")  # one seat more or less may open or close all others
        else:
            call = self.hub.desk(event.account_id).call
            caller = call.caller_masked if call and event.new in ("ringing", "talking") else ""
            self._seats_changed[event.seat] = _seat_now(seat, event, reachable, caller)
            self._mark("states")

    async def on_pause_wished(self, event: PauseWished) -> None:
        desk = self.hub.desk(event.account_id)
        self._update(event.account_id, live_desk.pause_wished(desk, event.reason))

    async def on_open_seats(self, _event: OpenSeatsChanged) -> None:
        self._mark("seats")

    async def on_seat_plan(self, _event: SeatPlanChanged) -> None:
        self._mark("seats")

    async def on_offer_missed(self, event: OfferMissed) -> None:
        self.hub.notify(
            Notice(
                level="warning",
                code="OFFER_MISSED",
                zh=f"{event.seat} 号坐席漏接来电",
                en=f"Seat {event.seat} missed a call",
            ),
            frozenset({Role.SHIFT_LEADER}),
        )

    async def on_emergency_dialled(self, event: EmergencyDialled) -> None:
        self._show_emergency(event, "dialling")
        who = mask_number(event.caller)
        self._alarm(
            "EMERGENCY_DIALLED",
            f"紧急来电 {who} 正在转接 {event.number}",
            f"Emergency call from {who} is being put through to {event.number}",
        )

    async def on_emergency_reached(self, event: EmergencyReached) -> None:
        self._show_emergency(event, "reached")

    async def on_emergency_ended(self, event: EmergencyEnded) -> None:
        """Managers hear at once of an attempt that failed; the caller goes on to the next route or a person."""
        if event.result in ("answered", "caller_gone"):
            self._fold_call(
                event.call_id, lambda desk: live_desk.emergency(desk, event.call_id, None)
            )
            return
        self._show_emergency(event, "failed", event.result)
        who = mask_number(event.caller)
        self._alarm(
            "EMERGENCY_FAILED",
            f"紧急来电 {who} 转接 {event.number} 失败（{ROUTES_ZH.get(event.route, event.route)}）",
            f"Emergency call from {who} did not reach {event.number} over {event.route}",
        )

    def _show_emergency(
        self,
        event: EmergencyDialled | EmergencyReached | EmergencyEnded,
        state: Literal["dialling", "reached", "failed"],
        result: EmergencyResult | None = None,
    ) -> None:
        now = EmergencyDesk(
            number=event.number, route=event.route, state=state, since=event.at, result=result
        )
        self._fold_call(event.call_id, lambda desk: live_desk.emergency(desk, event.call_id, now))

    def _alarm(self, code: str, zh: str, en: str) -> None:
        self.hub.notify(Notice(level="alarm", code=code, zh=zh, en=en), OVERSEERS)

    async def on_call_unserved(self, event: CallUnserved) -> None:
        """Managers are alarmed while the caller is still there."""
        empty = event.why == "left_empty"
        self.hub.notify(
            Notice(
                level="alarm",
                code="NOBODY_STAFFED" if empty else "WAITED_TOO_LONG",
                zh="无人在岗,有来电无法接听" if empty else "有来电等待超时,未能接听",
                en="Nobody is staffed: a caller could not be served"
                if empty
                else "A caller waited too long and was not served",
            ),
            frozenset({Role.SHIFT_LEADER, Role.OFFICE_DIRECTOR}),
        )

    async def on_monitor(self, event: MonitorUpdated) -> None:
        """The shift leader's own session; the agent is told of barge and take over, never of listening."""
        desk = self.hub.desk(event.account_id)
        self._update(event.account_id, live_desk.monitor_changed(desk, event))
        if event.agent_told:
            self.hub.notify_person(floor_notices.joined(event), event.agent_account_id)

    async def on_agent_ordered(self, event: AgentOrdered) -> None:
        self.hub.notify_person(floor_notices.ordered(event), event.account_id)

    async def on_surge(self, event: SurgeChanged) -> None:
        self.hub.share(self.hub.board.put_surge(compose_surge(event)))

    async def on_ticket_opened(self, event: TicketOpened) -> None:
        call_id = event.call_id
        if call_id is not None:
            self._fold_call(
                call_id, lambda desk: live_desk.ticket_opened(desk, call_id, event.ticket_id)
            )
        hint = TicketHint(ticket_id=event.ticket_id, version=1, state=State.DRAFT)
        self.hub.hint(hint, event.account_id)

    async def on_ticket_changed(self, event: TicketChanged) -> None:
        hint = TicketHint(ticket_id=event.ticket_id, version=event.version, state=event.state)
        self.hub.hint(hint, event.account_id)

    def _offer(self, event: CallOffered, account_id: int, seat: str) -> None:
        before = self._offers.get(event.call_id, {}).get(account_id)
        if before and (before.endpoint, before.attempt) == (event.endpoint, event.attempt):
            return
        lore = self.lore.known(event.call_id)
        if not self.lore.asked(event.call_id):
            self.lore.begin(event.call_id, event.caller, event.dnid, event.menu)
        self._offers.setdefault(event.call_id, {})[account_id] = event
        call = compose_call(event, lore, recording=event.call_id in self._recorded)
        desk = self.hub.desk(account_id)
        self._update(account_id, live_desk.offered(desk, call, compose_pop(event, seat, lore)))
        self._pops.keep(event, account_id, seat)

    def _restore(self, kept: KeptPop) -> None:
        event = kept.offer
        self._offers.setdefault(event.call_id, {})[kept.account_id] = event
        pop = compose_pop(event, kept.seat, None)
        desk = self.hub.desk(kept.account_id)
        self.hub.update(kept.account_id, live_desk.restored(desk, pop, kept.acknowledged))
        self.lore.begin(event.call_id, event.caller, event.dnid, event.menu)

    def _learned(self, call_id: str, lore: Lore) -> None:
        for account_id, event in self._offers.get(call_id, {}).items():
            pop = compose_pop(event, event.endpoint.removeprefix("seat"), lore)
            self._update(account_id, live_desk.enriched(self.hub.desk(account_id), pop))

    def _fold(self, endpoint: str, change: Callable[[Desk], Desk]) -> None:
        account_id = self.hub.account_at(endpoint)
        if account_id is not None:
            self._update(account_id, change(self.hub.desk(account_id)))

    def _fold_call(self, call_id: str, change: Callable[[Desk], Desk]) -> None:
        for account_id in self._offers.get(call_id, {}):
            self._update(account_id, change(self.hub.desk(account_id)))

    def _update(self, account_id: int, desk: Desk) -> None:
        still_open = {each.pop.pop_id for each in desk.pops}
        for each in self.hub.desk(account_id).pops:
            if each.pop.pop_id not in still_open:
                self._pops.close_pop(each.pop.pop_id)
        self.hub.update(account_id, desk)

    def _set_reachable(self, endpoint: str, reachable: bool) -> None:
        if self._reachable.get(endpoint) == reachable:
            return
        self._reachable[endpoint] = reachable
        self._fold(endpoint, lambda desk: live_desk.device_changed(desk, reachable))
        self._mark("seats")

    def _follow_devices(self, seats: Mapping[str, Seat]) -> None:
        for account_id, desk in list(self.hub.desks.items()):
            seat = seats.get(desk.session.seat) if desk.session else None
            if seat is not None:
                self._update(account_id, live_desk.device_changed(desk, seat.reachable))

    def _mark(self, *due: Due) -> None:
        self._due.update(due)
        self._woken.set()

    async def _reload_desks(self) -> None:
        before = dict(self.hub.desks)
        sessions, calls = await self._truth.sessions(), self._truth.calls()
        for account_id in before.keys() | sessions.keys():
            desk = self.hub.desk(account_id)
            if self.hub.desks.get(account_id) is not before.get(account_id):
                self._mark("desks")  # an event came in between and knows better: ask again
                continue
            session = sessions.get(account_id)
            call = calls.get(session.endpoint) if session else None
            self._update(account_id, live_desk.reloaded(desk, session, call))

    async def _coalesce(self) -> None:
        while True:
            await self._woken.wait()
            # The wait comes first: the rooms hear the same fact after us and then write what we ask for.
            await asyncio.sleep(COALESCE_SECONDS)
            self._woken.clear()
            try:
                await self.flush()
            except OUTAGE as error:
                log.error("the live board waits for the database", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                self._woken.set()
            except Exception:
                log.exception("the live board could not be refreshed, trying again")
                self._woken.set()


def _seat_now(seat: Seat, event: AgentStateChanged, reachable: bool, caller_masked: str) -> Seat:
    assert event.new != "signed_out"
    return replace(
        seat,
        state=event.new,
        reason=event.reason,
        since=event.at if event.old != event.new else seat.since,
        reachable=reachable,
        caller_masked=caller_masked,
    )
