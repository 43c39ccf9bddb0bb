"""The door for AMI text: events become typed facts, or a `Malformed` one that says what was wrong (pure)."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal, Protocol

from telephony import facts as f
from telephony.numbers import normalise

TEXT_LIMIT = 200
_CHANNEL = re.compile(r"[^/]+/(?P<endpoint>.+)-[0-9a-f]{8}(;[12])?\Z")
_SEAT = re.compile(r"seat[0-9]+\Z")
_MANAGER = re.compile(r"boss[0-9]+\Z")
_SHUTDOWN = 4  # AST_SOFTHANGUP_SHUTDOWN, channel.h
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Headers(Protocol):
    """What is needed of an AmiEvent."""

    @property
    def name(self) -> str: ...
    @property
    def variables(self) -> Mapping[str, str]: ...
    def get(self, key: str, default: str = "") -> str: ...
    def variables_of(self, prefix: str) -> Mapping[str, str]: ...


class _Bad(Exception):
    """This event is not what it says; the text names header and problem, never its value."""


def fact_of(event: Headers, now: datetime) -> f.Fact | None:
    """Return the fact in an event, None for an event without a meaning here, `Malformed` for garbage.

    The fact's time is Asterisk's own (`timestampevents=yes`) or else `now`.
    """
    parse = _PARSERS.get(event.name)
    if parse is None:
        return None
    try:
        return parse(event, _at(event, now))
    except _Bad as problem:
        return f.Malformed(at=now, event=event.name, what=str(problem))


def endpoint_of(name: str) -> str:
    """Return `seat03` for a channel `PJSIP/seat03-0000001a` or an interface `PJSIP/seat03`; '' for none."""
    matched = _CHANNEL.match(name)
    if matched:
        return matched["endpoint"]
    return name.partition("/")[2]


def is_seat(endpoint: str) -> bool:
    """Tell a seat's SIP name (seat03) from the trunk and anything else that Asterisk knows."""
    return _SEAT.match(endpoint) is not None


def is_agent(endpoint: str) -> bool:
    """Tell who talks with callers (a seat, or a shift leader who took a call over) from everybody else."""
    return is_seat(endpoint) or _MANAGER.match(endpoint) is not None


def call_id_in(text: str) -> str:
    """Return a call UUID in lower case, '' for anything that is not one."""
    candidate = text.strip().lower()
    return candidate if _UUID.match(candidate) else ""


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return foreign text without control characters and at most `limit` characters long."""
    return _CONTROL.sub("", text).strip()[:limit]


def _at(event: Headers, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(float(event.get("Timestamp")), UTC)
    except (ValueError, OverflowError, OSError):
        return now


def _need(event: Headers, key: str) -> str:
    value = clean(event.get(key))
    if not value:
        raise _Bad(f"no {key}")
    return value


def _int(event: Headers, key: str, default: int | None = None) -> int:
    text = event.get(key).strip()
    if not text and default is not None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
        raise _Bad(f"{key} is not a number")
    return int(text)


def _caller(event: Headers, key: str) -> str:
    return normalise(clean(event.get(key)))


def _name(event: Headers, key: str) -> str:
    name = clean(event.get(key), 80)
    return "" if name == "<unknown>" else name


class _Dial(f.About):
    dest_uniqueid: str
    dest_channel: str
    dest_call_id: str


class _Agent(_Dial):
    endpoint: str
    queue: str


def _channel(e: Headers, prefix: str = "") -> f.About:
    return {
        "uniqueid": _need(e, f"{prefix}Uniqueid"),
        "channel": clean(e.get(f"{prefix}Channel")),
        "linkedid": clean(e.get(f"{prefix}Linkedid")),
        "call_id": call_id_in(e.variables_of(prefix).get("CALL_UUID", "")),
    }


def _dial(e: Headers) -> _Dial:
    """Return both sides of a dial; the caller's side is missing when Asterisk itself dials."""
    dest = _channel(e, "Dest")
    source = _channel(e) if e.get("Uniqueid") else None
    return {
        "uniqueid": source["uniqueid"] if source else "",
        "channel": source["channel"] if source else "",
        "linkedid": source["linkedid"] if source else dest["linkedid"],
        "call_id": (source["call_id"] if source else "") or dest["call_id"],
        "dest_uniqueid": dest["uniqueid"],
        "dest_channel": dest["channel"],
        "dest_call_id": dest["call_id"],
    }


