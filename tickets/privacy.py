"""Who may see which ticket, and how much of the caller (X54, 5.9)."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.log import mask_number
from core.security import OFFICE, Principal, Role
from tickets.models import Ticket, TicketHandler
from tickets.states import DESK

READ_ALL = OFFICE | {Role.SHIFT_LEADER}
UNMASK = READ_ALL - {Role.AUDITOR} | DESK
READERS = tuple(sorted(READ_ALL | DESK))


@dataclass(frozen=True)
class Sight:
    """What one person may do with one ticket: see it at all, see the caller's numbers, edit the draft.

    `handles`: it is among the person's own already, and not only because the caller is on the line.
    """

    see: bool
    numbers: bool
    edit: bool
    handles: bool


async def sight(
    session: AsyncSession, principal: Principal, ticket: Ticket, live_caller: str | None
) -> Sight:
    """Return the person's sight of `ticket`; `live_caller` is the hash of the number now at his seat."""
    at_desk = principal.may(*DESK)
    on_line = ticket.source_hash is not None and ticket.source_hash == live_caller
    handles = at_desk and await _handles(session, principal.account_id, ticket.id)
    own = handles or (at_desk and on_line)
    see = own or principal.may(*READ_ALL)
    return Sight(see=see, numbers=own, edit=at_desk and see, handles=handles)


def number_for(number: str, sight: Sight) -> str:
    """Return the number as the person may see it."""
    return number if sight.numbers else mask_number(number)


def name_for(ticket: Ticket, name: str, sight: Sight) -> str:
    """Return the caller's name; of a confidential or anonymous caller only those who handle him see it."""
    hidden = ticket.confidential or ticket.anonymous
    return "***" if name and hidden and not sight.numbers else name


async def _handles(session: AsyncSession, account_id: int, ticket_id: int) -> bool:
    found = await session.scalar(
        select(
            exists().where(
                TicketHandler.account_id == account_id, TicketHandler.ticket_id == ticket_id
            )
        )
    )
    return bool(found)
