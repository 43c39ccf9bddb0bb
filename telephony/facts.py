"""Typed facts: what the switch says that matters to calls, members and devices; AMI text ends at `messages.py`."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, TypedDict

Value = str | int | bool
Body = dict[str, Value]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """Something that was so at `at`; `corrected`: found out by asking or from queue_log, not by an event."""

    at: datetime
    corrected: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelFact(Fact):
    """A fact about the channel `uniqueid`; `call_id` is our CALL_UUID on it, '' while it carries none."""

    uniqueid: str
    channel: str = ""
    linkedid: str = ""
    call_id: str = ""


class About(TypedDict):
    """The part that every channel fact has, for `Kind(at=…, **about, …)`."""

    uniqueid: str
    channel: str
    linkedid: str
    call_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelAppeared(ChannelFact):
    """`caller` is normalised, '' when withheld or malformed."""

    caller: str = ""
    caller_name: str = ""
    context: str = ""
    exten: str = ""

    @property
    def resumes(self) -> bool:
        """A reloaded desktop takes up its call again (asterisk-config, from-seat)."""
        return (self.context, self.exten) == ("from-seat", "resume")


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelStateSeen(ChannelFact):
    """`state` is Asterisk's number: 4 ring (calling us), 5 ringing, 6 up."""

    state: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelRenamed(ChannelFact):
    new_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelGone(ChannelFact):
    """`cause` is Q.850; 0 when nobody saw it go."""

    cause: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldChanged(ChannelFact):
    held: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BridgeEntered(ChannelFact):
    bridge: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BridgeLeft(ChannelFact):
    bridge: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Transferred(ChannelFact):
    """The party on `uniqueid` handed the call on."""

    kind: Literal["blind", "attended"]
    succeeded: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class DialFact(ChannelFact):
    """`uniqueid` is the caller's channel, '' when Asterisk itself dials; `dest_uniqueid` the one dialled."""

    dest_uniqueid: str
    dest_channel: str = ""
    dest_call_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DialBegan(DialFact):
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class DialEnded(DialFact):
    """`status` is DIALSTATUS: ANSWER BUSY NOANSWER CANCEL CONGESTION CHANUNAVAIL …"""

    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentFact(DialFact):
    """The queue's word on one member and one caller."""

    endpoint: str
    queue: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentCalled(AgentFact):
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentConnected(AgentFact):
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentUnanswered(AgentFact):
    ring_ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentCompleted(AgentFact):
    """`reason`: caller, agent or transfer, as app_queue sees it."""

    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueJoined(ChannelFact):
    queue: str
    position: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueLeft(ChannelFact):
    queue: str


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueAbandoned(ChannelFact):
    """Not an outcome: Asterisk says it on time-out, on an empty queue and on withdrawal too."""

    queue: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CallArrived(ChannelFact):
    """Our dialplan: this channel is a citizen's call; `dnid` is the number dialled."""

    caller: str = ""
    caller_name: str = ""
    dnid: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MenuChosen(ChannelFact):
    menu: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FallbackTaken(ChannelFact):
    """The dialplan went on without us."""

    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeDeclared(ChannelFact):
    """Our dialplan: how the call is about to end; one piece of evidence among others."""

    outcome: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyFact(ChannelFact):
    """Our dialplan on one attempt to reach the desk `number` (110, 119, 120, 122) over one of its routes."""

    number: str
    route: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyDialled(EmergencyFact):
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyReached(EmergencyFact):
    """The desk has answered; `uniqueid` is its leg."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyEnded(EmergencyFact):
    """`status` is DIALSTATUS."""

    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingBegan(ChannelFact):
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageLeft(ChannelFact):
    """Nobody could be reached and the caller spoke to the machine; `path` is below the recordings folder."""

    path: str
    status: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenOver(ChannelFact):
    """The shift leader's leg on `uniqueid` takes the caller away from the agents who talk with him."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SwitchRestarted(ChannelFact):
    """The Asterisk that carried this call is no more, or ends it because it stops."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberSeen(Fact):
    """`status` is Asterisk's device state number: 1 idle, 2 in use, 3 busy, 5 unavailable, 6 ringing …"""

    queue: str
    endpoint: str
    status: int
    paused: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberGone(Fact):
    queue: str
    endpoint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceSeen(Fact):
    endpoint: str
    reachable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboundOver(Fact):
    """The dialplan's last word on a call to a citizen (asterisk-config, callback); times in milliseconds."""

    channel_id: str
    status: str
    talk_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorSeen(Fact):
    """A shift leader's leg beside a call (it is part of none): listen, whisper, barge, take_over, ended."""

    monitor: str
    mode: str
    channel: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Malformed(Fact):
    """An event that cannot be what it says: recorded, counted, never folded. `what` holds no personal data."""

    event: str
    what: str


def to_body(fact: Fact) -> Body:
    """Return the fact's own fields as JSON values, without `at` and without what is at its default."""
    body: Body = {}
    for name, default in _FIELDS[type(fact).__name__]:
        value: Value = getattr(fact, name)
        if value != default:
            body[name] = value
    return body


def from_body(kind: str, at: datetime, body: Body) -> Fact:
    """Read back what `to_body` wrote; KeyError for a kind, TypeError for a field unknown to this version."""
    make: type[Fact] = KINDS[kind]
    return make(at=at, **body)  # type: ignore[arg-type]  # the types were right when it was written


def _kinds(base: type[Fact]) -> dict[str, type[Fact]]:
    found = {base.__name__: base}
    for kind in base.__subclasses__():
        found |= _kinds(kind)
    return found


KINDS = _kinds(Fact)
_FIELDS = {
    name: tuple((field.name, field.default) for field in fields(kind) if field.name != "at")
    for name, kind in KINDS.items()
}