def _agent(e: Headers) -> _Agent:
    endpoint = endpoint_of(_need(e, "Interface"))
    return {**_dial(e), "endpoint": endpoint, "queue": clean(e.get("Queue"))}


def _own(e: Headers) -> f.About:
    """A UserEvent of our dialplan says the call's id itself."""
    about = _channel(e)
    about["call_id"] = call_id_in(e.get("CallID")) or about["call_id"]
    if not about["call_id"]:
        raise _Bad("no CallID")
    return about


def _appeared(e: Headers, at: datetime) -> f.Fact:
    return f.ChannelAppeared(
        at=at,
        **_channel(e),
        caller=_caller(e, "CallerIDNum"),
        caller_name=_name(e, "CallerIDName"),
        context=clean(e.get("Context")),
        exten=clean(e.get("Exten")),
    )


def _renamed(e: Headers, at: datetime) -> f.Fact:
    return f.ChannelRenamed(at=at, **_channel(e), new_name=_need(e, "Newname"))


def _transferred(prefix: str, kind: Literal["blind", "attended"]) -> "_Parser":
    def parse(e: Headers, at: datetime) -> f.Fact:
        done = e.get("Result") == "Success"
        return f.Transferred(at=at, **_channel(e, prefix), kind=kind, succeeded=done)

    return parse


def _member_seen(e: Headers, at: datetime) -> f.Fact:
    interface = e.get("Interface") or _need(e, "Location")  # QueueStatus calls it Location
    return f.MemberSeen(
        at=at,
        queue=_need(e, "Queue"),
        endpoint=endpoint_of(clean(interface)),
        status=_int(e, "Status", 0),
        paused=e.get("Paused") == "1",
        reason=clean(e.get("PausedReason")),
    )


def _member_gone(e: Headers, at: datetime) -> f.Fact:
    endpoint = endpoint_of(_need(e, "Interface"))
    return f.MemberGone(at=at, queue=_need(e, "Queue"), endpoint=endpoint)


def _device(e: Headers, at: datetime) -> f.Fact | None:
    device = _need(e, "Device")
    if not device.startswith("PJSIP/"):
        return None
    reachable = _need(e, "State").upper() not in ("UNAVAILABLE", "INVALID")
    return f.DeviceSeen(at=at, endpoint=endpoint_of(device), reachable=reachable)


def _endpoint(e: Headers, at: datetime) -> f.Fact:
    reachable = _need(e, "DeviceState") not in ("Unavailable", "Invalid")
    return f.DeviceSeen(at=at, endpoint=_need(e, "ObjectName"), reachable=reachable)


def _contact(e: Headers, at: datetime) -> f.Fact | None:
    # One contact that goes says nothing about the seat: after a reload the new one is there already.
    if e.get("ContactStatus") not in ("Created", "Reachable", "NonQualified"):
        return None
    return f.DeviceSeen(at=at, endpoint=_need(e, "EndpointName"), reachable=True)


def _peer(e: Headers, at: datetime) -> f.Fact | None:
    status = e.get("PeerStatus")
    if status not in ("Reachable", "Unreachable"):
        return None
    endpoint = endpoint_of(_need(e, "Peer"))
    return f.DeviceSeen(at=at, endpoint=endpoint, reachable=status == "Reachable")


def _arrived(e: Headers, at: datetime) -> f.Fact:
    return f.CallArrived(
        at=at,
        **_own(e),
        caller=_caller(e, "Caller"),
        caller_name=_name(e, "CallerName"),
        dnid=clean(e.get("Dnid"), 32),
    )


def _monitor(e: Headers, at: datetime) -> f.Fact:
    return f.MonitorSeen(
        at=at,
        monitor=_need(e, "Monitor"),
        mode=_need(e, "Mode")[:16],
        channel=clean(e.get("Channel")),
    )


def _stopped(e: Headers, at: datetime) -> f.Fact | None:
    """Asterisk that is stopped in good order hangs everybody up first: no caller gave up, no agent was done."""
    if _int(e, "Cause", 0) != _SHUTDOWN:
        return None
    return f.SwitchRestarted(at=at, **_channel(e))


def _user_event(e: Headers, at: datetime) -> f.Fact | None:
    parse = _USER_EVENTS.get(e.get("UserEvent"))
    return parse(e, at) if parse else None


class _Emergency(f.About):
    number: str
    route: str


def _emergency(e: Headers) -> _Emergency:
    return {**_own(e), "number": _need(e, "Number")[:8], "route": _need(e, "Route")[:16]}


_Parser = Callable[[Headers, datetime], f.Fact | None]

