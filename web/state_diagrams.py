"""docs/states.md, written from the literal tables, so that the page cannot tell another story than the code."""

from collections.abc import Iterable

from seats.callbacks import states as callbacks
from seats.roster.requests import TRANSITIONS as ABSENCES
from seats.roster.swap_states import PARTY
from seats.roster.swap_states import TRANSITIONS as SWAPS
from seats.states import COMMANDS, MEANING, STATES, TRANSITIONS
from telephony.states import (
    CALL_TABLE,
    LEG_TABLE,
    OFFER_TABLE,
    OUTCOME_PRECEDENCE,
    PHASE_DEADLINES,
)
from tickets.states import TABLE

Move = tuple[str, str, str]  # from, trigger, to

HEAD = """# States

Written by `hotline states` from the tables in the code; a test compares them.
"""


def render_states() -> str:
    """Return the whole page as Markdown: a Mermaid diagram for each table, and what the tables say besides."""
    return "\n".join([HEAD, *_agents(), *_roster(), *_calls(), *_callbacks(), *_tickets()])


def _agents() -> list[str]:
    moves = [(old, trigger, new) for (old, trigger), new in TRANSITIONS.items()]
    commands = (
        (f"`{command}`", ", ".join(state for state in STATES if state in allowed))
        for command, allowed in COMMANDS.items()
    )
    return [
        "## Agents (seats/states.py)\n",
        _diagram(moves, start="signed_out"),
        _table(("trigger", "meaning"), ((f"`{t}`", text) for t, text in MEANING.items())),
        _table(("command", "allowed in"), commands),
    ]


def _roster() -> list[str]:
    return [
        "## Swaps of shifts (seats/roster/swap_states.py)\n",
        _diagram(((a, t, b) for (a, t), b in SWAPS.items()), start="offered"),
        _table(("trigger", "who"), ((f"`{trigger}`", party) for trigger, party in PARTY.items())),
        "## Leave and training (seats/roster/requests.py)\n",
        _diagram(((a, t, b) for (a, t), b in ABSENCES.items()), start="asked"),
    ]


def _calls() -> list[str]:
    checks = ((phase, f"{after:g} s", ask) for phase, (after, ask) in PHASE_DEADLINES.items())
    return [
        "## Calls (telephony/states.py)\n",
        _diagram(((a, t, b) for (a, t), b in CALL_TABLE.items()), start="routing"),
        "After so long in one phase Asterisk is asked whether it is still so:\n",
        _table(("phase", "after", "asked with"), checks),
        "The first evidence in this order decides the outcome, once, when the caller's leg is gone:\n",
        _table(("evidence", "outcome"), OUTCOME_PRECEDENCE),
        "### Legs\n",
        _diagram(((a, t, b) for (a, t), b in LEG_TABLE.items()), start="new"),
        "### Offers to a seat\n",
        _diagram(((a, t, b) for (a, t), b in OFFER_TABLE.items()), start="ringing"),
    ]


def _callbacks() -> list[str]:
    moves = [(old, trigger, new) for (old, trigger), new in callbacks.TRANSITIONS.items()]
    ends = [(state, "", "[*]") for state in callbacks.STATES if state in callbacks.CLOSED]
    return [
        "## Callbacks (seats/callbacks/states.py)\n",
        _diagram([*moves, *ends], start="open"),
        _table(("trigger", "meaning"), ((f"`{t}`", m) for t, m in callbacks.MEANING.items())),
    ]


def _tickets() -> list[str]:
    moves = [(row.old or "[*]", row.trigger, row.new) for row in TABLE]
    rows = (
        (
            row.code,
            row.zh,
            row.old or "—",
            row.new,
            ", ".join(sorted(row.roles)),
            ", ".join(row.guards),
        )
        for row in TABLE
    )
    return [
        "## Tickets (tickets/states.py)\n",
        _diagram(moves),
        _table(("code", "名称", "from", "to", "who", "guards"), rows),
    ]


def _diagram(moves: Iterable[Move], start: str = "") -> str:
    """Return a Mermaid diagram; moves that change nothing are left out, parallel ones share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for old, trigger, new in moves:
        if old != new:
            arrows.setdefault((old, new), []).append(trigger)
    lines = [
        f"    {old} --> {new}{': ' if any(triggers) else ''}{', '.join(triggers)}"
        for (old, new), triggers in arrows.items()
    ]
    first = [f"    [*] --> {start}"] if start else []
    return "\n".join(["```mermaid", "stateDiagram-v2", *first, *lines, "```", ""])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)]
    return "\n".join([*lines, ""])
