"""Three hundred invented tickets of the last weeks, written in bulk with a true event chain."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import SHANGHAI
from tickets.chain import ChainHead, Happening, TicketEvent, chained
from tickets.form import IMPERSONAL, PERSONAL, Form
from tickets.identity import Identity, Person
from tickets.keys import Keys
from tickets.models import Contact, Ticket, TicketHandler, TicketToken
from tickets.register import Area
from tickets.search import search_text
from tickets.states import TABLE
from tickets.terms import State
from tickets.tokens import index_tokens

TICKETS = 300
DAYS = 28
CALLERS = 90
SEED = 12345
Values = dict[str, Any]
Matters = dict[str, Any]

_SHARES = {
    State.ANSWERED: 150,
    State.TO_DISPATCH: 95,
    State.REFERRED: 28,
    State.INVALID: 15,
    State.PENDING_INFO: 8,
    State.DRAFT: 4,
}
_MOVES = {
    State.ANSWERED: ("answer",),
    State.TO_DISPATCH: ("accept",),
    State.REFERRED: ("refer",),
    State.INVALID: ("propose_invalid", "confirm_invalid"),
    State.PENDING_INFO: ("request_info",),
    State.DRAFT: (),
}
_ROWS = {row.trigger: row for row in TABLE}
_DEFAULTS = vars(Form())


@dataclass
class _Rows:
    """What is inserted, table by table."""

    people: list[Values] = field(default_factory=list)
    contacts: list[Values] = field(default_factory=list)
    tickets: list[Values] = field(default_factory=list)
    handlers: list[Values] = field(default_factory=list)
    tokens: list[Values] = field(default_factory=list)
    events: list[Values] = field(default_factory=list)


@dataclass(frozen=True)
class _Caller:
    number: str
    name: str
    gender: str


async def seed_history(
    session: AsyncSession,
    keys: Keys,
    matters: Matters,
    operators: list[int],
    leader: int,
    now: datetime,
) -> int:
    """Insert contacts, tickets, tokens and events into the present transaction; return how many tickets."""
    head = (await session.execute(select(ChainHead))).scalar_one()
    first = (await session.scalar(select(func.max(Ticket.id))) or 0) + 1
    first_contact = (await session.scalar(select(func.max(Contact.id))) or 0) + 1
    areas = list(await session.scalars(select(Area.code).order_by(Area.code)))
    dice = random.Random(SEED)
    rows = _Rows()
    last = (head.position, head.hash)
    for offset, story in enumerate(_stories(dice, matters, areas, operators, now)):
        last = _write(rows, story, first + offset, first_contact + offset, leader, keys, last)
    for table, values in (
        (Person, rows.people),
        (Contact, rows.contacts),
        (Ticket, rows.tickets),
        (TicketHandler, rows.handlers),
        (TicketToken, rows.tokens),
        (TicketEvent, rows.events),
    ):
        await session.execute(insert(table), values)
    await session.execute(update(ChainHead).values(position=last[0], hash=last[1]))
    await _count_on(session)
    return len(rows.tickets)


async def _count_on(session: AsyncSession) -> None:
    """Let PostgreSQL's own numbering go on behind our rows; SQLite looks at the rows anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in (Contact, Ticket, TicketEvent):
        key = table.__mapper__.primary_key[0].name
        sequence = func.pg_get_serial_sequence(table.__tablename__, key)
        newest = select(func.max(getattr(table, key))).scalar_subquery()
        if await session.scalar(select(sequence)):
            await session.execute(select(func.setval(sequence, newest)))


@dataclass(frozen=True, kw_only=True)
class _Story:
    state: State
    at: datetime
    operator: int
    caller: _Caller
    dnid: str
    menu: str
    number: str | None
    form: Values


def _stories(
    dice: random.Random, matters: Matters, areas: list[str], operators: list[int], now: datetime
) -> Iterator[_Story]:
    """Yield what happened, oldest first."""
    states = [state for state, share in _SHARES.items() for _ in range(share)]
    dice.shuffle(states)
    unfinished = {State.DRAFT, State.PENDING_INFO}
    states.sort(key=lambda state: state in unfinished)  # what is unfinished is of today
    ages = sorted((dice.uniform(0.02, DAYS) for _ in range(TICKETS)), reverse=True)
    callers = _callers(dice, matters["surnames"])
    for age, state in zip(ages, states, strict=True):
        at = now - timedelta(days=age)
        caller = dice.choice(callers)
        numbered = state in {State.ANSWERED, State.TO_DISPATCH}
        day = at.astimezone(SHANGHAI).strftime("%y%m%d")
        yield _Story(
            state=state,
            at=at,
            operator=dice.choice(operators),
            caller=caller,
            dnid=dice.choices(("12345", "2881111", "8890"), (8, 1, 1))[0],
            menu="consultation" if state is State.ANSWERED else dice.choice(("complaint", "none")),
            number=f"{day}-{dice.randrange(10**8):08d}" if numbered else None,
            form=_filled(dice, matters, state, caller, dice.choice(areas)),
        )


def _callers(dice: random.Random, surnames: str) -> list[_Caller]:
    """Return invented people: many call once, some again and again."""
    callers = []
    for number in range(CALLERS):
        mobile = number % 5 != 0
        male = dice.random() < 0.5
        callers.append(
            _Caller(
                number=f"139000{dice.randrange(10**5):05d}"
                if mobile
                else f"041729{dice.randrange(10**5):05d}",
                name=dice.choice(surnames) + ("先生" if male else "女士"),
                gender="male" if male else "female",
            )
        )
    return callers + callers[:20] * 3


