"""The numbers of elderly callers, who are served first: entered by managers, shown masked."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.db import Database
from core.errors import NotFound
from core.security import Principal, audit
from seats.errors import NumberListed, NumberMalformed
from seats.plan_changes import MAY_PLAN
from seats.rule_models import PriorityNumber
from telephony.numbers import normalise

MOST = 2000


class ElderlyList:
    """A change takes effect on the next call."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def all(self) -> Sequence[PriorityNumber]:
        """Return the list, newest first."""
        query = select(PriorityNumber).order_by(PriorityNumber.id.desc()).limit(MOST)
        async with self._database.reading() as session:
            rows = (await session.scalars(query)).all()
            session.expunge_all()
        return rows

    async def add(self, number: str, note: str, by: Principal) -> PriorityNumber:
        """Enter a number; NumberMalformed or NumberListed."""
        by.require(*MAY_PLAN)
        caller = normalise(number)
        if not caller:
            raise NumberMalformed()
        row = PriorityNumber(number=caller, note=note, added_at=self._clock(), added_by=by.by)
        try:
            async with self._database.unit_of_work() as uow:
                uow.session.add(row)
                await uow.session.flush()
                audit(uow.session, self._clock(), by.by, "elderly.add", f"number:{row.id}")
        except IntegrityError:
            raise NumberListed() from None
        return row

    async def remove(self, number_id: int, by: Principal) -> None:
        """Take a number off the list; NotFound."""
        by.require(*MAY_PLAN)
        async with self._database.unit_of_work() as uow:
            row = await uow.session.get(PriorityNumber, number_id)
            if row is None:
                raise NotFound(what="number")
            await uow.session.delete(row)
            audit(uow.session, self._clock(), by.by, "elderly.remove", f"number:{number_id}")


async def is_elderly(session: AsyncSession, caller: str) -> bool:
    """Tell whether a normalised number is on the list; '' never is."""
    if not caller:
        return False
    query = select(PriorityNumber.id).where(PriorityNumber.number == caller)
    return await session.scalar(query) is not None
