"""Tables of the callback list: entries, of which a number has one open, and every step of each."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from seats.callbacks.states import State


class CallbackEntry(Base):
    """A citizen to be called back; while `closed_at` is null no second entry of that number exists."""

    __tablename__ = "callback_entry"
    __table_args__ = (
        Index(
            "uq_callback_entry_open_number",
            "number",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_callback_entry_open",
            "first_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32))  # normalised, never ''
    promised: Mapped[bool] = mapped_column(default=False)  # the caller was told that we call back
    state: Mapped[State] = mapped_column(String(16), default="open")
    times: Mapped[int] = mapped_column(default=1)  # how often the number left unserved
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    last_call_id: Mapped[str] = mapped_column(String(36))
    longest_wait: Mapped[float] = mapped_column(default=0.0)  # seconds in the queue

    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"), default=None)
    claimed_name: Mapped[str] = mapped_column(String(64), default="")
    claimed_at: Mapped[datetime | None] = mapped_column(default=None)

    attempts: Mapped[int] = mapped_column(default=0)
    last_attempt_at: Mapped[datetime | None] = mapped_column(default=None)
    not_before: Mapped[datetime | None] = mapped_column(default=None)
    # The call back under way: Asterisk knows its seat's leg by this uniqueid.
    channel_id: Mapped[str] = mapped_column(String(64), default="")

    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_by: Mapped[str] = mapped_column(String(80), default="")
    closed_call_id: Mapped[str] = mapped_column(String(64), default="")
    close_reason: Mapped[str] = mapped_column(String(200), default="")


class CallbackStep(Base):
    """One step of an entry: who, when, from where to where, why, by which call; append-only."""

    __tablename__ = "callback_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("callback_entry.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    trigger: Mapped[str] = mapped_column(String(16))  # "new" for the first
    old: Mapped[str] = mapped_column(String(16))
    new: Mapped[str] = mapped_column(String(16))
    call_id: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
