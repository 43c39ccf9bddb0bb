"""The walk through a flow, pure: where the caller stands and what came in give the next thing to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from ivr.nodes import Collect, Flow, HangUp, Hours, Menu, Node, Play, Queue, Script, TicketStatus

MAX_STEPS = 40
"""After so many steps a caller gets a person, whatever the flow says."""

NO_CHOICE = "none"
EMERGENCY_PRIORITY = 100
PERSON_KEY = "0"
CODE_DIGITS = 4

EndingName = Literal["queue", "emergency", "hangup", "caller_gone"]
Phase = Literal["", "number", "code", "told"]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a caller stands; `menu` is the last choice made, NO_CHOICE before any."""

    node: str
    phase: Phase = ""
    failures: int = 0
    menu: str = NO_CHOICE
    ticket_number: str = ""
    collected: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    steps: int = 0


# What comes in.


@dataclass(frozen=True, slots=True)
class Heard:
    """Prompts were played; `key` stopped them, '' if none did."""

    key: str = ""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The answer to a menu: one key, '' for none in time."""

    key: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The answer to a question for digits, '' for none in time."""

    digits: str


@dataclass(frozen=True, slots=True)
class OpenNow:
    open: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The answer about a ticket as prompts, None for a wrong number or code."""

    prompts: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Ran:
    """A script came to its end, well or not."""

    well: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """What was asked could not be found out (no function, no answer in time)."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The caller hung up."""


Input = Heard | Pressed | Typed | OpenNow | Told | Ran | Failed | Gone

# What to do.


@dataclass(frozen=True, slots=True)
class Say:
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskKey:
    prompts: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class AskDigits:
    prompts: tuple[str, ...]
    digits: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LookAtHours:
    pass


@dataclass(frozen=True, slots=True)
class LookUpTicket:
    number: str
    code: str


@dataclass(frozen=True, slots=True)
class RunScript:
    script: str


@dataclass(frozen=True, slots=True)
class End:
    """The flow is over; the dialplan goes on with `name`."""

    name: EndingName
    priority: int = 0
    language: str = ""
    outcome: str = ""


Action = Say | AskKey | AskDigits | LookAtHours | LookUpTicket | RunScript | End


@dataclass(frozen=True, slots=True)
class Step:
    position: Position
    action: Action


def begin(flow: Flow, *, blocked: bool = False) -> Step:
    """Return the first step; a blocked caller takes the flow's entry for such callers."""
    start = flow.blocked if blocked and flow.blocked else flow.start
    return _enter(flow, Position(start), start)


def without_lookups(flow: Flow) -> Flow:
    """Return the flow for a switch that cannot ask after tickets: such nodes lead straight `otherwise`."""
    nodes = {
        name: Play(node.otherwise) if isinstance(node, TicketStatus) else node
        for name, node in flow.nodes.items()
    }
    return replace(flow, nodes=nodes)


def advance(flow: Flow, position: Position, came: Input) -> Step:
    """Return the next step after `came`; an input that does not fit the node leads to a person."""
    if isinstance(came, Gone):
        return Step(position, End("caller_gone"))
    if position.steps >= MAX_STEPS:
        return Step(position, End("queue"))
    node = flow.nodes[position.node]
    match node, came:
        case Play(), Heard(key=key):
            return _after_play(flow, position, node, key)
        case Menu(), Pressed(key=key):
            return _menu(flow, position, node, key)
        case Collect(), Typed(digits=digits):
            return _collect(flow, position, node, digits)
        case Hours(), OpenNow(open=is_open):
            return _enter(flow, position, node.open if is_open else node.closed)
        case Hours(), Failed():
            return _enter(flow, position, node.open)
        case TicketStatus(), _:
            return _ticket_status(flow, position, node, came)
        case Script(), Ran(well=well):
            return _enter(flow, position, node.next if well else node.otherwise)
        case ((Script(otherwise=way) | Collect(otherwise=way) | Menu(otherwise=way)), Failed()):
            return _enter(flow, position, way)
        case ((Queue() | HangUp()), _):
            return Step(position, _end(node))
        case _:
            return Step(position, End("queue"))


def is_before_person(flow: Flow, step: Step) -> bool:
    """Tell whether a person comes next, and no emergency: here callers hear what all of them must know."""
    node = flow.nodes[step.position.node]
    if isinstance(step.action, End):
        return step.action.name == "queue"
    return isinstance(node, Queue) and not node.emergency


