"""What is known of a caller before a word is spoken: for the screen-pop and the caller's history."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from telephony.numbers import normalise
from tickets.identity import Keyring, Person
from tickets.knowledge.models import Article, ArticleVersion
from tickets.knowledge.search import published
from tickets.models import Ticket
from tickets.register import Hotline
from tickets.schemas import TicketLine
from tickets.terms import OVER, State
from tickets.views import line_query, lines

REPEAT_WINDOW = timedelta(days=30)  # D-23
REPEAT_TIMES = 2
KEY_WINDOW = timedelta(days=7)
MENU_WITH_KNOWLEDGE = "consultation"
"""The one menu choice that changes what is suggested."""
LAST_TICKETS = 10
SUGGESTIONS = 5
LOOKED_AT = 50  # newest tickets of a caller


@dataclass(frozen=True)
class KeyMatter:
    title: str
    ticket_id: int


@dataclass(frozen=True)
class Suggestion:
    id: int
    title: str


@dataclass(frozen=True, kw_only=True)
class CallerSummary:
    """`repeat`: the same matter twice within 30 days, or a matter of this caller is still open."""

    hotline_name: str = ""
    known_name: str = ""
    repeat: bool = False
    last_tickets: tuple[TicketLine, ...] = ()
    open_tickets: tuple[TicketLine, ...] = ()
    key_matters: tuple[KeyMatter, ...] = ()
    knowledge: tuple[Suggestion, ...] = ()


async def caller_summary(
    session: AsyncSession,
    people: Keyring,
    number: str,
    now: datetime,
    *,
    dnid: str = "",
    menu: str = "",
) -> CallerSummary:
    """Return what to show while the seat rings; an unknown number has no past and no name (X61)."""
    caller = people.phone_hash(normalise(number))
    rows = await _past(session, people, caller) if caller else []
    recent = [row for row in rows if row.opened_at > now - REPEAT_WINDOW and row.state in _COUNTED]
    matters = Counter(row.category_name for row in recent if row.category_name)
    open_rows = [row for row in rows if row.state not in OVER]
    waiting = [row for row in open_rows if row.number is not None]
    matter = next((row.category for row in rows if row.category), None)
    line = await session.get(Hotline, dnid) if dnid else None
    return CallerSummary(
        hotline_name=line.name if line else "",
        known_name=await _known_name(session, people, caller) if caller else "",
        repeat=bool(waiting) or any(times >= REPEAT_TIMES for times in matters.values()),
        last_tickets=tuple(rows[:LAST_TICKETS]),
        open_tickets=tuple(open_rows[:LAST_TICKETS]),
        key_matters=await _key_matters(session, now),
        knowledge=await _knowledge(session, line.owner_unit_id if line else None, menu, matter),
    )


_COUNTED = frozenset(State) - {State.DRAFT, State.INVALID, State.WITHDRAWN}


async def _past(session: AsyncSession, people: Keyring, caller: str) -> list[TicketLine]:
    query = (
        line_query().where(Ticket.source_hash == caller).order_by(Ticket.id.desc()).limit(LOOKED_AT)
    )
    return lines(people, (await session.execute(query)).all())


async def _known_name(session: AsyncSession, people: Keyring, caller: str) -> str:
    """Return the newest name given from this number by someone who did not ask to stay unknown."""
    query = (
        select(Person)
        .join(Ticket, Ticket.person_id == Person.id)
        .where(Ticket.source_hash == caller)
        .where(Ticket.anonymous.is_not(True), Ticket.confidential.is_not(True))
        .where(Ticket.state != State.INVALID)
        .order_by(Ticket.id.desc())
        .limit(LOOKED_AT)
    )
    names = (people.of(person).caller_name for person in await session.scalars(query))
    return next(filter(None, names), "")


async def _key_matters(session: AsyncSession, now: datetime) -> tuple[KeyMatter, ...]:
    query = (
        select(Ticket.title, Ticket.id)
        .where(Ticket.key_flag, Ticket.state.not_in(OVER | {State.DRAFT}))
        .where(Ticket.opened_at > now - KEY_WINDOW)
        .order_by(Ticket.opened_at.desc())
        .limit(3)
    )
    return tuple(KeyMatter(row.title, row.id) for row in await session.execute(query))


async def _knowledge(
    session: AsyncSession, owner: int | None, menu: str, matter: str | None
) -> tuple[Suggestion, ...]:
    """Suggest articles of the dialled line's unit, then of the caller's last matter, then general ones."""
    found: dict[int, Suggestion] = {}
    wishes: list[ColumnElement[bool] | None] = [
        Article.unit_id == owner if owner else None,
        Article.category.startswith(matter[:3], autoescape=True) if matter else None,
        Article.id > 0 if menu == MENU_WITH_KNOWLEDGE else None,
    ]
    for wish in wishes:
        if wish is None or len(found) >= SUGGESTIONS:
            continue
        query = (
            select(Article.id, ArticleVersion.title)
            .join(ArticleVersion, published())
            .where(wish)
            .order_by(Article.id)
        )
        for row in await session.execute(query.limit(SUGGESTIONS)):
            found.setdefault(row.id, Suggestion(row.id, row.title))
    return tuple(found.values())[:SUGGESTIONS]
