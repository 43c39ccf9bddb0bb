"""Coming to a seat and leaving it: the lease is ours, the queue member is Asterisk's."""

from sqlalchemy.exc import IntegrityError

from core.security import Principal, Role
from seats.alignment import Desired, add, put, remove
from seats.commands import my_turn
from seats.drain import LEAVING
from seats.effects import Align, Penalties
from seats.errors import CallInProgress, NoSuchSeat, SeatTaken, SignInUnfinished, SwitchUnavailable
from seats.leases import Claim, lease_of, lock_plan, take_lease
from seats.models import AgentSession
from seats.plan_book import plan_at
from seats.ports import SwitchMember
from seats.room import SWITCH_FAILURES, SeatRoom
from seats.roster.duty import require_on_roster
from seats.states import COMMANDS, IN_CALL
from seats.steps import CONFIRM_WITHIN, Step, take
from seats.views import SeatSession, session_view
from telephony.errors import AlreadyMember

SIGN_IN = Desired(True, "sign_in")
MAY_SIGN_IN = (Role.OPERATOR, Role.SHIFT_LEADER)


async def sign_in(room: SeatRoom, principal: Principal, seat: str) -> SeatSession:
    """Lease the seat, add the paused queue member, and return the session once Asterisk has it.

    Repeating it for the same seat returns the session as it is. Raises what `take_lease` raises, NotOnRoster if
    the roster is required, or SwitchUnavailable, after which the lease is gone.
    """
    principal.require(*MAY_SIGN_IN)
    number = seat.zfill(2)
    if not number.isdecimal() or len(number) > 8:
        raise NoSuchSeat(seat=seat[:8])
    async with room.effects.lock(f"seat{number}"):
        row = await _lease(room, principal, number)
        if row.state != "signed_out":
            return session_view(row)
        try:
            member = await _add_member(room, row.endpoint)
            reachable = row.endpoint in await room.switch.reachable_endpoints()
        except SWITCH_FAILURES as error:
            await give_up(room, row, "switch_refused")
            raise SwitchUnavailable() from error
        return await confirm(room, row, member, reachable=reachable, by=principal.by)


async def sign_out(room: SeatRoom, principal: Principal) -> None:
    """Take the member out of the queue and end the lease.

    Refused with CallInProgress while the seat rings or talks: finish the call first, it is never cut.
    """
    async with my_turn(room, principal) as endpoint:
        async with room.lease(endpoint) as (_, row):
            if row is None or row.account_id != principal.account_id:
                return
            if row.state in IN_CALL:
                raise CallInProgress()
            if row.state not in COMMANDS["sign_out"]:
                raise SignInUnfinished()
        if not await leave(room, row, "signed_out", principal.by):
            raise CallInProgress()


async def leave(room: SeatRoom, row: AgentSession, why: str, by: str = "system") -> bool:
    """Remove the member, then end the lease; False if a call came first, which then goes on.

    The caller holds the seat's turn. With the switch away the lease ends all the same: the ghost member is
    removed when the switch is back, and its unregistered device is not rung before.
    """
    await remove(room, row.endpoint)
    async with room.lease(row.endpoint) as (work, current):
        if current is None or current.id != row.id:
            return True
        if current.state in IN_CALL:
            if current.wanted == LEAVING:
                current.wanted = ""
            work.later(Align(row.endpoint))
            return False
        take(work, current, Step("left", room.clock(), by=by, reason=why), room)
        work.later(Penalties())
        return True


async def confirm(
    room: SeatRoom, row: AgentSession, member: SwitchMember, *, reachable: bool, by: str = "system"
) -> SeatSession:
    """Make the lease usable: Asterisk has its member. The member's event may have done it already."""
    async with room.lease(row.endpoint) as (work, current):
        if current is None or current.id != row.id:
            raise SwitchUnavailable()
        current.member_paused = member.paused
        if not member.paused:
            work.later(Align(row.endpoint))
        if reachable:
            current.device_lost_at = None
        if current.state == "signed_out":
            step = Step("member_added", room.clock(), by=by, reason=SIGN_IN.reason)
            take(work, current, step, room)
        return session_view(current)


async def give_up(room: SeatRoom, row: AgentSession, why: str) -> None:
    """End a lease whose member Asterisk never confirmed."""
    async with room.lease(row.endpoint) as (work, current):
        if current is not None and current.id == row.id:
            if current.state == "signed_out":  # nobody has seen it yet: no step, no event
                current.ended_at, current.end_reason = room.clock(), why
                current.check_at = None
            else:
                take(work, current, Step("left", room.clock(), reason=why), room)
    room.effects.request(Align(row.endpoint))


async def _lease(room: SeatRoom, principal: Principal, seat: str) -> AgentSession:
    try:
        async with room.database.unit_of_work() as uow:
            await lock_plan(uow.session)
            now = await plan_at(uow.session, room, room.clock())
            claim = Claim(
                principal=principal,
                seat=seat,
                at=now.at,
                confirm_by=now.at + 2 * CONFIRM_WITHIN,
                physical_seats=room.settings.physical_seats,
                open_seats=now.count,
            )
            if (
                room.settings.roster_required
                and await lease_of(uow.session, principal.account_id) is None
            ):
                await require_on_roster(uow.session, principal, now.at)
            return await take_lease(uow.session, claim)
    except IntegrityError as error:
        # The unique indexes are the net under the plan lock: somebody else was first.
        raise SeatTaken(seat=seat) from error


async def _add_member(room: SeatRoom, endpoint: str) -> SwitchMember:
    """Add the paused member; a ghost of earlier days is taken over and paused."""
    try:
        return await add(room, endpoint, SIGN_IN)
    except AlreadyMember:
        return await put(room, endpoint, SIGN_IN)
