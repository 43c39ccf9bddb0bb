"""Tables of the roster: versions of a month with their cells and edits, absences, swaps, wishes, admissions."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from seats.roster.requests import RequestState
from seats.roster.rules import AbsenceKind
from seats.roster.swap_states import SwapState

RULES_ID = 1
VersionState = Literal["draft", "published", "superseded"]


class RosterRules(Base):
    """The one row of the rules in force for new versions: shifts and limits, see rules.py."""

    __tablename__ = "roster_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(80))


class RosterVersion(Base):
    """A month as drafted or published; `revision` rises with every change, `rules` are those it was made with."""

    __tablename__ = "roster_version"
    __table_args__ = tuple(
        Index(
            f"uq_roster_version_{state}",
            "month",
            unique=True,
            sqlite_where=text(f"state = '{state}'"),
            postgresql_where=text(f"state = '{state}'"),
        )
        for state in ("draft", "published")
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), index=True)  # 2026-11
    number: Mapped[int]
    state: Mapped[VersionState] = mapped_column(String(16), default="draft")
    revision: Mapped[int] = mapped_column(default=0)
    rules: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(80))
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    published_by: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(String(200), default="")


class RosterCell(Base):
    """One person on one day: the shift ("" with a note only); `fixed` cells are kept when a month is generated."""

    __tablename__ = "roster_cell"
    __table_args__ = (UniqueConstraint("version_id", "account_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("roster_version.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    shift: Mapped[str] = mapped_column(String(16), default="")
    fixed: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(80), default="")


class RosterEdit(Base):
    """One step of work on a version, with the cells before and after it: who did what, and how to undo it."""

    __tablename__ = "roster_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("roster_version.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(16))  # edit, generate, import, swap
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    undone: Mapped[bool] = mapped_column(default=False)


class RosterAbsence(Base):
    """Leave or training, both days included; a training has a topic in `note` and later a `result` (B17)."""

    __tablename__ = "roster_absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[AbsenceKind] = mapped_column(String(16))
    first: Mapped[date] = mapped_column(index=True)
    last: Mapped[date] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    result: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[RequestState] = mapped_column(String(16), default="asked")
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str] = mapped_column(String(80), default="")


class RosterSwap(Base):
    """A shift that `giver` offers to `taker`, against one of his (`back_day`) or for nothing."""

    __tablename__ = "roster_swap"

    id: Mapped[int] = mapped_column(primary_key=True)
    giver: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    taker: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    shift: Mapped[str] = mapped_column(String(16))
    back_day: Mapped[date | None] = mapped_column(default=None)
    back_shift: Mapped[str] = mapped_column(String(16), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[SwapState] = mapped_column(String(16), default="offered")
    offered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    reason: Mapped[str] = mapped_column(String(400), default="")  # why it was refused


class RosterWish(Base):
    """What a person prefers or avoids on a day; `shift` "" means any."""

    __tablename__ = "roster_wish"
    __table_args__ = (UniqueConstraint("account_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    day: Mapped[date] = mapped_column(index=True)
    shift: Mapped[str] = mapped_column(String(16), default="")
    avoid: Mapped[bool] = mapped_column(default=True)


class RosterAdmission(Base):
    """A manager lets somebody sign in who is not on the roster, until the shift ends."""

    __tablename__ = "roster_admission"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    admitted_at: Mapped[datetime]
    admitted_by: Mapped[str] = mapped_column(String(80))
