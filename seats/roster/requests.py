"""The states of a request for leave or training: one literal table, one pure `next_state`."""

from typing import Literal

RequestState = Literal["asked", "approved", "refused", "withdrawn"]
RequestTrigger = Literal["approve", "refuse", "withdraw"]

TRANSITIONS: dict[tuple[RequestState, RequestTrigger], RequestState] = {
    ("asked", "approve"): "approved",
    ("asked", "refuse"): "refused",
    ("asked", "withdraw"): "withdrawn",
    # Granted leave may be given back, by the person or by the manager.
    ("approved", "withdraw"): "withdrawn",
}


def next_state(state: RequestState, trigger: RequestTrigger) -> RequestState | None:
    """Return the state after `trigger`, None where the table has no such step."""
    return TRANSITIONS.get((state, trigger))
