"""What a person decided of two tickets: the same matter again, a related one, or a different one."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from tickets.chain import Happening, append
from tickets.models import Ticket


class Relation(StrEnum):
    REPEAT = "repeat"  # the same caller with the same matter
    RELATED = "related"
    DISTINCT = "distinct"  # looked alike and is not


class TicketLink(Base):
    """`ticket_id` is the one at which it was decided; the earlier one is `other_id`."""

    __tablename__ = "ticket_link"
    __table_args__ = (CheckConstraint("ticket_id <> other_id", name="two_tickets"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, index=True)
    relation: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


async def link(
    session: AsyncSession,
    key: bytes,
    ticket: Ticket,
    other_id: int,
    relation: Relation,
    account_id: int,
    now: datetime,
) -> None:
    """Decide once or anew, with an event of the locked `ticket`; deciding the same again changes nothing."""
    known = await session.get(TicketLink, (ticket.id, other_id))
    if known is not None and known.relation == relation:
        return
    decided = TicketLink(
        ticket_id=ticket.id, other_id=other_id, relation=relation, account_id=account_id, at=now
    )
    await session.merge(decided)
    if relation is not Relation.DISTINCT and ticket.related_ticket is None:
        ticket.related_ticket = other_id
    ticket.version += 1
    ticket.updated_at = max(now, ticket.updated_at)
    await session.flush()
    linked = Happening(
        ticket_id=ticket.id,
        at=ticket.updated_at,
        by=f"account:{account_id}",
        kind="linked",
        data={"other": other_id, "relation": relation},
    )
    await append(session, key, linked)
