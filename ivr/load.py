"""A flow file (YAML) becomes typed nodes; whatever is wrong is collected with file, line and node."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ivr.errors import FlowInvalid, Problem
from ivr.nodes import (
    KEYS,
    Choice,
    Collect,
    Flow,
    HangUp,
    Hours,
    Menu,
    Node,
    Play,
    Queue,
    Script,
    TicketStatus,
)
from ivr.validate import problems_of

MAX_BYTES = 64_000
DEFAULT = Path(__file__).parent / "flows" / "default.yaml"

# Kinds that a flow may name one day and whose other end on the switch does not exist yet.
NOT_AVAILABLE = frozenset({"transfer", "callback", "survey"})


def load_flow(path: Path, prompts: Collection[str], scripts: Collection[str] = ()) -> Flow:
    """Read and check a flow file; FlowInvalid lists everything that is wrong with it."""
    return parse_flow(path.read_text("utf-8"), path.name, prompts, scripts)


def parse_flow(
    text: str, file: str, prompts: Collection[str], scripts: Collection[str] = ()
) -> Flow:
    """Read and check a flow's text; `prompts` and `scripts` are the names that it may use."""
    reading = _Reading(file)
    flow = _read(text, reading)
    if flow is not None and not reading.problems:
        reading.problems += problems_of(flow, file, prompts, scripts)
    if reading.problems or flow is None:
        raise FlowInvalid(sorted(reading.problems, key=lambda problem: problem.line))
    return flow


@dataclass
class _Reading:
    """Where we are in the file, and what was found wrong so far."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    node: str = ""

    def wrong(self, at: yaml.Node | int, code: str, what: str = "") -> None:
        line = at if isinstance(at, int) else at.start_mark.line + 1
        self.problems.append(Problem(self.file, line, self.node, code, what))


class _Fields:
    """The fields of one mapping, taken one by one; `done` complains of what nobody took."""

    def __init__(self, reading: _Reading, at: yaml.Node) -> None:
        self.reading, self.at = reading, at
        self.left: dict[str, yaml.Node] = {}
        self.lines: dict[str, int] = {}
        if not isinstance(at, yaml.MappingNode):
            reading.wrong(at, "shape", "key: value")
            return
        for key, value in at.value:
            if not isinstance(key, yaml.ScalarNode):
                reading.wrong(key, "shape", "key: value")
            elif key.value in self.left:
                reading.wrong(key, "duplicate", key.value)
            else:
                self.left[key.value] = value
                self.lines[key.value] = key.start_mark.line + 1

    def take(self, name: str, *, needed: bool = True) -> yaml.Node | None:
        value = self.left.pop(name, None)
        if value is None and needed:
            self.reading.wrong(self.at, "missing_field", name)
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Return a scalar as written; '' (and a problem) when it is missing without a default."""
        value = self.take(name, needed=default is None)
        if value is None:
            return default or ""
        if not isinstance(value, yaml.ScalarNode):
            self.reading.wrong(value, "bad_value", name)
            return ""
        return str(value.value)

    def names(self, name: str, *, needed: bool = True) -> tuple[str, ...]:
        """Return a list of names; a single name may stand without brackets."""
        value = self.take(name, needed=needed)
        items = value.value if isinstance(value, yaml.SequenceNode) else [value] if value else []
        if not all(isinstance(item, yaml.ScalarNode) for item in items) or (needed and not items):
            if value is not None:
                self.reading.wrong(value, "bad_value", name)
            return ()
        return tuple(str(item.value) for item in items)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self.take(name, needed=False)
        if value is None:
            return default
        try:
            number = float(str(value.value))
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            self.reading.wrong(value, "bad_value", name)
            return default
        return number

    def count(self, name: str, default: int, low: int, high: int) -> int:
        number = self.number(name, default, low, high)
        if number != int(number):
            self.reading.wrong(self.at, "bad_value", name)
        return int(number)

    def flag(self, name: str) -> bool:
        text = self.text(name, "false")
        if text not in ("true", "false"):
            self.reading.wrong(self.at, "bad_value", name)
        return text == "true"

    def done(self) -> None:
        for name in self.left:
            self.reading.wrong(self.lines[name], "unknown_field", name)


