"""From a call to a draft, and the draft's continuous saving."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from telephony.numbers import normalise
from tickets.chain import Happening, TicketEvent, append
from tickets.filling import Value, fill
from tickets.form import PERSONAL
from tickets.identity import Identity, Keyring, Person
from tickets.keys import Keys
from tickets.lines import CallFacts
from tickets.models import Contact, Ticket, TicketHandler
from tickets.search import reindex
from tickets.terms import (
    AppealType,
    Channel,
    HandlingClass,
    Language,
    State,
    SubjectKind,
    Urgency,
)

_HINTS: dict[str, dict[str, str]] = {
    "consultation": {"appeal_type": AppealType.ENQUIRY, "handling_class": HandlingClass.ENQUIRY},
    "complaint": {"appeal_type": AppealType.COMPLAINT, "handling_class": HandlingClass.APPEAL},
    "emergency": {"handling_class": HandlingClass.EMERGENCY, "urgency": Urgency.CRITICAL},
}
"""What the caller's menu choice lets us suppose; the operator may change all of it."""

MOBILE_OR_LANDLINE = 7  # digits: shorter ones are service numbers, nobody can be reached there


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a draft comes from: a call, or a message of another channel with its idempotency key."""

    channel: Channel
    received_at: datetime
    call: CallFacts | None = None
    idempotency_key: str | None = None


async def find(session: AsyncSession, origin: Origin) -> Ticket | None:
    """Return the ticket that this call or message has already."""
    if origin.call is not None:
        same = Contact.call_id == origin.call.call_id
    elif origin.idempotency_key is not None:
        same = Contact.idempotency_key == origin.idempotency_key
    else:
        return None
    return await session.scalar(
        select(Ticket).join(Contact, Contact.id == Ticket.contact_id).where(same)
    )


async def create(
    session: AsyncSession, keys: Keys, origin: Origin, account_id: int, now: datetime
) -> Ticket:
    """Store contact and draft (T01), filled with what the call tells."""
    call = origin.call
    identity = _identity(call)
    person = keys.people.new_person(identity)
    session.add(person)
    await session.flush()
    contact = _contact(origin, person)
    session.add(contact)
    await session.flush()
    filled = {
        "urgency": Urgency.NORMAL,
        "language": Language.MANDARIN,
        "subject_kind": SubjectKind.PERSON,
        **_HINTS.get(call.menu if call else "", {}),
    }
    ticket = Ticket(
        state=State.DRAFT,
        contact_id=contact.id,
        contact=contact,
        person_id=person.id,
        person=person,
        source_hash=keys.people.phone_hash(identity.source_number),
        contact_hash=keys.people.phone_hash(identity.contact_phone),
        opened_at=now,
        updated_at=now,
        opened_by_id=account_id,
        **filled,
    )
    session.add(ticket)
    await session.flush()
    session.add(TicketHandler(account_id=account_id, ticket_id=ticket.id))
    await session.flush()
    opened = Happening(
        ticket_id=ticket.id,
        at=now,
        by=f"account:{account_id}",
        kind="opened",
        trigger="open",
        new=State.DRAFT,
        data={"channel": contact.channel, "contact_id": contact.id, "call_id": contact.call_id},
    )
    await append(session, keys.chain, opened)
    return ticket


async def save(
    session: AsyncSession,
    people: Keyring,
    ticket: Ticket,
    raw: Mapping[str, Value],
    now: datetime,
) -> dict[str, Value]:
    """Write cleaned fields into a locked ticket and return those that changed, with their old values."""
    values = await fill(session, raw)
    identity = people.of(ticket.person)
    old = {name: getattr(identity if name in PERSONAL else ticket, name) for name in values}
    changed = {name: value for name, value in old.items() if value != values[name]}
    for name in changed:
        if name not in PERSONAL:
            setattr(ticket, name, values[name])
    if personal := {name: str(values[name]) for name in changed if name in PERSONAL}:
        identity = replace(identity, **personal)
        people.seal(ticket.person, identity)
        ticket.contact_hash = people.phone_hash(identity.contact_phone)
    if changed:
        ticket.version += 1
        ticket.updated_at = max(now, ticket.updated_at)
        await reindex(session, ticket)
        await session.flush()
    return changed


async def note_edit(session: AsyncSession, key: bytes, ticket: Ticket, by: str) -> None:
    """Append one event for a stretch of edits by one person: a draft is saved every few seconds."""
    last = (
        await session.execute(
            select(TicketEvent.kind, TicketEvent.by)
            .where(TicketEvent.ticket_id == ticket.id)
            .order_by(TicketEvent.seq.desc())
            .limit(1)
        )
    ).one()
    if tuple(last) != ("edited", by):
        edited = Happening(ticket_id=ticket.id, at=ticket.updated_at, by=by, kind="edited", data={})
        await append(session, key, edited)


async def add_handler(session: AsyncSession, ticket_id: int, account_id: int) -> None:
    """Put the ticket among the person's own."""
    if await session.get(TicketHandler, (account_id, ticket_id)) is None:
        session.add(TicketHandler(account_id=account_id, ticket_id=ticket_id))
        await session.flush()


def _identity(call: CallFacts | None) -> Identity:
    number = normalise(call.caller) if call else ""
    return Identity(
        source_number=number,
        raw=call.caller if call else "",
        contact_phone=number if len(number) >= MOBILE_OR_LANDLINE else "",
    )


def _contact(origin: Origin, person: Person) -> Contact:
    call = origin.call
    return Contact(
        channel=origin.channel,
        call_id=call.call_id if call else None,
        idempotency_key=origin.idempotency_key,
        person_id=person.id,
        dnid=call.dnid if call else "",
        menu=call.menu if call else "",
        recording=call.recording if call else False,
        received_at=origin.received_at,
    )
