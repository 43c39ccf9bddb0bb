"""The JSON of the floor's endpoints."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from seats.schemas import SipOut
from telephony.monitor_legs import Mode

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class PhoneOut(BaseModel):
    endpoint: str
    sip: SipOut


class MonitorIn(BaseModel):
    seat: str = Field(min_length=1, max_length=8, pattern="^[0-9]+$")
    mode: Literal["listen", "whisper", "barge"] = "listen"


class ModeIn(BaseModel):
    mode: Mode


class MonitorOut(BaseModel):
    """`mode` is '' until the shift leader's telephone has answered."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    leader: str
    seat: str
    agent_name: str
    call_id: str
    mode: str
    started_at: datetime
    ended_at: datetime | None


class OrderIn(BaseModel):
    """`reason` is needed for not_ready; `when` for signed_out in a call; `ready` ends a wrap-up."""

    state: Literal["not_ready", "signed_out", "ready"]
    why: Why
    reason: str = Field(default="", max_length=16)
    when: Literal["", "after_call", "at_once"] = ""
    override: bool = False


class MoveIn(BaseModel):
    to: Literal["head", "up"]


class PlaceOut(BaseModel):
    call_id: str
    position: int