def _read(text: str, reading: _Reading) -> Flow | None:
    if len(text.encode()) > MAX_BYTES:
        reading.wrong(1, "too_large")
        return None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reading.wrong(mark.line + 1 if mark else 1, "yaml", str(getattr(error, "problem", "")))
        return None
    if root is None:
        reading.wrong(1, "shape", "name, start, nodes")
        return None
    top = _Fields(reading, root)
    name, start, blocked = top.text("name"), top.text("start"), top.text("blocked", "")
    listed = top.take("nodes")
    top.done()
    if listed is None:
        return None
    named = _Fields(reading, listed)
    nodes = {node: _node(reading, node, at) for node, at in named.left.items()}
    reading.node = ""
    known = {node: read for node, read in nodes.items() if read is not None}
    return Flow(name, start, known, blocked, named.lines)


def _node(reading: _Reading, name: str, at: yaml.Node) -> Node | None:
    reading.node = name
    fields = _Fields(reading, at)
    kind = fields.text("kind")
    if kind in NOT_AVAILABLE:
        reading.wrong(at, "not_available", kind)
        return None
    make = _KINDS.get(kind)
    if make is None:
        reading.wrong(at, "unknown_kind", kind)
        return None
    node = make(fields)
    fields.done()
    return node


def _play(fields: _Fields) -> Node:
    return Play(fields.text("next"), fields.names("prompts"))


def _menu(fields: _Fields) -> Node:
    return Menu(
        prompts=fields.names("prompts"),
        choices=_choices(fields),
        otherwise=fields.text("otherwise"),
        wrong=fields.names("wrong", needed=False),
        tries=fields.count("tries", 2, 1, 3),
        seconds=fields.number("seconds", 4.0, 1, 15),
    )


def _choices(fields: _Fields) -> Mapping[str, Choice]:
    at = fields.take("choices")
    if at is None:
        return {}
    keys = _Fields(fields.reading, at)
    choices: dict[str, Choice] = {}
    for key, value in keys.left.items():
        if len(key) != 1 or key not in KEYS:
            fields.reading.wrong(keys.lines[key], "bad_value", "choices")
        choice = _Fields(fields.reading, value)
        choices[key] = Choice(choice.text("next"), choice.text("menu", ""))
        choice.done()
    if not choices:
        fields.reading.wrong(at, "bad_value", "choices")
    return choices


def _collect(fields: _Fields) -> Node:
    into = fields.text("into")
    if not (into.isascii() and into.replace("_", "").isalnum() and into.isupper()):
        fields.reading.wrong(fields.at, "bad_value", "into")
    return Collect(
        prompts=fields.names("prompts"),
        into=into,
        next=fields.text("next"),
        otherwise=fields.text("otherwise"),
        digits=fields.count("digits", 20, 1, 40),
        tries=fields.count("tries", 3, 1, 5),
        seconds=fields.number("seconds", 5.0, 1, 15),
    )


def _hours(fields: _Fields) -> Node:
    return Hours(fields.text("open"), fields.text("closed"))


def _ticket_status(fields: _Fields) -> Node:
    return TicketStatus(
        ask_number=fields.names("ask_number"),
        ask_code=fields.names("ask_code"),
        not_found=fields.names("not_found"),
        next=fields.text("next"),
        otherwise=fields.text("otherwise"),
        digits=fields.count("digits", 20, 4, 40),
        tries=fields.count("tries", 3, 1, 5),
        seconds=fields.number("seconds", 5.0, 1, 15),
    )


def _script(fields: _Fields) -> Node:
    return Script(fields.text("script"), fields.text("next"), fields.text("otherwise"))


def _queue(fields: _Fields) -> Node:
    return Queue(
        prompts=fields.names("prompts", needed=False),
        emergency=fields.flag("emergency"),
        priority=fields.count("priority", 0, 0, 1000),
        language=fields.text("language", ""),
    )


def _hang_up(fields: _Fields) -> Node:
    outcome = fields.text("outcome", "")
    if outcome not in ("", "rejected"):
        fields.reading.wrong(fields.at, "bad_value", "outcome")
    return HangUp(fields.names("prompts", needed=False), outcome)


_KINDS: dict[str, Callable[[_Fields], Node]] = {
    "play": _play,
    "menu": _menu,
    "collect": _collect,
    "hours": _hours,
    "ticket-status": _ticket_status,
    "script": _script,
    "queue": _queue,
    "hang-up": _hang_up,
}
