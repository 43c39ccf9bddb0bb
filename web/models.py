"""The web's own tables: open screen-pops, and which agent was offered which call."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class ScreenPop(Base):
    """An open screen-pop; the row goes when the pop is closed, so the table stays small."""

    __tablename__ = "screen_pop"

    pop_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    seat: Mapped[str] = mapped_column(String(8))
    offer: Mapped[dict[str, Any]]
    offered_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]


class CallAgent(Base):
    """An agent who was offered a call: he may see it afterwards. Calls know seats, not people."""

    __tablename__ = "call_agent"
    __table_args__ = (Index("ix_call_agent_account", "account_id", "at"),)

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    seat: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