def _filled(
    dice: random.Random, matters: Matters, state: State, caller: _Caller, area: str
) -> Values:
    """Return the form as an operator would have left it in `state`."""
    base: Values = {
        "contact_phone": caller.number,
        "urgency": "normal",
        "language": "mandarin",
        "subject_kind": "person",
    }
    if state is State.INVALID:
        return {**base, "invalid_reason": dice.choice(matters["invalid"])}
    if state is State.DRAFT:
        return {**base, "caller_name": caller.name}
    known = {**base, "caller_name": caller.name, "caller_gender": caller.gender}
    if state is State.ANSWERED:
        category, title, source, answer = dice.choice(matters["answer"])
        texts = {"category": category, "title": title, "kb_query": title}
        kinds = {"appeal_type": "enquiry", "handling_class": "enquiry"}
        return {**known, **kinds, **texts, "kb_source": source, "answer_text": answer}
    if state is State.REFERRED:
        target, result, title = dice.choice(matters["refer"])
        referral = {"referral_target": target, "referral_result": result}
        return {**known, **referral, "handling_class": "guidance", "title": title}
    return {**known, **_matter(dice, matters, area, missing=state is State.PENDING_INFO)}


def _matter(dice: random.Random, matters: Matters, area: str, *, missing: bool) -> Values:
    kind, handling, category, title, content, party, purpose = dice.choice(matters["dispatch"])
    place = dice.choice(matters["places"])
    return {
        "appeal_type": kind,
        "handling_class": handling,
        "category": category,
        "title": title.format(place=place),
        "content": content.format(place=place),
        "complained_party": party,
        "purpose": purpose,
        "area": area,
        "address": "" if missing else f"{place}{dice.randint(1, 30)}号楼",
        "missing_info": "具体楼号" if missing else "",
        "occurred_at": "当日",
        "urgency": "urgent" if handling == "emergency" else "normal",
        "kb_query": title.format(place="") if kind == "enquiry" else "",
        "anonymous": False,
        "confidential": dice.random() < 0.05,
        "public_ok": dice.random() < 0.7,
        "reply_method": dice.choice(("phone", "phone", "sms")),
    }


def _write(
    rows: _Rows,
    story: _Story,
    ticket_id: int,
    contact_id: int,
    leader: int,
    keys: Keys,
    last: tuple[int, str],
) -> tuple[int, str]:
    """Add the rows of one story and return the chain's new head."""
    form = {**_DEFAULTS, **story.form}
    text = search_text({**form, "number": story.number})
    ended = story.at + timedelta(minutes=4)
    known = {name: form[name] for name in PERSONAL}
    person = keys.people.new_person(
        Identity(source_number=story.caller.number, raw=story.caller.number, **known)
    )
    rows.people.append({"id": person.id, "key_id": person.key_id, "sealed": person.sealed})
    rows.contacts.append(
        {
            "id": contact_id,
            "channel": "phone",
            "person_id": person.id,
            "dnid": story.dnid,
            "menu": story.menu,
            "received_at": story.at,
        }
    )
    rows.tickets.append(
        {
            **{name: form[name] for name in IMPERSONAL},
            "id": ticket_id,
            "number": story.number,
            "version": 1 + len(_MOVES[story.state]),
            "state": story.state,
            "contact_id": contact_id,
            "person_id": person.id,
            "source_hash": keys.people.phone_hash(story.caller.number),
            "contact_hash": keys.people.phone_hash(form["contact_phone"]),
            "opened_at": story.at,
            "opened_by_id": story.operator,
            "updated_at": ended,
            "accepted_at": ended if story.number else None,
            "accepted_by_id": story.operator if story.number else None,
            "info_attempts": int(story.state is State.PENDING_INFO),
            "invalid_proposed_by_id": story.operator if story.state is State.INVALID else None,
            "search_text": text,
        }
    )
    rows.handlers.append({"account_id": story.operator, "ticket_id": ticket_id})
    rows.tokens += [
        {"token": token, "ticket_id": ticket_id} for token in sorted(index_tokens(text))
    ]
    for seq, what in enumerate(_happenings(story, ticket_id, contact_id, leader, ended), 1):
        event = chained(keys.chain, last[1], last[0] + 1, seq, what)
        rows.events.append(event)
        last = (event["position"], event["hash"])
    return last


def _happenings(
    story: _Story, ticket_id: int, contact_id: int, leader: int, ended: datetime
) -> Iterator[Happening]:
    operator = f"account:{story.operator}"
    yield Happening(
        ticket_id=ticket_id,
        at=story.at,
        by=operator,
        kind="opened",
        trigger="open",
        new=State.DRAFT,
        data={"channel": "phone", "contact_id": contact_id, "call_id": None},
    )
    yield Happening(ticket_id=ticket_id, at=ended, by=operator, kind="edited", data={})
    for trigger in _MOVES[story.state]:
        row = _ROWS[trigger]
        yield Happening(
            ticket_id=ticket_id,
            at=ended,
            by=f"account:{leader}" if trigger == "confirm_invalid" else operator,
            kind="moved",
            trigger=trigger,
            old=row.old,
            new=row.new,
            data={"code": row.code, "number": story.number},
        )
