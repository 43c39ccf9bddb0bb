"""The seats' front door: commands of people, facts of the switch, queries; the files beside it do the work."""

from datetime import timedelta

from sqlalchemy import update

from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.security import Principal
from seats import commands, facts, members, plan, signing, sweep
from seats.alignment import align
from seats.effects import Align, Effect, Effects, Rebuild, SecondOffer
from seats.leases import ACTIVE, lease_at, lease_of, leases
from seats.models import AgentSession
from seats.ports import Switch
from seats.room import SeatRoom
from seats.second_offer import settle
from seats.sip import SipAccount, sip_account
from seats.views import Plan, SeatSession, SeatView, session_view
from telephony.events import (
    CallAnswered,
    CallOffered,
    DeviceChanged,
    MemberChanged,
    MemberRemoved,
    OfferEnded,
    SegmentEnded,
    SwitchUp,
)

COMPARE_EVERY = timedelta(seconds=15)


class SeatService:
    """Agents at seats. Holds no state of its own but work under way: a restart loses nothing.

    Call `start` before the bridge starts, wire the `on_…` listeners, call `sweep` every second, then `close`.
    """

    def __init__(
        self, database: Database, switch: Switch, clock: Clock, settings: Settings
    ) -> None:
        self._effects = Effects(self._perform)
        self._room = SeatRoom(database, switch, clock, settings, self._effects, clock())
        self._sweeping = False
        self._compared_at = clock()

    @property
    def room(self) -> SeatRoom:
        """What the floor of the shift leader shares with the seats."""
        return self._room

    async def start(self) -> None:
        """Make the seats and the plan that the settings ask for; leases of before go on."""
        await plan.ensure_seats(self._room)

    async def close(self) -> None:
        await self._effects.close()

    async def settled(self) -> None:
        """Return when Asterisk has been told everything that the facts so far demand."""
        await self._effects.settled()

    # Commands of people

    async def sign_in(self, principal: Principal, seat: str) -> SeatSession:
        """Lease `seat` ("03") and return the session, not ready with reason sign_in."""
        return await signing.sign_in(self._room, principal, seat)

    async def sign_out(self, principal: Principal) -> None:
        """End the agent's lease; CallInProgress while the seat rings or talks."""
        await signing.sign_out(self._room, principal)

    async def set_ready(self, principal: Principal) -> SeatSession:
        """Ask for calls; the state is `ready` when Asterisk's event has come."""
        return await commands.set_ready(self._room, principal)

    async def set_not_ready(self, principal: Principal, reason: str) -> SeatSession:
        """Pause with a choosable reason; during a call it is remembered for after the wrap-up."""
        return await commands.set_not_ready(self._room, principal, reason)

    async def extend_wrap_up(self, principal: Principal) -> SeatSession:
        """Prolong the wrap-up once by its length."""
        return await commands.extend_wrap_up(self._room, principal)

    async def set_open_seats(self, count: int, reason: str, by: Principal) -> Plan:
        """Set how many seats may be staffed (shift leader, office director)."""
        return await plan.set_open_seats(self._room, count, reason, by)

    async def touch(self, account_id: int) -> None:
        """The agent's browser is there: keeps the lease."""
        seen = update(AgentSession).where(ACTIVE, AgentSession.account_id == account_id)
        async with self._room.database.unit_of_work() as uow:
            await uow.session.execute(seen.values(browser_seen_at=self._room.clock()))

    # Facts of the switch

    async def on_call_offered(self, event: CallOffered) -> None:
        await facts.on_call_offered(self._room, event)

    async def on_offer_ended(self, event: OfferEnded) -> None:
        await facts.on_offer_ended(self._room, event)

    async def on_call_answered(self, event: CallAnswered) -> None:
        await facts.on_call_answered(self._room, event)

    async def on_segment_ended(self, event: SegmentEnded) -> None:
        await facts.on_segment_ended(self._room, event)

    async def on_member_changed(self, event: MemberChanged) -> None:
        await members.on_member_changed(self._room, event)

    async def on_member_removed(self, event: MemberRemoved) -> None:
        await members.on_member_removed(self._room, event)

    async def on_device_changed(self, event: DeviceChanged) -> None:
        await members.on_device_changed(self._room, event)

    async def on_switch_up(self, _event: SwitchUp) -> None:
        self._effects.request(Rebuild())

    async def sweep(self) -> None:
        """Judge limits, confirmations and absences; every 15 s compare all members too."""
        if self._sweeping:
            return
        self._sweeping = True
        try:
            await sweep.sweep(self._room)
            if self._room.clock() - self._compared_at >= COMPARE_EVERY:
                self._compared_at = self._room.clock()
                await sweep.compare(self._room)
        finally:
            self._sweeping = False

    # Queries

    async def session_of(self, account_id: int) -> SeatSession | None:
        """Return the session that the agent holds now."""
        async with self._room.reading() as session:
            row = await lease_of(session, account_id)
        return session_view(row) if row else None

    async def session_at(self, endpoint: str) -> SeatSession | None:
        """Return the session at the seat with this SIP endpoint now."""
        async with self._room.reading() as session:
            row = await lease_at(session, endpoint)
        return session_view(row) if row else None

    async def sessions(self) -> list[SeatSession]:
        """Return all sessions held now, by seat."""
        async with self._room.reading() as session:
            return [session_view(row) for row in await leases(session)]

    def sip_account(self, endpoint: str) -> SipAccount:
        """Return the SIP account of a seat; for the agent who holds its lease, nobody else."""
        return sip_account(self._room.settings, endpoint)

    async def seat_board(self) -> list[SeatView]:
        """Return all seats with state, agent and time in it."""
        async with self._room.reading() as session:
            return await plan.seat_board(session, self._room.settings)

    async def plan(self) -> Plan:
        """Return how many seats are open, of how many."""
        async with self._room.reading() as session:
            return await plan.plan_now(session, self._room.settings)

    async def _perform(self, effect: Effect) -> None:
        match effect:
            case Align(endpoint):
                await align(self._room, endpoint)
            case SecondOffer():
                await settle(self._room, effect)
            case Rebuild():
                await sweep.rebuild(self._room)
