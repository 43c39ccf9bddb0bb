"""Tables of the floor: telephones lent to shift leaders, and who heard which call, when and how."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

CALLING = ""
"""The mode of a session whose telephone has not answered yet."""


class ManagerPhone(Base):
    """A SIP account lent to a shift leader: one a person, one person a telephone. No seat, never in the queue."""

    __tablename__ = "manager_phone"

    endpoint: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), unique=True
    )
    lent_at: Mapped[datetime]


class Monitor(Base):
    """One session of a shift leader beside a call; open while `ended_at` is null. Kept for good."""

    __tablename__ = "monitor"
    __table_args__ = (
        Index(
            "uq_monitor_open",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    leader: Mapped[str] = mapped_column(String(64))
    call_id: Mapped[str] = mapped_column(String(64), index=True)
    seat: Mapped[str] = mapped_column(String(8))
    agent_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    agent_name: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(200), default="")
    mode: Mapped[str] = mapped_column(String(16), default=CALLING)
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    end_reason: Mapped[str] = mapped_column(String(16), default="")


class MonitorStep(Base):
    """From when on a session was in which mode; append-only."""

    __tablename__ = "monitor_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    monitor_id: Mapped[str] = mapped_column(ForeignKey("monitor.id"), index=True)
    mode: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
