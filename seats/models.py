"""Tables of the seats: workplaces, agents, leases with their present state, the history, the plan."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from seats.events import AgentState

PLAN_ID = 1


class HomeCompany(StrEnum):
    """Who employs an operator (B06); it gives no right in that company's tickets."""

    WATER = "市水务集团"
    TRANSPORT = "市客运集团"
    HEATING = "市热电集团"


class Seat(Base):
    """A numbered workplace; `number` is two or more digits ("03"), `endpoint` its SIP name ("seat03")."""

    __tablename__ = "seat"

    id: Mapped[int] = mapped_column(primary_key=True)  # 1 for seat 01
    number: Mapped[str] = mapped_column(String(8), unique=True)
    endpoint: Mapped[str] = mapped_column(String(32), unique=True)
    location: Mapped[str] = mapped_column(String(64), default="")
    headset_profile: Mapped[str] = mapped_column(String(64), default="")
    out_of_service: Mapped[bool] = mapped_column(default=False)


class Agent(Base):
    """An operator on the books of the call centre: work number and home company."""

    __tablename__ = "agent"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    work_number: Mapped[str] = mapped_column(String(16), unique=True)
    home_company: Mapped[str] = mapped_column(String(32))


class AgentSession(Base):
    """An agent at a seat from sign-in to sign-out: while `ended_at` is null it is the seat's lease."""

    __tablename__ = "agent_session"
    __table_args__ = (
        Index(
            "uq_agent_session_seat_leased",
            "seat_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_agent_session_agent_leased",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    seat_number: Mapped[str] = mapped_column(String(8))
    endpoint: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    agent_name: Mapped[str] = mapped_column(String(64))
    signed_in_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    end_reason: Mapped[str] = mapped_column(String(32), default="")

    state: Mapped[AgentState] = mapped_column(String(16), default="signed_out")
    reason: Mapped[str] = mapped_column(String(16), default="")
    since: Mapped[datetime]
    deadline: Mapped[datetime | None] = mapped_column(
        default=None
    )  # the server ends the state then
    extended: Mapped[bool] = mapped_column(default=False)
    # What the agent asked for and Asterisk has not confirmed, or what follows the call: ready, not_ready or "".
    wanted: Mapped[str] = mapped_column(String(16), default="")
    wanted_reason: Mapped[str] = mapped_column(String(16), default="")
    # A shift leader's last order to this agent, until the agent is ready again: what, whose, why.
    ordered: Mapped[str] = mapped_column(String(16), default="")
    ordered_by: Mapped[str] = mapped_column(String(64), default="")
    ordered_why: Mapped[str] = mapped_column(String(200), default="")
    call_id: Mapped[str | None] = mapped_column(String(64), default=None)
    attempt: Mapped[int] = mapped_column(default=0)
    # When the sweep must ask Asterisk about this session; null where nothing is transient.
    check_at: Mapped[datetime | None] = mapped_column(default=None)

    # Asterisk's last word on the queue member; null until it has spoken.
    member_paused: Mapped[bool | None] = mapped_column(default=None)
    browser_seen_at: Mapped[datetime]
    device_lost_at: Mapped[datetime | None] = mapped_column(default=None)

    # From when the seat plan takes the seat back: before it the agent is told, from then on he leaves when free.
    leaves_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    notice_minutes: Mapped[int] = mapped_column(default=0)  # the last notice given: 10 or 2 before
    notice_seen: Mapped[bool] = mapped_column(default=False)
    stays: Mapped[bool] = mapped_column(default=False)  # exempted by a manager


class StateChange(Base):
    """One step of an agent's state: old, new, reason, when, by whom, in which call; append-only."""

    __tablename__ = "agent_state_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("agent_session.id"), index=True)
    old: Mapped[str] = mapped_column(String(16))
    new: Mapped[str] = mapped_column(String(16))
    trigger: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(16), default="")
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(80))
    call_id: Mapped[str | None] = mapped_column(String(64), default=None)
    expected: Mapped[bool] = mapped_column(
        default=True
    )  # False: a fact that the table did not foresee


class PlanRow(Base):
    """One entry of the seat plan (seats/plan_rules.py), or the withdrawal of one; append-only.

    `starts_at` and `ends_at` belong to windows and changes of the moment; `days`, `begins` and `ends` (minutes of
    the day) to standing rules; `withdraws` to withdrawals.
    """

    __tablename__ = "seat_plan_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), index=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(80))
    author: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    open_seats: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime | None] = mapped_column(default=None)
    ends_at: Mapped[datetime | None] = mapped_column(default=None)
    days: Mapped[list[str]] = mapped_column(default=list)
    begins: Mapped[int] = mapped_column(default=0)
    ends: Mapped[int] = mapped_column(default=0)
    withdraws: Mapped[int | None] = mapped_column(
        ForeignKey("seat_plan_entry.id"), default=None, unique=True
    )


class SeatSetting(Base):
    """The count that is in force now; locking this one row is what makes sign-ins and plan changes take turns."""

    __tablename__ = "seat_setting"

    id: Mapped[int] = mapped_column(primary_key=True)
    open_seats: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200), default="")
