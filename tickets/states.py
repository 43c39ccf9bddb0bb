"""The ticket's state machine: one literal table, one pure `next_state`, and what a person may do next.

Codes T01…T34 are those of the specification's transition list; a row stands here when its effects exist.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import Forbidden
from core.security import Role
from tickets.errors import TransitionRefused
from tickets.guards import GUARDS, Case, Missing
from tickets.labels import label
from tickets.terms import State

DESK = frozenset({Role.OPERATOR, Role.NETWORK_CLERK})
LEADER = frozenset({Role.SHIFT_LEADER})
OFFICE_STAFF = frozenset({Role.INTAKE, Role.COORDINATION, Role.OFFICE_DIRECTOR})

COMPLETE = (
    "dispatchable",
    "required_fields",
    "five_elements",
    "class_fits_type",
    "complained_unit_named",
    "knowledge_searched",
    "key_reason_given",
)


@dataclass(frozen=True)
class Row:
    """One permitted move: guards must all hold, effects are applied in order."""

    code: str
    trigger: str
    old: State | None
    new: State
    roles: frozenset[Role]
    zh: str
    en: str
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()


# fmt: off
# code, trigger, from, to, who, zh, en, guards (all must hold), effects (in this order)
TABLE: tuple[Row, ...] = (
    Row("T01", "open", None, State.DRAFT, DESK, "登记", "Open a draft"),
    Row("T02", "answer", State.DRAFT, State.ANSWERED, DESK, "即时解答", "Answered on the spot",
        ("is_enquiry", "answer_sourced", "answer_described", "caller_heard"),
        ("issue_number", "forget_invalid_proposal")),
    Row("T03", "refer", State.DRAFT, State.REFERRED, DESK, "指引转接", "Refer",
        ("is_guidance", "referral_settled"),
        ("forget_invalid_proposal",)),
    Row("T04", "accept", State.DRAFT, State.TO_DISPATCH, DESK, "受理转办", "Accept for dispatch",
        COMPLETE,
        ("issue_number", "forget_invalid_proposal")),
    Row("T05", "request_info", State.DRAFT, State.PENDING_INFO, DESK, "待补充", "Needs more facts",
        ("missing_named", "attempts_left"),
        ("count_attempt", "forget_invalid_proposal")),
    Row("T05", "resume", State.PENDING_INFO, State.DRAFT, DESK, "继续登记", "Resume the draft"),
    Row("T06", "propose_invalid", State.DRAFT, State.DRAFT, DESK, "提请判为无效", "Propose as invalid",
        ("invalid_reason_given",),
        ("note_invalid_proposal",)),
    Row("T06", "confirm_invalid", State.DRAFT, State.INVALID, LEADER, "确认无效", "Confirm as invalid",
        ("invalid_proposed", "second_person", "invalid_reason_given")),
    Row("T06", "decline_invalid", State.DRAFT, State.DRAFT, LEADER, "不同意判为无效", "Decline as invalid",
        ("invalid_proposed", "reason_given"),
        ("forget_invalid_proposal",)),
    Row("T33", "correct", State.TO_DISPATCH, State.TO_DISPATCH, OFFICE_STAFF, "更正", "Correct",
        ("reason_given", *COMPLETE)),
)
# fmt: on

TRIGGERS = frozenset(row.trigger for row in TABLE)
_ROWS = {(row.old, row.trigger): row for row in TABLE}


@dataclass(frozen=True)
class Action:
    """A move that the person's roles allow now, and what it still lacks."""

    trigger: str
    to: State
    zh: str
    en: str
    missing: tuple[Missing, ...]


def find_row(old: State | None, trigger: str, roles: Iterable[Role]) -> Row:
    """Return the row; TransitionRefused if the state has no such move, Forbidden for a wrong role."""
    row = _ROWS.get((old, trigger))
    if row is None:
        state = old.value if old else ""
        raise TransitionRefused(
            state=state, state_name=label("states", state) if old else "—", trigger=trigger
        )
    if row.roles.isdisjoint(roles):
        raise Forbidden(needs=sorted(role.value for role in row.roles))
    return row


def next_state(old: State | None, trigger: str, roles: Iterable[Role]) -> State:
    """Return the state after `trigger`; raises as `find_row`."""
    return find_row(old, trigger, roles).new


def missing(row: Row, case: Case) -> tuple[Missing, ...]:
    """Return what the row's guards lack, one entry a field, in the order of the guards."""
    found: dict[str, Missing] = {}
    for name in row.guards:
        for lack in GUARDS[name](case):
            found.setdefault(lack.field, lack)
    return tuple(found.values())


def allowed_actions(state: State, case: Case, roles: frozenset[Role]) -> tuple[Action, ...]:
    """Return what the holder of `roles` may do in `state`, from the table that guards the moves."""
    return tuple(
        Action(row.trigger, row.new, row.zh, row.en, missing(row, case))
        for row in TABLE
        if row.old == state and not row.roles.isdisjoint(roles)
    )
