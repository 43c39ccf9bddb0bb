"""A ticket as one person may see it, and rows of lists."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from core.log import mask_number
from core.security import Account, Principal
from tickets.alerts import emergency_targets
from tickets.guards import Case
from tickets.identity import Keyring, Person
from tickets.labels import label
from tickets.models import Ticket
from tickets.privacy import Sight, name_for, number_for
from tickets.register import Area, Category, Hotline, referral_targets
from tickets.schemas import AllowedAction, Lack, TicketLine, Warning_
from tickets.schemas import Ticket as TicketOut
from tickets.states import allowed_actions
from tickets.terms import EDITABLE

LINE_COLUMNS = (
    Ticket.id,
    Ticket.number,
    Ticket.version,
    Ticket.state,
    Ticket.title,
    Ticket.category,
    Category.zh.label("category_name"),
    Ticket.appeal_type,
    Ticket.urgency,
    Ticket.key_flag,
    Ticket.invalid_proposed_by_id,
    Person.id.label("person_id"),
    Person.key_id,
    Person.sealed,
    Ticket.opened_at,
)


@dataclass(frozen=True)
class _Names:
    opened_by: str
    accepted_by: str
    hotline: str
    category: str
    area: str


def whole(*where: ColumnElement[bool]) -> Select[Ticket]:
    """Return the query for tickets with their contacts and people."""
    parts = joinedload(Ticket.contact, innerjoin=True), joinedload(Ticket.person, innerjoin=True)
    return select(Ticket).options(*parts).where(*where)


async def show(
    session: AsyncSession, people: Keyring, ticket: Ticket, principal: Principal, sight: Sight
) -> TicketOut:
    """Return the ticket with names for its codes, numbers masked by right, and what may be done next."""
    form, identity = ticket.form(), people.of(ticket.person)
    names = await _names(session, ticket)
    shown = {
        **asdict(form),
        "caller_name": name_for(ticket, identity.caller_name, sight),
        "contact_phone": number_for(identity.contact_phone, sight),
        "alt_phone": number_for(identity.alt_phone, sight),
    }
    return TicketOut(
        **shown,
        id=ticket.id,
        number=ticket.number,
        version=ticket.version,
        state=ticket.state,
        state_name=label("states", ticket.state),
        channel=ticket.contact.channel,
        call_id=ticket.contact.call_id,
        source_number=number_for(identity.source_number, sight),
        contact_id=ticket.contact_id,
        dnid=ticket.contact.dnid,
        hotline_name=names.hotline,
        menu=ticket.contact.menu,
        recording=ticket.contact.recording,
        opened_at=ticket.opened_at,
        opened_by_name=names.opened_by,
        updated_at=ticket.updated_at,
        accepted_at=ticket.accepted_at,
        accepted_by_name=names.accepted_by,
        category_name=names.category,
        area_name=names.area,
        info_attempts=ticket.info_attempts,
        invalid_proposed=ticket.invalid_proposed_by_id is not None,
        editable=sight.edit and ticket.state in EDITABLE,
        warnings=_warnings(f"{form.title}\n{form.content}"),
        allowed_actions=actions(ticket, principal),
    )


def actions(ticket: Ticket, principal: Principal) -> list[AllowedAction]:
    """Return what `principal` may do with a ticket that he may see, and what each move still lacks."""
    found = allowed_actions(ticket.state, case_of(ticket, principal.account_id), principal.roles)
    return [
        AllowedAction(
            trigger=action.trigger,
            to=action.to,
            zh=action.zh,
            en=action.en,
            missing=[Lack(**asdict(lack)) for lack in action.missing],
        )
        for action in found
    ]


def case_of(ticket: Ticket, actor: int, *, caller_heard: bool = False, reason: str = "") -> Case:
    """Return what the guards look at."""
    return Case(
        form=ticket.form(),
        actor=actor,
        caller_heard=caller_heard,
        reason=reason,
        info_attempts=ticket.info_attempts,
        invalid_proposed_by=ticket.invalid_proposed_by_id,
    )


def line_query() -> Select[*tuple[Any, ...]]:
    """Return the query for rows of lists; give it its conditions."""
    return (
        select(*LINE_COLUMNS)
        .select_from(Ticket)
        .join(Person, Person.id == Ticket.person_id)
        .outerjoin(Category, Category.code == Ticket.category)
    )


def lines(people: Keyring, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[TicketLine]:
    """Return the rows of a `line_query` as they are listed, numbers always masked."""
    return [
        TicketLine(
            id=row.id,
            number=row.number,
            version=row.version,
            state=row.state,
            state_name=label("states", row.state),
            title=row.title,
            category=row.category,
            category_name=row.category_name or "",
            appeal_type=row.appeal_type,
            urgency=row.urgency,
            key_flag=row.key_flag,
            invalid_proposed=row.invalid_proposed_by_id is not None,
            caller_masked=_mask(people, row),
            opened_at=row.opened_at,
        )
        for row in rows
    ]


def _mask(people: Keyring, row: Row[*tuple[Any, ...]]) -> str:
    return mask_number(people.open(row.person_id, row.key_id, row.sealed).source_number)


def _warnings(text: str) -> list[Warning_]:
    bodies = {target.code: target for target in referral_targets()}
    return [
        Warning_(
            target=number,
            zh=f"疑似紧急情况：请立即转接或指引拨打 {number}({bodies[number].zh})",
            en=f"This may be an emergency: transfer or guide to {number} ({bodies[number].en})",
        )
        for number in emergency_targets(text)
    ]


async def _names(session: AsyncSession, ticket: Ticket) -> _Names:
    """Return the names behind the ticket's codes, all in one query."""
    row = (
        await session.execute(
            select(
                _one(Account.display_name, Account.id == ticket.opened_by_id),
                _one(Account.display_name, Account.id == ticket.accepted_by_id),
                _one(Hotline.name, Hotline.number == ticket.contact.dnid),
                _one(Category.zh, Category.code == ticket.category),
                _one(Area.zh, Area.code == ticket.area),
            )
        )
    ).one()
    return _Names(*(name or "" for name in row))


def _one(
    column: InstrumentedAttribute[str], where: ColumnElement[bool]
) -> ColumnElement[str | None]:
    return select(column).where(where).scalar_subquery()
