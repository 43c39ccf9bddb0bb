"""Is a flow safe to put callers into? Checks on the graph of a flow that was read without error."""

from collections.abc import Callable, Collection, Iterator

from ivr.errors import Problem
from ivr.nodes import (
    Collect,
    Flow,
    HangUp,
    Menu,
    Node,
    Queue,
    Script,
    TicketStatus,
    leads_to,
    prompts_of,
)

MAX_DEPTH = 2
"""Menus before a person, at most (spec/telephony.md 3, GB/T 33358)."""

Finding = tuple[str, str, str]  # node ('' for the file), code, what


def problems_of(
    flow: Flow, file: str, prompts: Collection[str], scripts: Collection[str]
) -> list[Problem]:
    """Return all that is wrong; [] means that every caller gets to a person or to a goodbye."""
    findings = list(_names(flow, prompts, scripts))
    if not findings:
        findings = [*_unreachable(flow), *_endings(flow), *_silent_loops(flow), *_too_deep(flow)]
    return [
        Problem(file, flow.lines.get(node, 1), node, code, what) for node, code, what in findings
    ]


def _names(flow: Flow, prompts: Collection[str], scripts: Collection[str]) -> Iterator[Finding]:
    for entry in (flow.start, *filter(None, [flow.blocked])):
        if entry not in flow.nodes:
            yield "", "unknown_node", entry
    for name, node in flow.nodes.items():
        for follower in dict.fromkeys(leads_to(node)):
            if follower not in flow.nodes:
                yield name, "unknown_node", follower
        for prompt in dict.fromkeys(prompts_of(node)):
            if prompt not in prompts:
                yield name, "unknown_prompt", prompt
        if isinstance(node, Script) and node.script not in scripts:
            yield name, "unknown_script", node.script


def _unreachable(flow: Flow) -> Iterator[Finding]:
    seen = _reach(flow, flow.start) | (_reach(flow, flow.blocked) if flow.blocked else set())
    for name in flow.nodes:
        if name not in seen:
            yield name, "unreachable", ""


def _endings(flow: Flow) -> Iterator[Finding]:
    """Every node leads to an end, and from the ordinary entry every node but a goodbye to a person."""
    ordinary = _reach(flow, flow.start)
    for name, node in flow.nodes.items():
        kinds = {type(flow.nodes[there]) for there in _reach(flow, name)}
        if not kinds & {Queue, HangUp}:
            yield name, "dead_end", ""
        elif name in ordinary and Queue not in kinds and not isinstance(node, HangUp):
            yield name, "no_person", ""


def _silent_loops(flow: Flow) -> Iterator[Finding]:
    """A circle of nodes that ask nothing would keep a caller who cannot do anything about it."""

    def silent(node: Node) -> bool:
        return not isinstance(node, Menu | Collect | TicketStatus)

    told: set[str] = set()
    for name, node in flow.nodes.items():
        if name in told or not silent(node):
            continue
        circle = _reach(flow, name, through=silent, beyond=True)
        if name in circle:
            told |= circle
            yield name, "silent_loop", ", ".join(sorted(circle))


def _too_deep(flow: Flow) -> Iterator[Finding]:
    """Count menus on the shortest way from the entry: a way back to the first menu is no depth."""
    depth = {flow.start: 0}
    waiting = [flow.start]
    while waiting:
        name = waiting.pop(0)
        below = depth[name] + isinstance(flow.nodes[name], Menu)
        for follower in leads_to(flow.nodes[name]):
            if below < depth.get(follower, len(flow.nodes) + 1):
                depth[follower] = below
                waiting.append(follower)
    for name, above in depth.items():
        if isinstance(flow.nodes[name], Menu) and above >= MAX_DEPTH:
            yield name, "too_deep", str(MAX_DEPTH)


def _reach(
    flow: Flow,
    start: str,
    *,
    through: Callable[[Node], bool] = lambda _node: True,
    beyond: bool = False,
) -> set[str]:
    """Return the nodes that can be reached over nodes that are `through`; `beyond`: not the start itself."""
    seen: set[str] = set() if beyond else {start}
    waiting = [start]
    while waiting:
        for follower in leads_to(flow.nodes[waiting.pop()]):
            if follower not in seen and through(flow.nodes[follower]):
                seen.add(follower)
                waiting.append(follower)
    return seen
