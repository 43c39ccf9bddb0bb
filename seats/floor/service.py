"""The floor's front door: monitor sessions, orders at seats, the waiting line; shift leader and director only."""

import asyncio

import structlog

from core.errors import HotlineError
from core.outage import OUTAGE
from core.security import Principal, Role, audit
from seats.floor import monitors, orders
from seats.floor.events import MonitorUpdated
from seats.floor.models import Monitor
from seats.floor.monitors import Monitoring
from seats.floor.phones import give_back, lend
from seats.floor.ports import Floor, Legs, Line
from seats.leases import lease_of
from seats.room import SeatRoom
from seats.sip import SipAccount, sip_account
from telephony.events import MonitorChanged, SwitchUp
from telephony.monitor_legs import Mode

log = structlog.get_logger(__name__)

MAY_LEAD = (Role.SHIFT_LEADER, Role.OFFICE_DIRECTOR)


class FloorService:
    """Holds no state of its own but a verification under way; wire the `on_…` listeners, then `close`."""

    def __init__(self, room: SeatRoom, legs: Legs, floor: Floor, line: Line) -> None:
        self._room = room
        self._parts = Monitoring(room, legs, floor, line)
        self._verifying: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._verifying:
            task.cancel()
        await asyncio.gather(*self._verifying, return_exceptions=True)

    # The shift leader's telephone

    async def phone(self, who: Principal) -> SipAccount:
        """Lend a telephone; for who sits at a seat that is the seat's own, and his page has it already."""
        who.require(*MAY_LEAD)
        async with self._room.reading() as session:
            own = await lease_of(session, who.account_id)
        return sip_account(
            self._room.settings, own.endpoint if own else await lend(self._room, who)
        )

    async def give_phone_back(self, account_id: int) -> None:
        await give_back(self._room, account_id)

    # Beside a call

    async def listen_in(self, who: Principal, seat: str, mode: Mode) -> Monitor:
        """Begin a session beside the call at `seat` ("03"); returns when it hears."""
        who.require(*MAY_LEAD)
        return await monitors.begin(self._parts, who, seat.zfill(2), mode)

    async def change_mode(self, who: Principal, monitor: str, mode: Mode) -> Monitor:
        who.require(*MAY_LEAD)
        return await monitors.change_mode(self._parts, who, monitor, mode)

    async def stop(self, who: Principal, monitor: str) -> None:
        who.require(*MAY_LEAD)
        await monitors.end(self._parts, who, monitor)

    async def monitors(self) -> list[Monitor]:
        """Return all sessions under way."""
        return await monitors.opened(self._room)

    async def under_way(self) -> list[MonitorUpdated]:
        """Return the sessions that a former process left, as the screens hear of them."""
        return [monitors.updated(row) for row in await self.monitors()]

    # Orders

    async def order_not_ready(
        self, who: Principal, seat: str, reason: str, why: str, *, override: bool = False
    ) -> None:
        who.require(*MAY_LEAD)
        await orders.order_not_ready(self._room, who, seat.zfill(2), reason, why, override=override)

    async def order_sign_out(
        self, who: Principal, seat: str, why: str, *, when: str = "", override: bool = False
    ) -> None:
        who.require(*MAY_LEAD)
        await orders.order_sign_out(
            self._room, who, seat.zfill(2), why, when=when, override=override
        )

    async def order_wrap_up_end(self, who: Principal, seat: str, why: str) -> None:
        who.require(*MAY_LEAD)
        await orders.order_wrap_up_end(self._room, who, seat.zfill(2), why)

    # The waiting line

    async def move_up(self, who: Principal, call_id: str, *, to_head: bool) -> int:
        """Put a waiting caller ahead of the one before him, or of all but emergencies; return his place."""
        who.require(*MAY_LEAD)
        place = await self._parts.line.move_up(call_id, to_head=to_head)
        async with self._room.database.unit_of_work() as uow:
            how = "head" if to_head else "one"
            now, target = self._room.clock(), f"call:{call_id}"
            audit(uow.session, now, who.by, "queue.moved_up", target, how=how, position=place)
        return place

    # Facts of the switch

    async def on_monitor_changed(self, event: MonitorChanged) -> None:
        await monitors.on_changed(self._room, event)

    async def on_switch_up(self, _event: SwitchUp) -> None:
        """Facts must not wait for Asterisk's answer."""
        task = asyncio.create_task(self._verify())
        self._verifying.add(task)
        task.add_done_callback(self._verifying.discard)

    async def _verify(self) -> None:
        try:
            await monitors.verify(self._parts)
        except (HotlineError, *OUTAGE) as error:
            log.warning("monitor sessions not verified", error=repr(error)[:80])
