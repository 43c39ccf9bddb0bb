"""Tables of the surge banner: what was announced from when to when, and who wants to be informed."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from ivr.events import Sound


class Surge(Base):
    """One banner. `in_force` is true, or null once it has ended: unique, so that two cannot be in force."""

    __tablename__ = "surge"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
    areas: Mapped[str] = mapped_column(String(100))
    offers_inform: Mapped[bool]
    sound: Mapped[Sound] = mapped_column(String(8))
    started_by: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    in_force: Mapped[bool | None] = mapped_column(default=True, unique=True)


class SurgeInform(Base):
    """A caller who wants word when the matter is done; once a banner and number."""

    __tablename__ = "surge_inform"
    __table_args__ = (UniqueConstraint("surge_id", "caller"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    surge_id: Mapped[int] = mapped_column(ForeignKey("surge.id"))
    caller: Mapped[str] = mapped_column(String(32))
    call_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
