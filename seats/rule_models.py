"""Tables of the queue rules: their versions, the agents' skills, the numbers of the elderly."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from seats.skills import Skill

VersionState = Literal["applying", "applied", "refused"]


class RulesVersion(Base):
    """One set of rules; the last applied one is in force. `refusal` is what Asterisk said (zh and en)."""

    __tablename__ = "queue_rules_version"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rules: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    # The older version that this one brings back.
    restores: Mapped[int | None] = mapped_column(default=None)
    state: Mapped[VersionState] = mapped_column(String(16), default="applying")
    refusal: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AgentSkill(Base):
    """What an operator knows, and how well (1 to 3)."""

    __tablename__ = "agent_skill"

    account_id: Mapped[int] = mapped_column(ForeignKey("agent.account_id"), primary_key=True)
    skill: Mapped[Skill] = mapped_column(String(16), primary_key=True)
    level: Mapped[int]


class PriorityNumber(Base):
    """A caller on the elderly list; `number` is normalised and shown masked."""

    __tablename__ = "priority_number"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    note: Mapped[str] = mapped_column(String(80), default="")
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(80))
