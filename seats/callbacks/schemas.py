"""The callback list over HTTP."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from seats.callbacks.states import State


class EntryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    state: State
    number: str
    number_masked: str
    promised: bool
    times: int
    first_at: datetime
    last_at: datetime
    longest_wait: float
    claimed_by: int | None
    claimed_name: str
    claimed_at: datetime | None
    attempts: int
    most_attempts: int
    last_attempt_at: datetime | None
    not_before: datetime | None
    overdue_at: datetime
    closed_at: datetime | None
    close_reason: str


class ListOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    entries: list[EntryOut]
    open: int
    overdue: int
    withheld: int


class StepOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    at: datetime
    by: str
    trigger: str
    old: str
    new: str
    call_id: str
    note: str


class ReasonIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    reason: str = Field(min_length=2, max_length=200)
