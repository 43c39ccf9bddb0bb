"""What a flow is made of: frozen node kinds, as `load.py` reads them from YAML and `flow.py` walks them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

KEYS = "0123456789*#"


@dataclass(frozen=True, slots=True)
class Play:
    """Say something, then go on."""

    next: str
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What one key of a menu does; `menu` is the word for it that operator and statistics see."""

    next: str
    menu: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """One key out of `choices`; no key, or a wrong one `tries` times, goes `otherwise`."""

    prompts: tuple[str, ...]
    choices: Mapping[str, Choice]
    otherwise: str
    wrong: tuple[str, ...] = ()
    tries: int = 2
    seconds: float = 4.0


@dataclass(frozen=True, slots=True)
class Collect:
    """Digits, ended by # or a pause, kept under the name `into`; none in `tries` goes `otherwise`."""

    prompts: tuple[str, ...]
    into: str
    next: str
    otherwise: str
    digits: int = 20
    tries: int = 3
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Hours:
    """Two ways: by day and in the evening, as the function given at wiring says."""

    open: str
    closed: str


@dataclass(frozen=True, slots=True)
class TicketStatus:
    """The progress of a ticket: number, then the last four digits of the number that called.

    A wrong number and a wrong code get the same answer; 0, or `tries` failures, goes `otherwise`.
    """

    ask_number: tuple[str, ...]
    ask_code: tuple[str, ...]
    not_found: tuple[str, ...]
    next: str
    otherwise: str
    digits: int = 20
    tries: int = 3
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Script:
    """An existing AGI script, by the name under which it was wired; its failure goes `otherwise`."""

    script: str
    next: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A person: the end of the flow. An emergency goes before everybody else, without a word."""

    prompts: tuple[str, ...] = ()
    emergency: bool = False
    priority: int = 0
    language: str = ""


@dataclass(frozen=True, slots=True)
class HangUp:
    """Say goodbye; `outcome` is set when the ledger shall know why (rejected)."""

    prompts: tuple[str, ...] = ()
    outcome: str = ""


Node = Play | Menu | Collect | Hours | TicketStatus | Script | Queue | HangUp


@dataclass(frozen=True, slots=True)
class Flow:
    """A named set of nodes; callers begin at `start`, blocked ones at `blocked` when there is one."""

    name: str
    start: str
    nodes: Mapping[str, Node]
    blocked: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)


def leads_to(node: Node) -> tuple[str, ...]:
    """Return the names of all nodes that may follow."""
    match node:
        case Play():
            return (node.next,)
        case Menu():
            return (*(choice.next for choice in node.choices.values()), node.otherwise)
        case Collect() | TicketStatus() | Script():
            return (node.next, node.otherwise)
        case Hours():
            return (node.open, node.closed)
        case Queue() | HangUp():
            return ()


def prompts_of(node: Node) -> Iterator[str]:
    """Yield every prompt that the node names."""
    match node:
        case Play() | Collect() | Queue() | HangUp():
            yield from node.prompts
        case Menu():
            yield from (*node.prompts, *node.wrong)
        case TicketStatus():
            yield from (*node.ask_number, *node.ask_code, *node.not_found)
        case Hours() | Script():
            return
