"""The web's own table: offers whose screen-pop was not yet seen, or whose call is not yet over."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
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