_USER_EVENTS: dict[str, _Parser] = {
    "CallInbound": _arrived,
    "CallMenu": lambda e, at: f.MenuChosen(at=at, **_own(e), menu=clean(e.get("Menu"), 32)),
    "CallFallback": lambda e, at: f.FallbackTaken(
        at=at, **_own(e), reason=clean(e.get("Reason"), 32)
    ),
    "CallOutcome": lambda e, at: f.OutcomeDeclared(
        at=at, **_own(e), outcome=_need(e, "Outcome")[:32]
    ),
    "CallMessage": lambda e, at: f.MessageLeft(
        at=at, **_own(e), path=_need(e, "Path"), status=clean(e.get("Status"), 32)
    ),
    "EmergencyDialled": lambda e, at: f.EmergencyDialled(at=at, **_emergency(e)),
    "EmergencyReached": lambda e, at: f.EmergencyReached(at=at, **_emergency(e)),
    "EmergencyEnded": lambda e, at: f.EmergencyEnded(
        at=at, **_emergency(e), status=clean(e.get("Status"), 16)
    ),
    "OutboundOver": lambda e, at: f.OutboundOver(
        at=at,
        channel_id=_need(e, "OutboundID"),
        status=clean(e.get("Status"), 32),
        talk_ms=_int(e, "TalkMs", 0),
    ),
    "CallTakenOver": lambda e, at: f.TakenOver(at=at, **_own(e)),
    "Monitor": _monitor,
    "CallRecording": lambda e, at: f.RecordingBegan(at=at, **_own(e), path=_need(e, "Path")),
}

_PARSERS: dict[str, _Parser] = {
    "Newchannel": _appeared,
    "Newstate": lambda e, at: f.ChannelStateSeen(
        at=at, **_channel(e), state=_int(e, "ChannelState")
    ),
    "Rename": _renamed,
    "Hangup": lambda e, at: f.ChannelGone(at=at, **_channel(e), cause=_int(e, "Cause", 0)),
    "SoftHangupRequest": _stopped,
    "Hold": lambda e, at: f.HoldChanged(at=at, **_channel(e), held=True),
    "Unhold": lambda e, at: f.HoldChanged(at=at, **_channel(e), held=False),
    "BridgeEnter": lambda e, at: f.BridgeEntered(
        at=at, **_channel(e), bridge=_need(e, "BridgeUniqueid")
    ),
    "BridgeLeave": lambda e, at: f.BridgeLeft(
        at=at, **_channel(e), bridge=_need(e, "BridgeUniqueid")
    ),
    "BlindTransfer": _transferred("Transferer", "blind"),
    "AttendedTransfer": _transferred("OrigTransferer", "attended"),
    "DialBegin": lambda e, at: f.DialBegan(at=at, **_dial(e)),
    "DialEnd": lambda e, at: f.DialEnded(at=at, **_dial(e), status=_need(e, "DialStatus")),
    "AgentCalled": lambda e, at: f.AgentCalled(at=at, **_agent(e)),
    "AgentConnect": lambda e, at: f.AgentConnected(at=at, **_agent(e)),
    "AgentRingNoAnswer": lambda e, at: f.AgentUnanswered(
        at=at, **_agent(e), ring_ms=_int(e, "RingTime", 0)
    ),
    "AgentComplete": lambda e, at: f.AgentCompleted(
        at=at, **_agent(e), reason=clean(e.get("Reason"))
    ),
    "QueueCallerJoin": lambda e, at: f.QueueJoined(
        at=at, **_channel(e), queue=_need(e, "Queue"), position=_int(e, "Position", 0)
    ),
    "QueueCallerLeave": lambda e, at: f.QueueLeft(at=at, **_channel(e), queue=_need(e, "Queue")),
    "QueueCallerAbandon": lambda e, at: f.QueueAbandoned(
        at=at, **_channel(e), queue=_need(e, "Queue")
    ),
    "QueueMember": _member_seen,
    "QueueMemberAdded": _member_seen,
    "QueueMemberPause": _member_seen,
    "QueueMemberStatus": _member_seen,
    "QueueMemberRinginuse": _member_seen,
    "QueueMemberPenalty": _member_seen,
    "QueueMemberRemoved": _member_gone,
    "EndpointList": _endpoint,
    "DeviceStateChange": _device,
    "ContactStatus": _contact,
    "PeerStatus": _peer,
    "UserEvent": _user_event,
}
MEANINGFUL = frozenset(_PARSERS)
