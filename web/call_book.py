"""Who may see which call, and lists of calls as desktops show them."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.log import mask_number
from core.security import Account, Principal, Role
from telephony import queries
from telephony.models import CallRow
from tickets.models import Contact, Ticket
from web.live_state import CallLine
from web.models import CallAgent

log = structlog.get_logger(__name__)

SEE_ALL = frozenset(
    {
        Role.SHIFT_LEADER,
        Role.INTAKE,
        Role.COORDINATION,
        Role.OFFICE_DIRECTOR,
        Role.AUDITOR,
    }
)
SEE_NUMBERS = SEE_ALL - {Role.AUDITOR}
CALL_ROLES = SEE_ALL | {Role.OPERATOR, Role.CALLBACK_AGENT}


async def visible_call(session: AsyncSession, who: Principal, call_id: str) -> CallRow:
    """Return the call if `who` may see it; an operator sees his own. NotFound otherwise (X54)."""
    row = await queries.call(session, call_id)
    if not who.roles & SEE_ALL and not await was_offered(session, who.account_id, call_id):
        log.warning("call hidden from a person without the right", by=who.by, call_id=call_id)
        raise NotFound(what="call")
    return row


async def was_offered(session: AsyncSession, account_id: int, call_id: str) -> bool:
    """Whether the agent was ever offered this call."""
    return await session.get(CallAgent, (call_id, account_id)) is not None


def number_for(who: Principal, caller: str, *, own: bool) -> str:
    """Return the caller's number, or its mask for those who may only see that there is one."""
    return caller if own or who.roles & SEE_NUMBERS else mask_number(caller)


async def own_calls(
    session: AsyncSession, account_id: int, before: datetime | None, limit: int
) -> tuple[list[CallLine], datetime | None]:
    """Return the calls that this agent was offered, newest first, and where the next page begins."""
    query = select(CallAgent.call_id, CallAgent.at).where(CallAgent.account_id == account_id)
    if before is not None:
        query = query.where(CallAgent.at < before)
    found = (await session.execute(query.order_by(CallAgent.at.desc()).limit(limit))).all()
    rows = await queries.call_lines(
        session, account_calls=[row.call_id for row in found], limit=limit
    )
    following = found[-1].at if len(found) == limit else None
    return await compose_lines(session, rows), following


async def caller_lines(session: AsyncSession, caller: str, limit: int = 5) -> list[CallLine]:
    """Return the last calls from one number."""
    rows = await queries.call_lines(session, caller=caller, limit=limit)
    return await compose_lines(session, rows)


async def compose_lines(session: AsyncSession, rows: Sequence[CallRow]) -> list[CallLine]:
    """Return calls with the agent who talked last and the ticket, in two queries for all of them."""
    ids = [row.id for row in rows]
    names = await agent_names(session, ids)
    tickets = await _tickets(session, ids)
    return [
        CallLine(
            call_id=row.id,
            started_at=row.started_at,
            outcome=row.outcome,
            agent_name=names.get((row.id, row.segments[-1].endpoint), "") if row.segments else "",
            waited_seconds=row.waited_seconds,
            talk_seconds=row.talk_seconds,
            dnid=row.dnid,
            caller_masked=mask_number(row.caller),
            ticket_id=tickets.get(row.id),
        )
        for row in rows
    ]


async def agent_names(session: AsyncSession, ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """Return who sat at an endpoint during a call, by (call, endpoint)."""
    query = (
        select(CallAgent.call_id, CallAgent.seat, Account.display_name)
        .join(Account, Account.id == CallAgent.account_id)
        .where(CallAgent.call_id.in_(ids))
    )
    return {
        (row.call_id, f"seat{row.seat}" if row.seat.isdecimal() else row.seat): row.display_name
        for row in await session.execute(query)
    }


async def agents_of(session: AsyncSession, call_id: str) -> frozenset[int]:
    """Return the accounts that were offered this call."""
    query = select(CallAgent.account_id).where(CallAgent.call_id == call_id)
    return frozenset(await session.scalars(query))


async def _tickets(session: AsyncSession, ids: Sequence[str]) -> dict[str, int]:
    query = (
        select(Contact.call_id, Ticket.id)
        .join(Ticket, Ticket.contact_id == Contact.id)
        .where(Contact.call_id.in_(ids))
        .order_by(Ticket.id)
    )
    return {row.call_id: row.id for row in await session.execute(query)}
