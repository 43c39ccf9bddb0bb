"""What time brings: limits that pass, confirmations that never came, agents who are gone, silent differences."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from seats.alignment import Desired, desired_member, leg_alive, put
from seats.commands import ask_ready, pause_confirmed
from seats.draining import draining, let_go
from seats.effects import Align, Penalties
from seats.errors import SwitchUnavailable
from seats.facts import end_offer
from seats.leases import lease_at, leases
from seats.members import note_device
from seats.models import AgentSession
from seats.ports import SwitchMember
from seats.room import SWITCH_FAILURES, SeatRoom
from seats.signing import confirm, give_up, leave
from seats.skill_book import penalties_now
from seats.states import IN_CALL, SIGN_OUT
from seats.steps import CONFIRM_WITHIN, TALK_CHECK_EVERY, Step, take

log = structlog.get_logger(__name__)

Members = Mapping[str, SwitchMember]


async def sweep(room: SeatRoom) -> None:
    """Judge every lease whose time has come. Harmless to repeat, and in several processes at once."""
    now = room.clock()
    async with room.reading() as session:
        rows = await leases(session)
    due = [row for row in rows if row.check_at is not None and row.check_at <= now]
    if due:
        members = await members_now(room)
        for row in due:
            await _guarded(room, row, members)
    for row in rows:
        if row.state not in IN_CALL and row.state != "signed_out":
            await _judge_absence(room, row, now)


async def compare(room: SeatRoom) -> int:
    """Compare Asterisk's members with the leases, correct what differs and return how many did."""
    members = await members_now(room)
    if members is None:
        return 0
    async with room.reading() as session:
        rows, wanted = await leases(session), await penalties_now(session)
    wrong = {endpoint for endpoint in members if endpoint not in {row.endpoint for row in rows}}
    for row in rows:
        member = members.get(row.endpoint)
        desired = desired_member(row)
        missing = member is None and row.state != "signed_out"
        if missing or (desired and member and member.paused != desired.paused):
            wrong.add(row.endpoint)
    if any(wanted.get(name, member.penalty) != member.penalty for name, member in members.items()):
        room.effects.request(Penalties())
    for endpoint in sorted(wrong):
        log.warning("queue member differs from lease", endpoint=endpoint)
        room.effects.request(Align(endpoint))
    return len(wrong)


async def rebuild(room: SeatRoom) -> None:
    """After a reconnect: re-verify calls and devices of all leases, then compare the members."""
    await _ask_devices(room)
    async with room.reading() as session:
        rows = await leases(session)
    members = await members_now(room)
    for row in rows:
        if row.state in IN_CALL or row.wanted == "ready":
            await _guarded(room, row, members)
    await compare(room)


async def members_now(room: SeatRoom) -> Members | None:
    """Return Asterisk's members by endpoint, None if it does not answer."""
    try:
        return {member.endpoint: member for member in await room.switch.members()}
    except SWITCH_FAILURES as error:
        log.warning("members not listed", error=repr(error))
        return None


async def _guarded(room: SeatRoom, row: AgentSession, members: Members | None) -> None:
    """Judge one lease under its seat's turn; without an answer from the switch, ask again soon."""
    async with room.effects.lock(row.endpoint):
        if not await _unchanged(room, row):
            return
        try:
            if members is None:
                raise SwitchUnavailable()
            await _judge(room, row, members.get(row.endpoint))
        except SWITCH_FAILURES as error:
            log.warning("lease not verified", seat=row.seat_number, error=repr(error))
            await _postpone(room, row, CONFIRM_WITHIN)


async def _judge(room: SeatRoom, row: AgentSession, member: SwitchMember | None) -> None:
    if row.wanted == SIGN_OUT and row.state not in IN_CALL:
        await leave(room, row, "ordered")
        return
    match row.state:
        case "signed_out":
            await _judge_sign_in(room, row, member)
        case "ringing" | "talking":
            await _judge_call(room, row)
        case "wrap_up" if row.wanted != "ready":
            await end_wrap_up(room, row)
        case "wrap_up" | "not_ready":
            await _judge_ready(room, row, member)
        case "ready":
            return


