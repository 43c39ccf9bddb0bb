"""Tables of contacts and tickets, with what the ticket list and the search need.

The event chain is in `chain`, reference data and the registers in `register`; importing this module
makes all of the room's tables known.
"""

from datetime import datetime

from sqlalchemy import Enum, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from tickets import chain, register  # noqa: F401 - their tables belong to the room
from tickets.form import IMPERSONAL, Form
from tickets.identity import Person
from tickets.knowledge import models as knowledge  # noqa: F401
from tickets.terms import State


class Contact(Base):
    """One incoming call or message as it came; a ticket is made from it."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    call_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    idempotency_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    dnid: Mapped[str] = mapped_column(String(32), default="")
    menu: Mapped[str] = mapped_column(String(16), default="")
    recording: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime]


class Ticket(Base):
    """A matter: its state, and the form that people filled in (the columns of `form.Form`)."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_state_id", "state", "id"),
        Index("ix_ticket_source_hash_id", "source_hash", "id"),
        Index("ix_ticket_contact_hash_id", "contact_hash", "id"),
        Index("ix_ticket_key_flag_opened_at", "key_flag", "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(24), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[State] = mapped_column(Enum(State, native_enum=False, length=16))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), unique=True)
    contact: Mapped[Contact] = relationship(lazy="raise")
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    person: Mapped[Person] = relationship(lazy="raise")
    # `Keyring.phone_hash` of the line called from and of the number left, for the caller's history.
    source_hash: Mapped[str | None] = mapped_column(String(64))
    contact_hash: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    updated_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None] = mapped_column(index=True)
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    info_attempts: Mapped[int] = mapped_column(default=0)
    invalid_proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    search_text: Mapped[str] = mapped_column(Text, default="")

    caller_gender: Mapped[str | None] = mapped_column(String(16))
    reply_method: Mapped[str | None] = mapped_column(String(16))
    anonymous: Mapped[bool | None]
    confidential: Mapped[bool | None]
    public_ok: Mapped[bool | None]
    language: Mapped[str | None] = mapped_column(String(16))
    subject_kind: Mapped[str | None] = mapped_column(String(16))
    appeal_type: Mapped[str | None] = mapped_column(String(16))
    handling_class: Mapped[str | None] = mapped_column(String(16))
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    title: Mapped[str] = mapped_column(String(80), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    area: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    street: Mapped[str] = mapped_column(String(60), default="")
    community: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    occurred_at: Mapped[str] = mapped_column(String(64), default="")
    complained_party: Mapped[str] = mapped_column(String(120), default="")
    urgency: Mapped[str | None] = mapped_column(String(16))
    purpose: Mapped[str] = mapped_column(Text, default="")
    key_flag: Mapped[bool] = mapped_column(default=False)
    key_reason: Mapped[str] = mapped_column(String(200), default="")
    kb_query: Mapped[str] = mapped_column(String(120), default="")
    kb_source: Mapped[str] = mapped_column(String(300), default="")
    answer_text: Mapped[str] = mapped_column(Text, default="")
    referral_target: Mapped[str | None] = mapped_column(String(16))
    referral_result: Mapped[str | None] = mapped_column(String(16))
    missing_info: Mapped[str] = mapped_column(String(300), default="")
    invalid_reason: Mapped[str] = mapped_column(String(200), default="")
    related_ticket: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))

    # A second writer that slipped past the lock finds no row to update.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}

    def form(self) -> Form:
        """Return the filled-in part, frozen, without what is personal: that is sealed."""
        return Form(**{name: getattr(self, name) for name in IMPERSONAL})


class TicketHandler(Base):
    """A desk worker who opened or worked on a ticket: it is among his own."""

    __tablename__ = "ticket_handler"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)


class TicketToken(Base):
    """The inverted index of `tokens`: newest tickets of a token are read in order and only as far as needed."""

    __tablename__ = "ticket_token"
    __table_args__ = ({"sqlite_with_rowid": False},)

    token: Mapped[str] = mapped_column(String(8), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
