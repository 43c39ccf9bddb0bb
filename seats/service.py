"""The seats' front door: commands of people, facts of the switch, queries; the files beside it do the work."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import WorkCalendar, shipped_calendar
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.security import Principal
from seats import commands, draining, facts, members, plan, plan_book, signing, sweep
from seats import plan_changes as changes
from seats import plan_page as pages
from seats.alignment import align
from seats.effects import Align, Effect, Effects, Penalties, Rebuild, SecondOffer
from seats.leases import ACTIVE, lease_at, lease_of, leases
from seats.models import AgentSession, PlanRow
from seats.plan_book import load_plan
from seats.plan_rules import open_seats_at
from seats.ports import Switch
from seats.room import SeatRoom
from seats.second_offer import settle
from seats.sip import SipAccount, sip_account
from seats.skill_book import AgentSkills, align_penalties, matrix, on_duty, set_skills
from seats.skills import Skill
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
        self,
        database: Database,
        switch: Switch,
        clock: Clock,
        settings: Settings,
        calendar: Callable[[], WorkCalendar] = shipped_calendar,
    ) -> None:
        self._effects = Effects(self._perform)
        self._room = SeatRoom(database, switch, clock, settings, self._effects, clock(), calendar)
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
        """Set how many seats may be staffed until the plan's next boundary (shift leader, office director)."""
        await self.change_plan(changes.Moment(open_seats=count, reason=reason), by)
        return await self.plan()

    async def change_plan(
        self, wish: changes.Moment | changes.Window | changes.Standing, by: Principal
    ) -> PlanRow:
        """Enter a change of the moment, a window or a standing rule into the plan."""
        row = await changes.change(self._room, by, wish)
        await draining.review(self._room)
        return row

    async def withdraw_plan_entry(self, entry_id: int, reason: str, by: Principal) -> PlanRow:
        """Take an entry out of the plan from now on."""
        row = await changes.withdraw(self._room, by, entry_id, reason)
        await draining.review(self._room)
        return row

    async def undo_plan(self, reason: str, by: Principal) -> PlanRow:
        """Withdraw the last change that still has an effect."""
        row = await changes.undo(self._room, by, reason)
        await draining.review(self._room)
        return row

    async def set_stays(self, seat: str, stays: bool, reason: str, by: Principal) -> None:
        """Exempt the agent at `seat` from leaving because of the plan, or take that back."""
        await draining.set_stays(self._room, by, seat, stays, reason)

    async def notice_seen(self, principal: Principal) -> None:
        """The agent has seen the notice of the coming change."""
        await draining.notice_seen(self._room, principal)

    async def set_skills(self, account_id: int, skills: Mapping[Skill, int], by: Principal) -> None:
        """Set what an operator knows (shift leader, office director)."""
        await set_skills(self._room, account_id, skills, by)

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
        """Follow the plan; judge limits, confirmations and absences; every 15 s compare all members too."""
        if self._sweeping:
            return
        self._sweeping = True
        try:
            await plan_book.keep_in_step(self._room)
            await draining.review(self._room)
            await sweep.sweep(self._room)
            await draining.drain(self._room)
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
        return (await self.board())[0]

    async def plan(self) -> Plan:
        """Return how many seats are open, of how many, why, until when and what comes then."""
        async with self._room.reading() as session:
            return await plan.plan_now(session, self._room)

    async def planned(self, session: AsyncSession) -> Callable[[datetime], int]:
        """Read the plan of the past year and of what is to come; returns how many seats it opens at a moment."""
        since = self._room.clock() - timedelta(days=366)
        entries, kind_of = await load_plan(session, self._room, since), self._room.calendar().kind
        physical = self._room.settings.physical_seats
        return lambda at: min(open_seats_at(entries, kind_of, at).count, physical)

    async def board(self) -> tuple[list[SeatView], Plan]:
        """Return all seats and the plan, of the same moment."""
        async with self._room.reading() as session:
            return await plan.seat_board(session, self._room)

    async def plan_page(self) -> pages.PlanPage:
        """Return what the manager's page of the plan shows."""
        async with self._room.reading() as session:
            return await pages.plan_page(session, self._room)

    async def plan_history(self, before: int | None = None, limit: int = 50) -> list[pages.Change]:
        """Return the changes of the plan, newest first, older than entry `before`."""
        async with self._room.reading() as session:
            return await pages.plan_history(session, before, limit)

    async def skills(self) -> list[AgentSkills]:
        """Return all operators with their skills and what their seats stand for now."""
        async with self._room.reading() as session:
            return await matrix(session)

    async def on_duty(self, skill: Skill) -> bool:
        """Tell whether somebody who stands for `skill` works now."""
        async with self._room.reading() as session:
            return await on_duty(session, skill)

    async def _perform(self, effect: Effect) -> None:
        match effect:
            case Align(endpoint):
                await align(self._room, endpoint)
            case SecondOffer():
                await settle(self._room, effect)
            case Rebuild():
                await sweep.rebuild(self._room)
            case Penalties():
                await align_penalties(self._room)
