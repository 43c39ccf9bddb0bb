"""The events of a ticket as people read them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.security import Account
from tickets.chain import TicketEvent
from tickets.labels import label
from tickets.schemas import TicketEventOut
from tickets.states import TABLE

_TRIGGER_NAMES = {row.trigger: row.zh for row in TABLE}


async def history(session: AsyncSession, ticket_id: int) -> list[TicketEventOut]:
    """Return the ticket's events in their order, with the names of those who acted."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.seq)
    rows = (await session.scalars(query)).all()
    ids = {int(row.by.removeprefix("account:")) for row in rows if row.by.startswith("account:")}
    accounts = select(Account.id, Account.display_name).where(Account.id.in_(ids))
    names = {f"account:{row.id}": row.display_name for row in await session.execute(accounts)}
    return [
        TicketEventOut(
            seq=row.seq,
            at=row.at,
            by_name=names.get(row.by, row.by),
            kind=row.kind,
            kind_name=label("event_kinds", row.kind),
            trigger=row.trigger,
            trigger_name=_TRIGGER_NAMES.get(row.trigger, ""),
            old=row.old,
            new=row.new,
            data=row.data,
        )
        for row in rows
    ]
