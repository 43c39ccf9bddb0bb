"""The states of an entry of the callback list: one literal table, one pure `next_state`."""

from typing import Literal, get_args

from core.security import Role

State = Literal["open", "claimed", "calling", "spent", "reached", "answered", "dismissed"]
Trigger = Literal[
    "lost_again",
    "claim",
    "release",
    "lapse",
    "call",
    "seat_silent",
    "unreached",
    "used_up",
    "connected",
    "called_again",
    "dismiss",
]
Command = Literal["claim", "release", "call", "dismiss"]

STATES: tuple[State, ...] = get_args(State)
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)

TRANSITIONS: dict[tuple[State, Trigger], State] = {
    ("open", "lost_again"): "open",
    ("open", "claim"): "claimed",
    ("open", "called_again"): "answered",
    ("open", "dismiss"): "dismissed",
    ("claimed", "lost_again"): "claimed",
    ("claimed", "release"): "open",
    ("claimed", "lapse"): "open",
    ("claimed", "call"): "calling",
    ("claimed", "called_again"): "answered",
    ("claimed", "dismiss"): "dismissed",
    ("calling", "lost_again"): "calling",
    ("calling", "seat_silent"): "claimed",
    ("calling", "unreached"): "open",
    ("calling", "used_up"): "spent",
    ("calling", "connected"): "reached",
    ("calling", "called_again"): "answered",
    # All attempts are used up: the citizen who calls anew begins anew, otherwise a manager decides.
    ("spent", "lost_again"): "open",
    ("spent", "called_again"): "answered",
    ("spent", "dismiss"): "dismissed",
}

MEANING: dict[Trigger, str] = {
    "lost_again": "同一号码再次未接 / the same number left unserved again",
    "claim": "认领 / one person takes it",
    "release": "放回 / given back",
    "lapse": "认领超时未回拨 / claimed for too long without a call",
    "call": "发起回拨 / the seat's telephone is being rung for the call back",
    "seat_silent": "坐席话机未接 / the seat itself did not pick up",
    "unreached": "未打通 / the citizen was not reached; not again for a while",
    "used_up": "次数用尽 / not reached, and it was the last attempt",
    "connected": "已接通 / both talked",
    "called_again": "市民再次来电已接听 / the citizen called again and was answered",
    "dismiss": "班长注明原因后关闭 / closed by a manager with a reason",
}

CLOSED: frozenset[State] = frozenset({"reached", "answered", "dismissed"})

MAY_WORK = (Role.OPERATOR, Role.SHIFT_LEADER)
MAY_DISMISS = (Role.SHIFT_LEADER, Role.OFFICE_DIRECTOR)
MAY_SEE = (*MAY_WORK, Role.OFFICE_DIRECTOR)


def next_state(state: State, trigger: Trigger) -> State | None:
    """Return the state after `trigger`, None where the table does not allow it."""
    return TRANSITIONS.get((state, trigger))
