"""The ticket room over HTTP; who is asking comes from the guard that the outermost ring provides."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, status

from core.security import Guard, Principal
from tickets import schemas
from tickets.cleaning import clean_text
from tickets.duplicates import decide
from tickets.privacy import READERS, UNMASK
from tickets.search import Wanted
from tickets.service import TicketService
from tickets.states import DESK
from tickets.terms import State
from tickets.tokens import MAX_QUERY
from tickets.transitions import Command

TicketId = Annotated[int, Path(ge=1, lt=2**31)]


def build_router(service: TicketService, guard: Guard) -> APIRouter:
    """Return the routes /api/tickets… and /api/catalogue."""
    router = APIRouter(prefix="/api", tags=["tickets"])
    desk = Depends(guard(*sorted(DESK)))
    reader = Depends(guard(*READERS))
    unmasker = Depends(guard(*sorted(UNMASK)))

    @router.get("/tickets")
    async def list_tickets(
        who: Principal = reader,
        scope: Literal["mine", "office"] = "mine",
        state: State | None = None,
        invalid_proposed: bool = False,
        q: Annotated[str, Query(max_length=MAX_QUERY)] = "",
        before: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> schemas.TicketList:
        wanted = Wanted(state=state, invalid_proposed=invalid_proposed, before=before, limit=limit)
        return await service.page(who, wanted, office=scope == "office", query=q)

    @router.post("/tickets", status_code=status.HTTP_201_CREATED)
    async def open_draft(body: schemas.OpenDraft, who: Principal = desk) -> schemas.Ticket:
        return await service.open_draft(
            who,
            call_id=body.call_id,
            channel=body.channel,
            idempotency_key=body.idempotency_key,
        )

    @router.get("/tickets/{ticket_id}")
    async def get_ticket(ticket_id: TicketId, who: Principal = reader) -> schemas.Ticket:
        return await service.get(who, ticket_id)

    @router.patch("/tickets/{ticket_id}")
    async def patch_ticket(
        ticket_id: TicketId, body: schemas.PatchTicket, who: Principal = desk
    ) -> schemas.Ticket:
        return await service.patch(who, ticket_id, body.version, body.fields)

    @router.post("/tickets/{ticket_id}/transitions")
    async def move_ticket(
        ticket_id: TicketId, body: schemas.Transition, who: Principal = reader
    ) -> schemas.Ticket:
        command = Command(
            trigger=body.trigger,
            version=body.version,
            idempotency_key=body.idempotency_key,
            caller_heard=body.data.caller_heard,
            reason=clean_text(body.data.reason),
            fields=body.data.fields,
        )
        return await service.transition(who, ticket_id, command)

    @router.get("/tickets/{ticket_id}/events")
    async def ticket_events(
        ticket_id: TicketId, who: Principal = reader
    ) -> list[schemas.TicketEventOut]:
        return await service.events(who, ticket_id)

    @router.post("/tickets/{ticket_id}/identity")
    async def unmask_caller(
        ticket_id: TicketId, body: schemas.Unmask, who: Principal = unmasker
    ) -> schemas.IdentityOut:
        return await service.unmask(who, ticket_id, body.reason)

    @router.get("/tickets/{ticket_id}/duplicates")
    async def ticket_duplicates(
        ticket_id: TicketId, who: Principal = desk
    ) -> list[schemas.Duplicate]:
        return await service.duplicates(who, ticket_id)

    @router.post("/tickets/{ticket_id}/duplicates")
    async def decide_on_duplicate(
        ticket_id: TicketId, body: schemas.Decision, who: Principal = desk
    ) -> schemas.Ticket:
        async with service.editing(who, ticket_id) as draft:
            await decide(draft, body.other, body.same)
            return await draft.show()

    @router.get("/catalogue", dependencies=[reader])
    async def get_catalogue() -> schemas.Catalogue:
        return await service.catalogue()

    return router
