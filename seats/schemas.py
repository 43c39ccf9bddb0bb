"""The JSON of the seats' endpoints."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from seats.events import AgentState
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


class PlanOut(_FromView):
    open_seats: int
    physical_seats: int


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


class PlanIn(BaseModel):
    open_seats: int = Field(ge=-1_000_000, le=1_000_000)  # the service says what is wrong with it
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