async def _judge_sign_in(room: SeatRoom, row: AgentSession, member: SwitchMember | None) -> None:
    """The process that signed the agent in died half-way: the member's presence decides."""
    if member is None:
        await give_up(room, row, "unfinished")
    else:
        reachable = row.endpoint in await room.switch.reachable_endpoints()
        await confirm(room, row, member, reachable=reachable)


async def _judge_call(room: SeatRoom, row: AgentSession) -> None:
    """Ring and talk last as long as the seat has a channel in the call, and no longer."""
    if await leg_alive(room, row.endpoint, row.call_id):
        talking = row.state == "talking"
        await _postpone(room, row, TALK_CHECK_EVERY if talking else CONFIRM_WITHIN)
        return
    async with room.lease(row.endpoint, plan=True) as (work, current):
        if current is None or not _same(current, row):
            return
        log.warning("call is gone", seat=row.seat_number, state=row.state, call_id=row.call_id)
        if current.state == "ringing":
            await end_offer(room, work, current, "withdrawn", room.clock())
        else:
            step = Step("talk_over", room.clock(), call_id=current.call_id)
            take(work, current, step, room)


async def end_wrap_up(room: SeatRoom, row: AgentSession) -> None:
    """The after-call work is over, by its limit or by order: what the agent wished during the call comes true.

    Unless the plan takes the seat back: that was put off for the call and its wrap-up, and no longer.
    """
    if draining(row, room.clock()) and await let_go(room, row):
        return
    if row.wanted == "not_ready":
        await put(room, row.endpoint, Desired(True, row.wanted_reason))
        await pause_confirmed(room, row, row.wanted_reason, "system")
    else:
        await ask_ready(room, row)


async def _judge_ready(room: SeatRoom, row: AgentSession, member: SwitchMember | None) -> None:
    """`ready` was asked for and no event came: believe Asterisk's list, or ask for it again."""
    if member is None or member.paused:
        await put(room, row.endpoint, Desired(False))
        await _postpone(room, row, CONFIRM_WITHIN)
        return
    async with room.lease(row.endpoint) as (work, current):
        if current is not None and _same(current, row):
            current.member_paused = False
            take(work, current, Step("unpaused", room.clock()), room)


async def _judge_absence(room: SeatRoom, row: AgentSession, now: datetime) -> None:
    """Device gone too long: not ready; browser gone as well: the lease ends, so that no ghost stays."""
    gone_since = now - timedelta(seconds=room.settings.lease_grace_seconds)
    if row.device_lost_at is None or row.device_lost_at > gone_since:
        return
    # While our process was down no browser could say that it is there.
    browser_gone = max(row.browser_seen_at, room.started_at) <= gone_since
    if not browser_gone and row.state != "ready":
        return
    async with room.effects.lock(row.endpoint):
        if not await _unchanged(room, row):
            return
        if browser_gone:
            log.info("lease released", seat=row.seat_number)
            await leave(room, row, "lost")
            return
        try:
            await put(room, row.endpoint, Desired(True, "system"))
            await pause_confirmed(room, row, "system", "system")
        except SWITCH_FAILURES as error:
            log.warning("absent device not paused", seat=row.seat_number, error=repr(error))


async def _ask_devices(room: SeatRoom) -> None:
    try:
        reachable = await room.switch.reachable_endpoints()
    except SWITCH_FAILURES as error:
        log.warning("devices not listed", error=repr(error))
        return
    async with room.database.unit_of_work() as uow:
        for row in await leases(uow.session, lock=True):
            note_device(row, room.clock(), reachable=row.endpoint in reachable)


async def _postpone(room: SeatRoom, row: AgentSession, by: timedelta) -> None:
    async with room.lease(row.endpoint) as (_, current):
        if current is not None and _same(current, row):
            current.check_at = room.clock() + by


async def _unchanged(room: SeatRoom, row: AgentSession) -> bool:
    async with room.reading() as session:
        current = await lease_at(session, row.endpoint)
        return current is not None and _same(current, row)


def _same(current: AgentSession, row: AgentSession) -> bool:
    """Tell whether nothing has happened to a lease since it was read."""

    def essence(lease: AgentSession) -> tuple[object, ...]:
        return lease.id, lease.state, lease.wanted, lease.call_id, lease.deadline, lease.check_at

    return essence(current) == essence(row)
