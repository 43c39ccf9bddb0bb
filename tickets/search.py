"""Lists and search: pages by ticket id, newest first, at a cost that does not grow with the stored tickets."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from telephony.numbers import normalise
from tickets.identity import Keyring, Person
from tickets.models import Ticket, TicketHandler, TicketToken
from tickets.register import Category
from tickets.schemas import TicketLine, TicketList
from tickets.terms import State
from tickets.tokens import MAX_QUERY, fold, index_tokens, query_terms, term_tokens
from tickets.views import LINE_COLUMNS, line_query, lines

HINT_LIMIT = 1000
MAX_TOKENS = (
    16  # a long query is narrowed by its rarest token and these; the substring test does the rest
)
NUMBER_DIGITS = 7

INDEXED = (
    "number",
    "title",
    "content",
    "purpose",
    "complained_party",
    "street",
    "community",
    "address",
    "answer_text",
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a list should hold; `handler` restricts it to one person's own tickets."""

    handler: int | None = None
    state: State | None = None
    invalid_proposed: bool = False
    before: int | None = None
    limit: int = 20


def search_text(values: Mapping[str, str | None]) -> str:
    """Return the folded text of a ticket in which its words are looked for."""
    return fold("\n".join(values[name] or "" for name in INDEXED))


async def reindex(session: AsyncSession, ticket: Ticket) -> None:
    """Bring the search text and the tokens of a flushed ticket to its present form."""
    text = search_text({name: getattr(ticket, name) for name in INDEXED})
    if text == ticket.search_text:
        return
    old, new = index_tokens(ticket.search_text), index_tokens(text)
    ticket.search_text = text
    if gone := old - new:
        await session.execute(
            delete(TicketToken).where(
                TicketToken.ticket_id == ticket.id, TicketToken.token.in_(gone)
            )
        )
    if added := new - old:
        rows = [{"token": token, "ticket_id": ticket.id} for token in sorted(added)]
        await session.execute(insert(TicketToken), rows)


async def page(session: AsyncSession, people: Keyring, wanted: Wanted) -> TicketList:
    """Return one page of tickets, newest first."""
    query, newest = _listed(wanted)
    hint = await _hint(session, query) if wanted.before is None else None
    return await _paged(session, people, query, newest, wanted, hint)


async def search(
    session: AsyncSession, people: Keyring, wanted: Wanted, text: str, *, by_phone: bool
) -> TicketList:
    """Return one page of the tickets in which every word of `text` occurs.

    `by_phone` lets a telephone number find the tickets of its caller: not for operators. A query without
    a single letter, digit or character finds nothing.
    """
    phone = normalise(text) if by_phone else ""
    if len(phone) >= NUMBER_DIGITS:
        return await _by_phone(session, people, wanted, phone)
    terms = query_terms(text[:MAX_QUERY])
    tokens = await _rarest_first(session, terms)
    if not tokens:
        return TicketList(tickets=[], next=None, total_hint=None)
    first = aliased(TicketToken)
    query = (
        select(*LINE_COLUMNS)
        .select_from(first)
        .join(Ticket, Ticket.id == first.ticket_id)
        .join(Person, Person.id == Ticket.person_id)
        .outerjoin(Category, Category.code == Ticket.category)
        .where(first.token == tokens[0])
        .where(*(_has_token(first.ticket_id, token) for token in tokens[1:MAX_TOKENS]))
        .where(*(Ticket.search_text.contains(term, autoescape=True) for term in terms))
        .where(*_conditions(wanted))
    )
    if wanted.handler is not None:
        query = query.where(_handled(wanted.handler, first.ticket_id))
    return await _paged(session, people, query, first.ticket_id, wanted, None)


def _listed(wanted: Wanted) -> tuple[Select[*tuple[object, ...]], InstrumentedAttribute[int]]:
    query = line_query().where(*_conditions(wanted))
    if wanted.handler is None:
        return query, Ticket.id
    own = TicketHandler.ticket_id
    query = query.join(TicketHandler, own == Ticket.id)
    return query.where(TicketHandler.account_id == wanted.handler), own


async def _by_phone(
    session: AsyncSession, people: Keyring, wanted: Wanted, phone: str
) -> TicketList:
    known = people.phone_hash(phone)
    query = (
        line_query()
        .where(or_(Ticket.source_hash == known, Ticket.contact_hash == known))
        .where(*_conditions(wanted))
    )
    if wanted.handler is not None:
        query = query.where(_handled(wanted.handler, Ticket.id))
    return await _paged(session, people, query, Ticket.id, wanted, None)


async def _paged(
    session: AsyncSession,
    people: Keyring,
    query: Select[*tuple[object, ...]],
    newest: InstrumentedAttribute[int],
    wanted: Wanted,
    hint: int | None,
) -> TicketList:
    if wanted.before is not None:
        query = query.where(newest < wanted.before)
    rows = (await session.execute(query.order_by(newest.desc()).limit(wanted.limit + 1))).all()
    found: list[TicketLine] = lines(people, rows[: wanted.limit])
    more = len(rows) > wanted.limit
    return TicketList(tickets=found, next=found[-1].id if more else None, total_hint=hint)


async def _rarest_first(session: AsyncSession, terms: tuple[str, ...]) -> list[str]:
    """Return the tokens of all terms; the first is the one with the fewest tickets, counted up to a limit."""
    tokens = list(dict.fromkeys(token for term in terms for token in term_tokens(term)))
    if len(tokens) < 2:
        return tokens
    counts: dict[str, int] = {}
    for token in tokens[:MAX_TOKENS]:
        some = select(TicketToken.ticket_id).where(TicketToken.token == token).limit(HINT_LIMIT)
        counts[token] = await session.scalar(select(func.count()).select_from(some.subquery())) or 0
    rarest = min(counts, key=lambda token: counts[token])
    return [rarest, *(token for token in tokens if token != rarest)]


async def _hint(session: AsyncSession, query: Select[*tuple[object, ...]]) -> int:
    some = query.with_only_columns(Ticket.id).order_by(None).limit(HINT_LIMIT).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        conditions.append(Ticket.state == wanted.state)
    if wanted.invalid_proposed:
        conditions.append(Ticket.state == State.DRAFT)
        conditions.append(Ticket.invalid_proposed_by_id.is_not(None))
    return conditions


def _has_token(ticket_id: InstrumentedAttribute[int], token: str) -> ColumnElement[bool]:
    other = aliased(TicketToken)
    return exists().where(other.token == token, other.ticket_id == ticket_id)


def _handled(account_id: int, ticket_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return exists().where(
        TicketHandler.account_id == account_id, TicketHandler.ticket_id == ticket_id
    )