def to_emergency(position: Position) -> Step:
    """The emergency key was pressed outside a menu."""
    return Step(replace(position, menu="emergency"), End("emergency", priority=EMERGENCY_PRIORITY))


def to_callback(position: Position) -> Step:
    """The caller need not wait: he will be told."""
    return Step(position, End("hangup", outcome="callback_accepted"))


def gone(position: Position) -> Step:
    return Step(position, End("caller_gone"))


def _enter(flow: Flow, position: Position, name: str) -> Step:
    """Go to a node and do what it begins with."""
    node = flow.nodes[name]
    here = replace(
        position, node=name, phase="", failures=0, ticket_number="", steps=_next(position)
    )
    if isinstance(node, TicketStatus):
        here = replace(here, phase="number")
    return Step(here, _first_action(node))


def _first_action(node: Node) -> Action:
    match node:
        case Play():
            return Say(node.prompts)
        case Menu():
            return AskKey(node.prompts, node.seconds)
        case Collect():
            return AskDigits(node.prompts, node.digits, node.seconds)
        case Hours():
            return LookAtHours()
        case TicketStatus():
            return AskDigits(node.ask_number, node.digits, node.seconds)
        case Script():
            return RunScript(node.script)
        case Queue() | HangUp():
            return Say(node.prompts) if node.prompts else _end(node)


def _after_play(flow: Flow, position: Position, node: Play, key: str) -> Step:
    """A key that cut the prompt short is the answer to the menu behind it."""
    step = _enter(flow, position, node.next)
    if key and isinstance(flow.nodes[node.next], Menu):
        return advance(flow, step.position, Pressed(key))
    return step


def _menu(flow: Flow, position: Position, node: Menu, key: str) -> Step:
    if choice := node.choices.get(key):
        return _enter(flow, replace(position, menu=choice.menu or position.menu), choice.next)
    failures = position.failures + 1
    if not key or failures >= node.tries:
        return _enter(flow, position, node.otherwise)
    again = replace(position, failures=failures, steps=_next(position))
    return Step(again, AskKey(node.wrong or node.prompts, node.seconds))


def _collect(flow: Flow, position: Position, node: Collect, digits: str) -> Step:
    if digits:
        collected = MappingProxyType({**position.collected, node.into: digits})
        return _enter(flow, replace(position, collected=collected), node.next)
    failures = position.failures + 1
    if failures >= node.tries:
        return _enter(flow, position, node.otherwise)
    again = replace(position, failures=failures, steps=_next(position))
    return Step(again, AskDigits(node.prompts, node.digits, node.seconds))


def _ticket_status(flow: Flow, position: Position, node: TicketStatus, came: Input) -> Step:
    match position.phase, came:
        case (("number" | "code"), Typed(digits=digits)) if digits == PERSON_KEY:
            return _enter(flow, position, node.otherwise)
        case "number", Typed(digits=digits) if digits:
            asked = replace(position, phase="code", ticket_number=digits, steps=_next(position))
            return Step(asked, AskDigits(node.ask_code, CODE_DIGITS, node.seconds))
        case "code", Typed(digits=digits) if len(digits) == CODE_DIGITS:
            asked = replace(position, steps=_next(position))
            return Step(asked, LookUpTicket(position.ticket_number, digits))
        case (("number" | "code"), Typed()):
            return _ticket_not_found(flow, position, node)
        case "code", Told(prompts=None):
            return _ticket_not_found(flow, position, node)
        case "code", Told(prompts=prompts) if prompts is not None:
            return Step(replace(position, phase="told", steps=_next(position)), Say(prompts))
        case "told", Heard(key=key):
            return _after_play(flow, position, Play(node.next), key)
        case _:
            return _enter(flow, position, node.otherwise)


def _ticket_not_found(flow: Flow, position: Position, node: TicketStatus) -> Step:
    failures = position.failures + 1
    if failures >= node.tries:
        return _enter(flow, position, node.otherwise)
    again = replace(
        position, phase="number", ticket_number="", failures=failures, steps=_next(position)
    )
    prompts = (*node.not_found, *node.ask_number)
    return Step(again, AskDigits(prompts, node.digits, node.seconds))


def _end(node: Queue | HangUp) -> End:
    if isinstance(node, HangUp):
        return End("hangup", outcome=node.outcome)
    if node.emergency:
        return End("emergency", priority=node.priority, language=node.language)
    return End("queue", priority=node.priority, language=node.language)


def _next(position: Position) -> int:
    return position.steps + 1
