"""Tables of the switch: calls with their parts, their timeline of facts, Asterisk's own log, and checkpoints."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base


class CallRow(Base):
    """One citizen conversation. Outcome and end come together, once; `evidence` is what decided.

    `served_after` is null until a person has answered: see `Call.served_after`.
    """

    __tablename__ = "call"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    linkedid: Mapped[str] = mapped_column(String(64))
    phase: Mapped[str] = mapped_column(String(16))
    caller: Mapped[str] = mapped_column(String(32))
    caller_name: Mapped[str] = mapped_column(String(80))
    dnid: Mapped[str] = mapped_column(String(32))
    menu: Mapped[str] = mapped_column(String(32))
    emergency: Mapped[bool]
    queue: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(24))
    evidence: Mapped[list[str]]
    waited_seconds: Mapped[float]
    served_after: Mapped[float | None] = mapped_column(default=None)
    talk_seconds: Mapped[float]
    segment_count: Mapped[int]
    recording: Mapped[str] = mapped_column(String(255))
    facts: Mapped[int]
    divergences: Mapped[int]

    legs: Mapped[list["LegRow"]] = relationship(lazy="raise", order_by="LegRow.started_at")
    offers: Mapped[list["OfferRow"]] = relationship(lazy="raise", order_by="OfferRow.attempt")
    segments: Mapped[list["SegmentRow"]] = relationship(lazy="raise", order_by="SegmentRow.number")

    __table_args__ = (
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended_once"),
        Index("ix_call_started", "started_at", "id"),
        Index("ix_call_caller", "caller", "started_at", "id"),
        Index(
            "ix_call_live",
            "started_at",
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
    )


class LegRow(Base):
    """One party's channel in a call."""

    __tablename__ = "leg"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    uniqueid: Mapped[str] = mapped_column(String(200), primary_key=True)
    role: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(200))
    endpoint: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cause: Mapped[int]

    __table_args__ = (Index("ix_leg_uniqueid", "uniqueid"),)


class OfferRow(Base):
    """One attempt to reach a seat; `state` is a result once `ended_at` is set."""

    __tablename__ = "offer"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    endpoint: Mapped[str] = mapped_column(String(200))
    uniqueid: Mapped[str] = mapped_column(String(200))
    offered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))

    __table_args__ = (Index("ix_offer_endpoint", "endpoint", "offered_at"),)


class SegmentRow(Base):
    """The talk of one seat in one call."""

    __tablename__ = "segment"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    endpoint: Mapped[str] = mapped_column(String(200))
    uniqueid: Mapped[str] = mapped_column(String(200))
    attempt: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(8))
    talk_seconds: Mapped[float]

    __table_args__ = (Index("ix_segment_endpoint", "endpoint", "started_at"),)


class EmergencyRow(Base):
    """One attempt to reach an emergency desk for a caller; `result` once it is over."""

    __tablename__ = "emergency_attempt"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(8))
    route: Mapped[str] = mapped_column(String(16))
    dialled_at: Mapped[datetime] = mapped_column(index=True)
    reached_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(16))
    talk_seconds: Mapped[float]


class FactRow(Base):
    """The timeline of a call: every fact in the order in which it was folded."""

    __tablename__ = "call_fact"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any]]


class QueueLogRow(Base):
    """A line of Asterisk's queue_log. `explained`: the ledger has been shown to account for it."""

    __tablename__ = "queue_log_row"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime | None]
    uniqueid: Mapped[str] = mapped_column(String(200))
    queue: Mapped[str] = mapped_column(String(200))
    agent: Mapped[str] = mapped_column(String(200))
    event: Mapped[str] = mapped_column(String(32))
    data: Mapped[list[str]]
    line: Mapped[str] = mapped_column(Text)
    explained: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_queue_log_row_uniqueid", "uniqueid"),
        Index(
            "ix_queue_log_row_open",
            "id",
            sqlite_where=text("NOT explained"),
            postgresql_where=text("NOT explained"),
        ),
    )


class Checkpoint(Base):
    """How far something has been read, by name."""

    __tablename__ = "checkpoint"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[dict[str, Any]]
