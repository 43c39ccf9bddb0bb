"""What the switch did, as the rooms above hear it. `endpoint` is a seat's SIP name (seat03)."""

from dataclasses import dataclass, field
from typing import Literal

from core.events import Event

Outcome = Literal[
    "answered",
    "abandoned_in_ivr",
    "abandoned_in_queue",
    "timed_out",
    "left_empty",
    "callback_accepted",
    "emergency_transferred",
    "referred",
    "rejected",
    "failed",
]
OfferResult = Literal["answered", "no_answer", "rejected", "caller_gone", "withdrawn", "failed"]
SegmentEnd = Literal["caller", "agent", "transfer", "failed"]
EmergencyResult = Literal["answered", "busy", "no_answer", "caller_gone", "unreachable", "failed"]


@dataclass(frozen=True, kw_only=True)
class CallEvent(Event):
    """Base of all that happens to one citizen conversation; `call_id` is our own UUID."""

    call_id: str


@dataclass(frozen=True, kw_only=True)
class CallStarted(CallEvent):
    """A call reached the trunk; `caller` is normalised, '' when withheld or malformed."""

    caller: str
    caller_name: str = ""
    dnid: str = ""


@dataclass(frozen=True, kw_only=True)
class CallQueued(CallEvent):
    """The caller entered the human queue; `menu` is what was chosen before ('' for nothing)."""

    queue: str
    position: int
    caller: str
    caller_name: str = ""
    dnid: str = ""
    menu: str = ""
    emergency: bool = False


@dataclass(frozen=True, kw_only=True)
class CallOffered(CallEvent):
    """The seat `endpoint` rings; `attempt` counts the offers of this call from 1."""

    endpoint: str
    attempt: int
    caller: str
    caller_name: str = ""
    dnid: str = ""
    menu: str = ""
    emergency: bool = False
    waited_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class OfferForeseen(CallEvent):
    """Asterisk just said that it calls a seat; told at once, before anything is stored.

    A hint for screens alone. `offer` follows as a fact of its own, unless Asterisk takes its word back.
    """

    offer: CallOffered


@dataclass(frozen=True, kw_only=True)
class OfferEnded(CallEvent):
    """The ringing of `endpoint` is over."""

    endpoint: str
    attempt: int
    result: OfferResult


@dataclass(frozen=True, kw_only=True)
class CallAnswered(CallEvent):
    """Both legs are in the bridge: talk time starts here; `segment` counts from 1."""

    endpoint: str
    attempt: int
    segment: int
    waited_seconds: float


@dataclass(frozen=True, kw_only=True)
class CallHeld(CallEvent):
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class CallResumed(CallEvent):
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class SegmentEnded(CallEvent):
    """The agent at `endpoint` no longer talks in this call."""

    endpoint: str
    segment: int
    reason: SegmentEnd
    talk_seconds: float


@dataclass(frozen=True, kw_only=True)
class CallEnded(CallEvent):
    """The caller is gone; exactly one outcome, never changed afterwards."""

    outcome: Outcome
    caller: str
    waited_seconds: float
    talk_seconds: float


@dataclass(frozen=True, kw_only=True)
class CallUnserved(CallEvent):
    """Nobody is staffed (left_empty) or the longest wait is over (timed_out); the caller is still there."""

    why: Literal["left_empty", "timed_out"]


@dataclass(frozen=True, kw_only=True)
class RecordingStarted(CallEvent):
    """`path` is relative to the recordings folder and follows from the call id alone."""

    path: str


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    call_id: str
    caller: str
    position: int
    joined_at: str  # ISO 8601, UTC
    emergency: bool = False


@dataclass(frozen=True, kw_only=True)
class QueueChanged(Event):
    """Who waits now, in order."""

    queue: str
    waiting: list[QueueEntry] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class MemberChanged(Event):
    """Asterisk's word on a queue member: added, paused, gone from the net. Published only when it differs."""

    endpoint: str
    paused: bool
    reason: str = ""
    reachable: bool = True


@dataclass(frozen=True, kw_only=True)
class MemberRemoved(Event):
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class MonitorChanged(Event):
    """A shift leader's leg beside a call entered a mode: listen, whisper, barge, take_over, or ended."""

    monitor: str
    mode: str
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class DeviceChanged(Event):
    """The SIP device of a seat registered or went away."""

    endpoint: str
    reachable: bool


@dataclass(frozen=True, kw_only=True)
class OutboundEnded(Event):
    """A call of ours to a citizen is over. `status` is Asterisk's word (ANSWER, BUSY, NOANSWER, CANCEL, …)."""

    channel_id: str
    status: str
    talk_seconds: float


@dataclass(frozen=True, kw_only=True)
class SwitchUp(Event):
    """The AMI link is up and in step; `restarted` tells a new Asterisk from a link that blinked."""

    restarted: bool
    corrections: int


@dataclass(frozen=True, kw_only=True)
class SwitchDown(Event):
    reason: str


@dataclass(frozen=True, kw_only=True)
class EmergencyDialled(CallEvent):
    """An emergency desk is dialled for a caller; `attempt` counts those of the call from 1."""

    number: str
    route: str
    attempt: int
    caller: str


@dataclass(frozen=True, kw_only=True)
class EmergencyReached(CallEvent):
    """The desk has answered and talks with the caller."""

    number: str
    route: str
    attempt: int


@dataclass(frozen=True, kw_only=True)
class EmergencyEnded(CallEvent):
    """The attempt is over; anything but `answered` and `caller_gone` goes on with the next route, then a person."""

    number: str
    route: str
    attempt: int
    caller: str
    result: EmergencyResult
    seconds: float  # of talk with the desk, 0 when it did not answer
