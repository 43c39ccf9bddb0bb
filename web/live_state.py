"""The pieces of the live state as they go over the wire (docs/live-protocol.md), and their encoding."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic_core import to_json

from seats.events import AgentState
from seats.plan_rules import EntryKind
from telephony.events import EmergencyResult
from web.wallboard.shown import Alarms, Callbacks, Load

SeatState = Literal["free", "closed", "not_ready", "ready", "ringing", "talking", "wrap_up"]
CallState = Literal["ringing", "talking", "held", "ended"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    up: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """An agent at a seat, for the agent."""

    seat: str
    endpoint: str
    state: AgentState
    reason: str
    since: datetime
    deadline: datetime | None
    extended: bool
    call_id: str | None
    device_reachable: bool
    pause_wished: str = ""  # the reason of a pause that follows the call
    ordered: str = ""  # a shift leader's order that is not undone by being ready again
    ordered_by: str = ""
    ordered_why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """A workplace on the board, for everybody."""

    number: str
    state: SeatState
    agent_name: str
    reason: str
    since: datetime | None
    reachable: bool
    caller_masked: str = ""  # of the call that rings or talks here
    leaves_at: datetime | None = None
    stays: bool = False
    held: bool = False
    notice: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class NextCount:
    at: datetime
    open_seats: int
    reason: str
    author: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How many seats are open, why and until when, what comes then, and which seats are given back, in order."""

    open_seats: int
    physical_seats: int
    why: EntryKind = "default"
    reason: str = ""
    author: str = ""
    until: datetime | None = None
    next: NextCount | None = None
    drain: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Surge:
    """What all callers hear before the queue; `sound`: making, ready, failed (then they do not hear it)."""

    text: str
    areas: str
    offers_inform: bool
    sound: str
    started_by: str
    starts_at: datetime
    ends_at: datetime
    asked: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    call_id: str
    caller_masked: str
    position: int
    joined_at: str
    emergency: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    waiting: list[Waiting] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyDesk:
    """The emergency desk that an operator asked for; `failed` stays to be read, with the result of the last route."""

    number: str
    route: str
    state: Literal["dialling", "reached", "failed"]
    since: datetime
    result: EmergencyResult | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """The calls that began in one window of time; a percentage or mean of nothing is null."""

    offered: int
    queued: int
    answered: int
    abandoned: int
    waiting: int
    connect_percent: float | None
    within_15_percent: float | None
    abandoned_percent: float | None
    mean_wait_seconds: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How the hotline does, in three windows that end now; `alarm`: the 24 hours are below the target (S06)."""

    last_hour: Rates
    today: Rates
    last_24h: Rates
    target_percent: float
    alarm: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """The call at an agent's seat."""

    call_id: str
    state: CallState
    caller: str
    caller_masked: str
    caller_place: str
    dnid: str
    hotline_name: str
    menu: str
    emergency: bool
    attempt: int
    offered_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    waited_seconds: float = 0.0
    recording: bool = False
    ticket_id: int | None = None
    desk: EmergencyDesk | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Monitor:
    """The shift leader's own session beside a call; `mode` is '' while his telephone is being called."""

    id: str
    seat: str
    agent_name: str
    call_id: str
    mode: str
    phone: str
    started_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLine:
    call_id: str
    started_at: datetime
    outcome: str | None
    agent_name: str
    waited_seconds: float
    talk_seconds: float
    dnid: str
    caller_masked: str
    ticket_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketLine:
    id: int
    number: str | None
    state: str
    state_name: str
    title: str
    category_name: str
    opened_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyMatter:
    title: str
    ticket_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Knowledge:
    id: int
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pop:
    """What the desktop shows of a caller while the seat rings."""

    pop_id: str
    call_id: str
    seat: str
    attempt: int
    caller: str
    caller_masked: str
    caller_place: str
    dnid: str
    hotline_name: str
    menu: str
    emergency: bool
    waited_seconds: float
    offered_at: datetime
    known_name: str = ""
    repeat: bool = False
    last_calls: list[CallLine] = field(default_factory=list)
    open_tickets: list[TicketLine] = field(default_factory=list)
    key_matters: list[KeyMatter] = field(default_factory=list)
    knowledge: list[Knowledge] = field(default_factory=list)
    ticket_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketHint:
    """Not part of the state: lists that show this ticket reload its row."""

    ticket_id: int
    version: int
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Not part of the state: shown once."""

    level: Literal["info", "warning", "alarm"]
    code: str
    zh: str
    en: str


Piece = (
    Switch
    | Session
    | Seat
    | Plan
    | Queue
    | Figures
    | Call
    | Monitor
    | Surge
    | Pop
    | TicketHint
    | Notice
    | Alarms
    | Callbacks
    | Load
)


def encode(piece: Piece | dict[str, Seat] | datetime | None) -> str:
    """Return the JSON text of one piece."""
    return to_json(piece).decode()


def event_body(name: str, piece: Piece | None, at: datetime) -> str:
    """Return the JSON text of an event without its opening brace and number, which differ by receiver."""
    return f'"name":"{name}","data":{encode(piece)},"at":{encode(at)}}}'


def event_frame(seq: int, body: str) -> str:
    """Return the frame of event `seq` around a body that many receivers share."""
    return f'{{"type":"event","seq":{seq},{body}'
