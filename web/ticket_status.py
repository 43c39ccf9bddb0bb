"""The progress of a ticket as a caller hears it: the number and the last four digits of the calling number."""

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from sqlalchemy import select

from core.db import Database
from ivr.progress import Stage, TicketProgress
from tickets.identity import Keyring, Person
from tickets.models import Ticket
from tickets.terms import State

PER_TICKET = parse("10 per hour")
ALTOGETHER = parse("120 per minute")

STAGES: dict[State, Stage] = {
    State.PENDING_INFO: "registered",
    State.TO_DISPATCH: "accepted",
    State.DISPATCHED: "with_unit",
    State.HANDLING: "with_unit",
    State.COORDINATING: "with_unit",
    State.REVIEWING: "checking",
    State.CALLBACK: "checking",
    State.REWORK_DECISION: "checking",
    State.CLOSED: "closed",
    State.ARCHIVED: "closed",
    State.ANSWERED: "answered",
    State.REFERRED: "referred",
    State.MERGED: "ended",
    State.INVALID: "ended",
    State.WITHDRAWN: "ended",
}


class TicketStatus:
    """Answers callers; guesses are limited per ticket and for all callers together (X92)."""

    def __init__(self, database: Database, people: Keyring) -> None:
        self._database = database
        self._people = people
        self._window = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, number: str, code: str) -> TicketProgress | None:
        """Return how far a ticket is; None alike for a wrong number, a wrong code and an unknown caller."""
        if len(number) != 14 or len(code) != 4 or not (number + code).isdecimal():
            return None
        if not await self._may_ask(number):
            return None
        found = await self._find(f"{number[:6]}-{number[6:]}")
        if found is None or not found[1].endswith(code):
            return None
        stage = STAGES.get(found[0])
        return TicketProgress(stage) if stage else None

    async def _may_ask(self, number: str) -> bool:
        return await self._window.hit(PER_TICKET, number) and await self._window.hit(ALTOGETHER)

    async def _find(self, number: str) -> tuple[State, str] | None:
        query = (
            select(Ticket.state, Person)
            .join(Person, Person.id == Ticket.person_id)
            .where(Ticket.number == number)
        )
        async with self._database.reading(brief=True) as session:
            row = (await session.execute(query)).one_or_none()
            return (row.state, self._people.of(row.Person).source_number) if row else None
