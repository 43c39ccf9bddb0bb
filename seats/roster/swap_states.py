"""The states of a swap, and who may move it: one literal table, one pure `next_state`."""

from typing import Literal, get_args

SwapState = Literal["offered", "accepted", "approved", "declined", "withdrawn", "refused", "lapsed"]
SwapTrigger = Literal["accept", "decline", "withdraw", "approve", "refuse", "lapse"]
Party = Literal["giver", "taker", "manager", "system"]

STATES: tuple[SwapState, ...] = get_args(SwapState)
TRIGGERS: tuple[SwapTrigger, ...] = get_args(SwapTrigger)

TRANSITIONS: dict[tuple[SwapState, SwapTrigger], SwapState] = {
    ("offered", "accept"): "accepted",
    ("offered", "decline"): "declined",
    ("offered", "withdraw"): "withdrawn",
    ("offered", "lapse"): "lapsed",
    ("accepted", "withdraw"): "withdrawn",
    ("accepted", "approve"): "approved",
    ("accepted", "refuse"): "refused",
    # The roster has changed under it, or the day has come.
    ("accepted", "lapse"): "lapsed",
}

PARTY: dict[SwapTrigger, Party] = {
    "accept": "taker",
    "decline": "taker",
    "withdraw": "giver",
    "approve": "manager",
    "refuse": "manager",
    "lapse": "system",
}

OPEN: frozenset[SwapState] = frozenset({"offered", "accepted"})


def next_state(state: SwapState, trigger: SwapTrigger) -> SwapState | None:
    """Return the state after `trigger`, None where the table has no such step."""
    return TRANSITIONS.get((state, trigger))


def allowed(state: SwapState, *parties: Party) -> list[SwapTrigger]:
    """Return what one who is all of `parties` may do with a swap in `state`."""
    return [
        trigger
        for trigger in TRIGGERS
        if (state, trigger) in TRANSITIONS and PARTY[trigger] in parties
    ]
