"""The one way in which a ticket changes its state: row locked, table, guards, effects, event, one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import HotlineError
from core.security import Principal
from tickets.chain import Happening, TicketEvent, append
from tickets.cleaning import clean_line
from tickets.drafts import add_handler, save
from tickets.errors import KeyReused, TicketIncomplete
from tickets.filling import Problem, Value, refusal
from tickets.form import FIELDS
from tickets.keys import Keys
from tickets.models import Ticket
from tickets.numbering import free_number
from tickets.search import reindex
from tickets.states import DESK, TRIGGERS, Row, find_row, missing
from tickets.terms import EDITABLE
from tickets.views import case_of

CORRECTION = "correct"


@dataclass(frozen=True, kw_only=True)
class Command:
    """A person's wish to move a ticket; `version` is the one that was on the screen.

    `fields` are saved in the same transaction: the last ones of a draft, or a correction.
    """

    trigger: str
    version: int
    idempotency_key: str
    caller_heard: bool = False
    reason: str = ""
    fields: dict[str, Value] = field(default_factory=dict)


async def already_done(
    session: AsyncSession, ticket_id: int, command: Command, principal: Principal
) -> bool:
    """Return whether this very click was carried out before (X45); KeyReused if the key was another's."""
    done = (
        await session.execute(
            select(TicketEvent.trigger, TicketEvent.by).where(
                TicketEvent.ticket_id == ticket_id,
                TicketEvent.idempotency_key == command.idempotency_key,
            )
        )
    ).one_or_none()
    if done is None:
        return False
    if tuple(done) != (command.trigger, principal.by):
        raise KeyReused()
    return True


async def move(
    session: AsyncSession,
    keys: Keys,
    ticket: Ticket,
    command: Command,
    principal: Principal,
    now: datetime,
) -> None:
    """Carry out `command` on a locked ticket of the right version, or raise what is in the way."""
    row = find_row(ticket.state, command.trigger, principal.roles)
    before = await _fields(session, keys, ticket, command, principal, now)
    case = case_of(
        ticket,
        principal.account_id,
        caller_heard=command.caller_heard,
        reason=command.reason,
    )
    if lacks := missing(row, case):
        raise TicketIncomplete(
            summary_zh=";".join(lack.zh for lack in lacks),
            summary_en="; ".join(lack.en for lack in lacks),
            missing=[asdict(lack) for lack in lacks],
        )
    version = ticket.version
    at = max(now, ticket.updated_at)
    await _apply(session, ticket, row, principal, at)
    ticket.version = version if before else version + 1
    await reindex(session, ticket)
    await session.flush()
    if not principal.roles.isdisjoint(DESK):
        await add_handler(session, ticket.id, principal.account_id)
    await append(session, keys.chain, _moved(ticket, row, command, principal, before))


async def note_refusal(
    session: AsyncSession,
    key: bytes,
    ticket: Ticket,
    command: Command,
    principal: Principal,
    error: HotlineError,
    now: datetime,
) -> None:
    """Append that a wish was refused and why: also a refusal belongs to the history."""
    lacks = error.details.get("missing", [])
    refused = Happening(
        ticket_id=ticket.id,
        at=max(now, ticket.updated_at),
        by=principal.by,
        kind="refused",
        trigger=command.trigger if command.trigger in TRIGGERS else "",
        old=ticket.state,
        data={"code": error.code, "missing": [lack["field"] for lack in lacks]},
    )
    await append(session, key, refused)


async def _fields(
    session: AsyncSession,
    keys: Keys,
    ticket: Ticket,
    command: Command,
    principal: Principal,
    now: datetime,
) -> dict[str, Value]:
    """Save the fields that came with the command, for those who may edit; returns the old values."""
    if not command.fields:
        return {}
    at_desk = ticket.state in EDITABLE and principal.may(*DESK)
    if not at_desk and command.trigger != CORRECTION:
        problem = Problem("此操作不能修改字段", "This move changes no fields")
        raise refusal({clean_line(name[:40]): problem for name in command.fields})
    return await save(session, keys.people, ticket, command.fields, now)


async def _apply(
    session: AsyncSession, ticket: Ticket, row: Row, principal: Principal, at: datetime
) -> None:
    ticket.updated_at = at
    for name in row.effects:
        await EFFECTS[name](session, ticket, principal.account_id)
    ticket.state = row.new


def _moved(
    ticket: Ticket, row: Row, command: Command, principal: Principal, before: dict[str, Value]
) -> Happening:
    data: dict[str, object] = {"code": row.code, "number": ticket.number}
    if command.reason:
        data["reason"] = command.reason
    if row.old != row.new:
        data["form"] = _impersonal(vars(ticket.form()))
    elif before:
        data["changed"] = sorted(before)
        data["before"] = _impersonal(before)
        data["after"] = _impersonal({n: v for n, v in vars(ticket.form()).items() if n in before})
    return Happening(
        ticket_id=ticket.id,
        at=ticket.updated_at,
        by=principal.by,
        kind="moved",
        trigger=row.trigger,
        old=row.old,
        new=row.new,
        data=data,
        idempotency_key=command.idempotency_key,
    )


def _impersonal(values: dict[str, Value]) -> dict[str, Value]:
    """Leave out names and telephone numbers: the chain is for ever, personal data are not."""
    return {name: value for name, value in values.items() if not FIELDS[name].personal and value}


async def _issue_number(session: AsyncSession, ticket: Ticket, account_id: int) -> None:
    ticket.accepted_at = ticket.updated_at
    ticket.accepted_by_id = account_id
    ticket.number = await free_number(session, ticket.updated_at)


async def _count_attempt(_session: AsyncSession, ticket: Ticket, _account_id: int) -> None:
    ticket.info_attempts += 1


async def _note_invalid_proposal(_session: AsyncSession, ticket: Ticket, account_id: int) -> None:
    ticket.invalid_proposed_by_id = account_id


async def _forget_invalid_proposal(
    _session: AsyncSession, ticket: Ticket, _account_id: int
) -> None:
    ticket.invalid_proposed_by_id = None


EFFECTS: dict[str, Callable[[AsyncSession, Ticket, int], Awaitable[None]]] = {
    "issue_number": _issue_number,
    "count_attempt": _count_attempt,
    "note_invalid_proposal": _note_invalid_proposal,
    "forget_invalid_proposal": _forget_invalid_proposal,
}
