"""Tables of the calendar: versions of years and local orders with their days, from proposal to decision."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, Enum, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.calendar_paper import DayKind
from core.db import Base


class Layer(StrEnum):
    NOTICE = "notice"  # a State Council notice for a whole year
    LOCAL = "local"  # single days by order of the city, laid over the notice


class VersionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"  # was approved until a later version of its year was


class CalendarVersion(Base):
    """One version of a year, or one local order; of a year one may be open and one may be in force."""

    __tablename__ = "calendar_version"
    __table_args__ = tuple(
        Index(
            f"uq_calendar_version_{state}",
            "year",
            unique=True,
            sqlite_where=text(f"layer = 'NOTICE' AND state = '{state.name}'"),
            postgresql_where=text(f"layer = 'NOTICE' AND state = '{state.name}'"),
        )
        for state in (VersionState.PROPOSED, VersionState.APPROVED)
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[Layer] = mapped_column(Enum(Layer, native_enum=False, length=8))
    year: Mapped[int]
    number: Mapped[str] = mapped_column(String(64))
    published: Mapped[date] = mapped_column(Date)
    revision: Mapped[int]
    papers: Mapped[list[str]]
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[VersionState] = mapped_column(Enum(VersionState, native_enum=False, length=12))
    proposed_by: Mapped[str] = mapped_column(String(80))
    proposed_by_name: Mapped[str] = mapped_column(String(64))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_by_name: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200), default="")  # why it was rejected
    days: Mapped[list["CalendarDayRow"]] = relationship(order_by="CalendarDayRow.day", lazy="raise")


class CalendarDayRow(Base):
    """What a version says of one day."""

    __tablename__ = "calendar_day"

    version_id: Mapped[int] = mapped_column(
        ForeignKey("calendar_version.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[DayKind] = mapped_column(Enum(DayKind, native_enum=False, length=8))
    name: Mapped[str] = mapped_column(String(32))
