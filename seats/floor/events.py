"""What shift leaders did, as the rooms above hear it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.events import Event
from telephony.monitor_legs import Mode

Order = Literal["not_ready", "sign_out", "end_wrap_up"]


@dataclass(frozen=True, kw_only=True)
class MonitorUpdated(Event):
    """A shift leader's monitor session after a change; `mode` is None while his telephone is being called.

    `agent_told`: the agent joined by him must know (barge and take over, never listen or whisper).
    """

    account_id: int
    leader: str
    monitor: str
    seat: str
    agent_name: str
    agent_account_id: int
    call_id: str
    phone: str
    mode: Mode | None
    started_at: datetime
    ended_at: datetime | None = None
    end_reason: str = ""
    agent_told: bool = False


@dataclass(frozen=True, kw_only=True)
class AgentOrdered(Event):
    """A shift leader (`leader`) ordered something at a seat, because of `why`; `later`: after the call."""

    account_id: int
    seat: str
    order: Order
    leader: str
    why: str
    reason: str = ""
    later: bool = False
