"""What the solver is given and what it gives back, as values that travel to its process and back as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pydantic import TypeAdapter

from seats.roster.rules import Assignment, Roster
from seats.roster.totals import Balance

MISSING_STATUS = 3
"""Exit status of the solver's process without ortools."""


@dataclass(frozen=True)
class Wish:
    """`person` prefers or avoids `shift` ("" for any) on `day`; kept if it can be."""

    person: int
    day: date
    shift: str
    avoid: bool


@dataclass(frozen=True)
class Problem:
    """Fill `roster` anew: of its assignments inside the span only `fixed` ones stay, those outside are given.

    On `days_off` a person is fixed to have no shift.

    The same problem gives the same answer on any machine, unless `wall_seconds` end the search: `effort` bounds it
    in the solver's own deterministic time (about a second each).
    """

    roster: Roster
    fixed: frozenset[Assignment] = frozenset()
    days_off: frozenset[tuple[int, date]] = frozenset()
    wishes: tuple[Wish, ...] = ()
    balance: Mapping[int, Balance] = field(default_factory=dict)
    seed: int = 1
    effort: float = 20.0
    wall_seconds: float = 90.0


@dataclass(frozen=True)
class Answer:
    """The assignments inside the span; `short` is how many people are missing in all, `best` if that is proven."""

    assignments: frozenset[Assignment]
    short: int
    best: bool
    state: Literal["optimal", "feasible"]
    seconds: float


PROBLEM: TypeAdapter[Problem] = TypeAdapter(Problem)
ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
