"""The ticket room's door: who asks, what is locked, what is published. The work is in the modules beside it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import structlog
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import SHANGHAI, Clock
from core.config import Settings
from core.db import Database, UnitOfWork
from core.errors import Conflict, Forbidden, HotlineError, NotFound, Unprocessable
from core.security import Principal, audit
from telephony.numbers import normalise
from tickets import callers, drafts, duplicates, schemas, search
from tickets.catalogue import catalogue
from tickets.chain import GENESIS, ensure_head, verify_chain
from tickets.chain_heads import Head, present_head
from tickets.cleaning import clean_line
from tickets.editing import Editing
from tickets.errors import (
    NotEditable,
    TicketIncomplete,
    TicketNotFound,
    TicketStale,
    TransitionRefused,
)
from tickets.events import TicketChanged, TicketOpened
from tickets.filling import Value
from tickets.history import history
from tickets.keys import keys_of
from tickets.lines import CallFacts, Lines
from tickets.models import Contact, Ticket
from tickets.privacy import READ_ALL, UNMASK, Sight, sight
from tickets.register import load_reference
from tickets.states import DESK
from tickets.terms import EDITABLE, Channel
from tickets.transitions import Command, already_done, move, note_refusal
from tickets.views import show, whole

log = structlog.get_logger(__name__)


class TicketService:
    """Tickets over one database; `lines` answers what calls there are."""

    def __init__(
        self, database: Database, *, clock: Clock, settings: Settings, lines: Lines
    ) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys_of(settings)
        self._lines = lines

    async def prepare(self) -> None:
        """Bring reference data and the chain's head into a migrated database; repeating it is safe.

        Raises IdentityKeyMissing if there are callers whose identities this installation cannot open.
        """
        async with self._database.unit_of_work() as uow:
            await self._keys.people.check(uow.session)
            await ensure_head(uow.session)
            await load_reference(uow.session)

    async def open_draft(
        self,
        principal: Principal,
        *,
        call_id: str | None = None,
        channel: Channel = Channel.PHONE,
        idempotency_key: str | None = None,
    ) -> schemas.Ticket:
        """Return the draft of the call, made on the first request; NotFound for a call of others."""
        principal.require(*DESK)
        facts = await self._lines.call(call_id) if call_id is not None else None
        if call_id is not None and (facts is None or principal.account_id not in facts.agents):
            raise NotFound(what="通话 call")
        origin = drafts.Origin(
            channel=Channel.PHONE if facts else channel,
            received_at=facts.started_at if facts else self._clock(),
            call=facts,
            idempotency_key=None
            if facts or not idempotency_key
            else f"{principal.account_id}:{idempotency_key}",
        )
        ticket_id = await self._open(origin, principal.account_id)
        return await self.get(principal, ticket_id)

    async def open_for_call(self, facts: CallFacts, account_id: int) -> int:
        """Open the draft of an answered call for the operator who answered; returns the ticket's id."""
        origin = drafts.Origin(channel=Channel.PHONE, received_at=facts.started_at, call=facts)
        return await self._open(origin, account_id)

    async def recording_started(self, call_id: str) -> None:
        """Note on the call's contact that there is a recording."""
        async with self._database.unit_of_work() as uow:
            await uow.session.execute(
                update(Contact).where(Contact.call_id == call_id).values(recording=True)
            )

    async def get(self, principal: Principal, ticket_id: int) -> schemas.Ticket:
        """Return the ticket as `principal` may see it; TicketNotFound if he may not know of it."""
        live = await self._live_caller(principal)
        async with self._database.reading() as session:
            ticket, seen = await self._seen(session, principal, ticket_id, live)
            return await show(session, self._keys.people, ticket, principal, seen)

    async def events(self, principal: Principal, ticket_id: int) -> list[schemas.TicketEventOut]:
        """Return the history of a ticket that `principal` may see."""
        live = await self._live_caller(principal)
        async with self._database.reading() as session:
            await self._seen(session, principal, ticket_id, live)
            return await history(session, ticket_id)

    async def unmask(
        self, principal: Principal, ticket_id: int, reason: str
    ) -> schemas.IdentityOut:
        """Return who the caller is, and note in the access log who asked and why (5.9)."""
        principal.require(*UNMASK)
        reason = clean_line(reason)
        if not reason:
            raise Unprocessable(missing="理由 reason")
        live = await self._live_caller(principal)
        async with self._database.unit_of_work() as uow:
            ticket, _ = await self._seen(uow.session, principal, ticket_id, live)
            target = f"ticket:{ticket_id}"
            audit(uow.session, self._clock(), principal.by, "identity_shown", target, reason=reason)
            known = self._keys.people.of(ticket.person)
        return schemas.IdentityOut(
            caller_name=known.caller_name,
            source_number=known.source_number,
            contact_phone=known.contact_phone,
            alt_phone=known.alt_phone,
        )

    async def patch(
        self, principal: Principal, ticket_id: int, version: int, fields: Mapping[str, Value]
    ) -> schemas.Ticket:
        """Save fields of a draft; TicketStale with the fresh ticket if `version` is not the present one."""
        async with self.editing(principal, ticket_id) as draft:
            ticket = draft.ticket
            if ticket.version != version:
                raise TicketStale(ticket=(await draft.show()).model_dump(mode="json"))
            if await drafts.save(draft.session, draft.keys.people, ticket, fields, draft.now):
                await drafts.note_edit(draft.session, draft.keys.chain, ticket, principal.by)
            return await draft.show()

    async def duplicates(self, principal: Principal, ticket_id: int) -> list[schemas.Duplicate]:
        """Return known matters that look like this one, for the person who writes it (D03)."""
        live = await self._live_caller(principal)
        async with self._database.reading() as session:
            ticket, _ = await self._seen(session, principal, ticket_id, live)
            return await duplicates.suggestions(session, self._keys.people, ticket, self._clock())

    @asynccontextmanager
    async def editing(self, principal: Principal, ticket_id: int) -> AsyncIterator[Editing]:
        """Lock a draft that `principal` may edit; what was changed at the end is announced and becomes his own.

        Raises TicketNotFound, Forbidden or NotEditable.
        """
        live = await self._live_caller(principal)
        async with self._database.unit_of_work() as uow:
            session = uow.session
            ticket, seen = await self._seen(session, principal, ticket_id, live, lock=True)
            if not seen.edit:
                raise Forbidden(needs=sorted(DESK))
            if ticket.state not in EDITABLE:
                raise NotEditable(state=ticket.state)
            version = ticket.version
            yield Editing(session, ticket, seen, principal, self._keys, self._clock())
            if ticket.version != version:
                if not seen.handles:
                    await drafts.add_handler(session, ticket.id, principal.account_id)
                self._changed(uow, ticket, principal)

    async def transition(
        self, principal: Principal, ticket_id: int, command: Command
    ) -> schemas.Ticket:
        """Move a ticket; the same idempotency key again gives the same result and no second event.

        Raises TicketIncomplete, TransitionRefused, Forbidden, TicketStale, KeyReused or FieldRefused.
        """
        live = await self._live_caller(principal)
        try:
            async with self._database.unit_of_work() as uow:
                session = uow.session
                ticket, seen = await self._seen(session, principal, ticket_id, live, lock=True)
                if not await already_done(session, ticket.id, command, principal):
                    if ticket.version != command.version:
                        raise TicketStale(ticket=await self._json(session, ticket, principal, seen))
                    await move(session, self._keys, ticket, command, principal, self._clock())
                    self._changed(uow, ticket, principal, command.trigger)
                return await show(session, self._keys.people, ticket, principal, seen)
        except (TicketIncomplete, TransitionRefused, Forbidden) as refusal:
            await self._note_refusal(principal, ticket_id, command, refusal)
            raise

    async def page(
        self, principal: Principal, wanted: search.Wanted, *, office: bool, query: str = ""
    ) -> schemas.TicketList:
        """Return a page of own tickets, or of all for those who may see all (Forbidden for others)."""
        everything = principal.may(*READ_ALL)
        if office and not everything:
            raise Forbidden(needs=sorted(READ_ALL))
        wanted = replace(wanted, handler=None if office else principal.account_id)
        async with self._database.reading() as session:
            if query.strip():
                return await search.search(
                    session, self._keys.people, wanted, query, by_phone=everything
                )
            return await search.page(session, self._keys.people, wanted)

    async def caller_summary(
        self, number: str, *, dnid: str = "", menu: str = ""
    ) -> callers.CallerSummary:
        """Return what is known of a caller, for the screen-pop."""
        async with self._database.reading(brief=True) as session:
            return await callers.caller_summary(
                session, self._keys.people, number, self._clock(), dnid=dnid, menu=menu
            )

    async def catalogue(self) -> schemas.Catalogue:
        """Return everything the form offers to choose from."""
        today = self._clock().astimezone(SHANGHAI).date()
        async with self._database.reading() as session:
            return await catalogue(session, today)

    async def verify_chain(self, since: Head | None = None) -> int | None:
        """Return the first bad position of the event chain after `since`, None if it is whole (X93)."""
        begin = (since.position, since.hash) if since else (0, GENESIS)
        async with self._database.reading() as session:
            return await verify_chain(session, self._keys.chain, begin)

    async def chain_head(self) -> Head:
        """Return the newest event of the chain, to be kept outside the database."""
        async with self._database.reading() as session:
            return await present_head(session, self._clock().astimezone(SHANGHAI).date())

    async def _open(self, origin: drafts.Origin, account_id: int) -> int:
        for _attempt in range(2):
            try:
                return await self._find_or_create(origin, account_id)
            except IntegrityError:  # somebody else opened it between our look and our insert
                log.info("draft opened twice at once")
        raise Conflict()

    async def _find_or_create(self, origin: drafts.Origin, account_id: int) -> int:
        async with self._database.unit_of_work() as uow:
            session = uow.session
            ticket = await drafts.find(session, origin)
            if ticket is not None:
                await drafts.add_handler(session, ticket.id, account_id)
                return ticket.id
            now = self._clock()
            ticket = await drafts.create(session, self._keys, origin, account_id, now)
            uow.publish(
                TicketOpened(
                    at=now,
                    by=f"account:{account_id}",
                    ticket_id=ticket.id,
                    contact_id=ticket.contact_id,
                    call_id=origin.call.call_id if origin.call else None,
                    account_id=account_id,
                )
            )
            return ticket.id

    async def _live_caller(self, principal: Principal) -> str | None:
        number = await self._lines.live_caller(principal.account_id)
        return self._keys.people.phone_hash(normalise(number))

    async def _seen(
        self,
        session: AsyncSession,
        principal: Principal,
        ticket_id: int,
        live_caller: str | None,
        *,
        lock: bool = False,
    ) -> tuple[Ticket, Sight]:
        query = whole(Ticket.id == ticket_id)
        ticket = await session.scalar(query.with_for_update(of=Ticket) if lock else query)
        if ticket is None:
            raise TicketNotFound()
        seen = await sight(session, principal, ticket, live_caller)
        if not seen.see:
            log.warning("ticket not shown", ticket_id=ticket_id, account_id=principal.account_id)
            raise TicketNotFound()
        return ticket, seen

    async def _note_refusal(
        self, principal: Principal, ticket_id: int, command: Command, refusal: HotlineError
    ) -> None:
        async with self._database.unit_of_work() as uow:
            ticket = await uow.session.get_one(Ticket, ticket_id, with_for_update=True)
            now = self._clock()
            await note_refusal(
                uow.session, self._keys.chain, ticket, command, principal, refusal, now
            )

    def _changed(
        self, uow: UnitOfWork, ticket: Ticket, principal: Principal, trigger: str = ""
    ) -> None:
        uow.publish(
            TicketChanged(
                at=ticket.updated_at,
                by=principal.by,
                ticket_id=ticket.id,
                number=ticket.number,
                state=ticket.state,
                version=ticket.version,
                trigger=trigger,
                account_id=ticket.opened_by_id,
            )
        )

    async def _json(
        self, session: AsyncSession, ticket: Ticket, principal: Principal, seen: Sight
    ) -> dict[str, object]:
        shown = await show(session, self._keys.people, ticket, principal, seen)
        return shown.model_dump(mode="json")
