"""What happened to agents and seats, as the rooms above hear it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.events import Event

AgentState = Literal["signed_out", "not_ready", "ready", "ringing", "talking", "wrap_up"]
PauseReason = Literal["sign_in", "rest", "meal", "training", "meeting", "system", "missed_call"]


@dataclass(frozen=True, kw_only=True)
class AgentStateChanged(Event):
    """An agent's state at a seat; `deadline` is when the server ends it, None for open-ended states."""

    account_id: int
    agent_name: str
    seat: str  # "01"
    endpoint: str  # "seat01"
    old: AgentState
    new: AgentState
    reason: str = ""
    call_id: str | None = None
    deadline: datetime | None = None
    extended: bool = False  # wrap-up has been prolonged once
    ordered: str = ""  # a shift leader's order: not_ready, sign_out, end_wrap_up
    ordered_by: str = ""
    ordered_why: str = ""


@dataclass(frozen=True, kw_only=True)
class PauseWished(Event):
    """What follows the call and its wrap-up: a pause for `reason`, or '' for none, the agent took it back."""

    account_id: int
    seat: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OpenSeatsChanged(Event):
    open_seats: int
    physical_seats: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class SeatPlanChanged(Event):
    """The plan, or who leaves because of it, is other than before: whoever shows it asks again."""


@dataclass(frozen=True, kw_only=True)
class OfferMissed(Event):
    """An agent let a call ring out; managers hear of it. `kept_ready`: it was the last ready seat."""

    account_id: int
    seat: str
    call_id: str
    kept_ready: bool
