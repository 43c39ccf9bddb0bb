"""The table of alarms: one row for each time that one was raised."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class Alarm(Base):
    """Raised, perhaps acknowledged by somebody, cleared; an alarm that gets worse is a new row."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index(
            "uq_alarm_standing",
            "code",
            unique=True,
            sqlite_where=text("cleared_at IS NULL"),
            postgresql_where=text("cleared_at IS NULL"),
        ),
        Index("ix_alarm_raised", "raised_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(8))
    value: Mapped[float]
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None] = mapped_column(default=None)
    acknowledged_by: Mapped[str] = mapped_column(String(80), default="")
    acknowledged_name: Mapped[str] = mapped_column(String(64), default="")
    cleared_at: Mapped[datetime | None] = mapped_column(default=None)
    worsened: Mapped[bool] = mapped_column(
        default=False
    )  # cleared because a worse one took its place
