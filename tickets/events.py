"""What happened to tickets, as the outer ring hears it."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class TicketOpened(Event):
    """A draft exists for a contact; `account_id` is the operator who will fill it."""

    ticket_id: int
    contact_id: int
    call_id: str | None
    account_id: int | None


@dataclass(frozen=True, kw_only=True)
class TicketChanged(Event):
    """A ticket changed state or content; `trigger` is the transition's code, '' for a plain edit.

    `account_id` is the operator who opened it and may have it on the screen, whoever changed it (see `by`).
    """

    ticket_id: int
    number: str | None
    state: str
    version: int
    trigger: str = ""
    account_id: int | None = None
