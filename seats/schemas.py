"""The JSON of the seats' endpoints."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from seats.events import AgentState
from seats.plan_rules import EntryKind
from seats.states import Command
from seats.views import SeatState


class _FromView(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SessionOut(_FromView):
    """The agent's own session; `wanted` is what waits for the switch or for the end of the call."""

    seat: str
    endpoint: str
    state: AgentState
    reason: str
    since: datetime
    deadline: datetime | None
    extended: bool
    call_id: str | None
    device_reachable: bool
    wanted: str
    wanted_reason: str
    allowed: list[Command]


class SeatOut(_FromView):
    number: str
    location: str
    state: SeatState
    agent_name: str
    reason: str
    since: datetime | None
    reachable: bool
    leaves_at: datetime | None
    stays: bool
    held: bool
    notice: int


class NextCountOut(_FromView):
    at: datetime
    open_seats: int
    reason: str
    author: str


class PlanOut(_FromView):
    """`why` is the kind of entry in force until `until`; `drain` the seats given back, in order."""

    open_seats: int
    physical_seats: int
    why: EntryKind
    reason: str
    author: str
    until: datetime | None
    next: NextCountOut | None
    drain: list[str]


class SeatsOut(BaseModel):
    seats: list[SeatOut]
    plan: PlanOut


class SipOut(_FromView):
    ws_url: str
    uri: str
    username: str
    password: str
    realm: str
    ice_servers: list[str] = Field(default_factory=list)


class MySeatOut(BaseModel):
    session: SessionOut
    sip: SipOut


class SeatIn(BaseModel):
    seat: str = Field(min_length=1, max_length=8, pattern="^[0-9]+$")


class StateIn(BaseModel):
    """`reason` is needed for not_ready."""

    state: Literal["ready", "not_ready"]
    reason: str = Field(default="", max_length=16)
