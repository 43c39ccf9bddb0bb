"""Is this matter known already? Candidates for a draft with their score; a person decides, nothing is merged.

score = 0.4 same caller + 0.2 same category + 0.2 · Jaccard(address pairs) + 0.2 · Jaccard(text pairs), within
30 days, shown from 0.5 on. So a candidate is of the same caller, or else of the same category with a very
similar address: these two sets are read from indexes, newest first and only so far (D03).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tickets.editing import Editing
from tickets.errors import TicketNotFound
from tickets.identity import Keyring
from tickets.links import Relation, TicketLink, link
from tickets.models import Ticket, TicketToken
from tickets.schemas import Duplicate
from tickets.terms import State
from tickets.tokens import index_tokens
from tickets.views import line_query, lines

WINDOW = timedelta(days=30)
THRESHOLD = 0.5
CALLER, CATEGORY, ADDRESS, TEXT = 0.4, 0.2, 0.2, 0.2
SHOWN = 5
OF_CALLER = 50  # newest tickets of a caller that are looked at
OF_PLACE = 200  # newest tickets at a place, by each of its rarest pairs
PLACE_PAIRS = 3
COUNTED = 500  # how far the rarest pair is looked for
OUT = (State.INVALID, State.WITHDRAWN)


@dataclass(frozen=True, kw_only=True)
class Features:
    """What is compared of a ticket; an unknown caller or category is like no other (X61)."""

    callers: frozenset[str] = frozenset()
    category: str | None = None
    address: frozenset[str] = frozenset()
    text: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How alike two matters are, and in what."""

    score: float
    same_caller: bool
    same_category: bool
    address: float
    text: float


def features(ticket: Ticket) -> Features:
    place = f"{ticket.street}\n{ticket.community}\n{ticket.address}"
    return Features(
        callers=callers_of(ticket),
        category=ticket.category,
        address=_pairs(place),
        text=_pairs(f"{ticket.title}\n{ticket.content}"),
    )


def callers_of(ticket: Ticket) -> frozenset[str]:
    """Return what stands for the caller: the line that was called from, and the number that was left."""
    return frozenset(known for known in (ticket.source_hash, ticket.contact_hash) if known)


def likeness(one: Features, other: Features) -> Likeness:
    """Return how alike two matters are; symmetric, between 0 and 1."""
    same_caller = not one.callers.isdisjoint(other.callers)
    same_category = one.category is not None and one.category == other.category
    address, text = jaccard(one.address, other.address), jaccard(one.text, other.text)
    score = CALLER * same_caller + CATEGORY * same_category + ADDRESS * address + TEXT * text
    # Rounded, so that 0.4 + 0.2 · 0.5 is 0.5 and not a hair less.
    return Likeness(
        score=round(score, 6),
        same_caller=same_caller,
        same_category=same_category,
        address=address,
        text=text,
    )


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the common part of two sets; 0 if nothing is known of either."""
    return len(one & other) / len(one | other) if one and other else 0.0


async def suggest(
    session: AsyncSession, draft: Ticket, now: datetime
) -> list[tuple[Ticket, Likeness]]:
    """Return known matters that look like `draft`, the most alike first, without those decided upon."""
    mine = features(draft)
    ids = await _candidates(session, draft, mine)
    decided = select(TicketLink.other_id).where(TicketLink.ticket_id == draft.id)
    query = select(Ticket).where(
        Ticket.id.in_(ids),
        Ticket.opened_at > now - WINDOW,
        Ticket.state.not_in(OUT),
        Ticket.id.not_in(decided),
    )
    alike = [(other, likeness(mine, features(other))) for other in await session.scalars(query)]
    alike = [pair for pair in alike if pair[1].score >= THRESHOLD]
    alike.sort(key=lambda pair: (-pair[1].score, -pair[0].id))
    return alike[:SHOWN]


async def suggestions(
    session: AsyncSession, people: Keyring, draft: Ticket, now: datetime
) -> list[Duplicate]:
    """Return what `suggest` finds as it goes over HTTP."""
    found = await suggest(session, draft, now)
    query = line_query().where(Ticket.id.in_([other.id for other, _ in found]))
    shown = {line.id: line for line in lines(people, (await session.execute(query)).all())}
    return [Duplicate(ticket=shown[other.id], **asdict(alike)) for other, alike in found]


async def decide(draft: Editing, other_id: int, same: bool) -> None:
    """Link the other ticket to a draft, or note that it is a different matter; TicketNotFound for no ticket."""
    other = await draft.session.get(Ticket, other_id)
    if other is None or other.id == draft.ticket.id:
        raise TicketNotFound()
    of_caller = not callers_of(draft.ticket).isdisjoint(callers_of(other))
    relation = Relation.REPEAT if of_caller else Relation.RELATED
    await link(
        draft.session,
        draft.keys.chain,
        draft.ticket,
        other_id,
        relation if same else Relation.DISTINCT,
        draft.principal.account_id,
        draft.now,
    )


async def _candidates(session: AsyncSession, draft: Ticket, mine: Features) -> set[int]:
    found: set[int] = set()
    if mine.callers:
        found.update(await _newest_of_caller(session, mine.callers))
    if mine.category is not None and mine.address:
        for token in await _rarest(session, mine.address):
            found.update(await _newest_at(session, token, mine.category))
    return found - {draft.id}


async def _newest_of_caller(session: AsyncSession, callers: frozenset[str]) -> Sequence[int]:
    ids: list[int] = []
    for column in (Ticket.source_hash, Ticket.contact_hash):
        for caller in callers:
            query = select(Ticket.id).where(column == caller).order_by(Ticket.id.desc())
            ids += await session.scalars(query.limit(OF_CALLER))
    return ids


async def _newest_at(session: AsyncSession, token: str, category: str) -> Sequence[int]:
    newest = (
        select(TicketToken.ticket_id)
        .where(TicketToken.token == token)
        .order_by(TicketToken.ticket_id.desc())
        .limit(OF_PLACE)
        .subquery()
    )
    query = select(Ticket.id).where(Ticket.id.in_(select(newest)), Ticket.category == category)
    return (await session.scalars(query)).all()


async def _rarest(session: AsyncSession, pairs: frozenset[str]) -> list[str]:
    """Return the pairs of a place that the fewest tickets have."""
    counts: list[tuple[int, str]] = []
    for pair in sorted(pairs)[:16]:
        some = select(TicketToken.ticket_id).where(TicketToken.token == pair).limit(COUNTED)
        count = await session.scalar(select(func.count()).select_from(some.subquery())) or 0
        if count > 1:  # the draft's own
            counts.append((count, pair))
    return [pair for _, pair in sorted(counts)[:PLACE_PAIRS]]


def _pairs(text: str) -> frozenset[str]:
    return frozenset(token for token in index_tokens(text) if len(token) == 2)
