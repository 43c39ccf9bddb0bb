"""A draft in the hands of somebody who may edit it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.security import Principal
from tickets import schemas
from tickets.keys import Keys
from tickets.models import Ticket
from tickets.privacy import Sight
from tickets.views import show


@dataclass(frozen=True)
class Editing:
    """A locked draft that `principal` may edit, in a transaction."""

    session: AsyncSession
    ticket: Ticket
    seen: Sight
    principal: Principal
    keys: Keys
    now: datetime

    async def show(self) -> schemas.Ticket:
        return await show(self.session, self.keys.people, self.ticket, self.principal, self.seen)
