"""The literal tables of a call, its legs and its offers, with their pure `next_…` functions.

Facts from Asterisk cannot be refused: a move that is not in a table is a *divergence*, told to the caller.
"""

from typing import Literal, get_args

from telephony.events import EmergencyResult, OfferResult, Outcome

Phase = Literal["routing", "queued", "ringing", "connecting", "talking", "ended"]
Standing = Literal["routes", "waits", "rings", "connects", "talks", "is_over"]
"""What the parts of a call amount to after a fact; the trigger of the call table."""

LegState = Literal["new", "ringing", "up", "bridged", "held", "gone"]
LegTrigger = Literal["ring", "answer", "enter", "leave", "hold", "unhold", "hang_up"]

OfferState = Literal["ringing", "accepted", "unanswered"] | OfferResult
OfferTrigger = Literal[
    "accept", "talk", "ring_out", "miss", "refuse", "cancel", "withdraw", "break_off", "leg_gone"
]

Evidence = Literal[
    "switch_lost",
    "talked",
    "emergency_transferred",
    "callback_accepted",
    "referred",
    "rejected",
    "timed_out",
    "left_empty",
    "failed",
    "queued",
    "arrived",
    "abandoned",  # Asterisk's word, which decides nothing (it also comes on time-out)
    "fallback",
]

# A call is routing while the dialplan has it (greeting, menu, after the queue), queued while it waits,
# ringing while a seat rings for it, connecting from the pick-up until both legs are in one bridge.
CALL_TABLE: dict[tuple[Phase, Standing], Phase] = {
    ("routing", "routes"): "routing",
    ("routing", "waits"): "queued",
    ("routing", "rings"): "ringing",
    ("routing", "is_over"): "ended",
    ("queued", "waits"): "queued",
    ("queued", "routes"): "routing",
    ("queued", "rings"): "ringing",
    ("queued", "is_over"): "ended",
    ("ringing", "rings"): "ringing",
    ("ringing", "waits"): "queued",
    ("ringing", "routes"): "routing",
    ("ringing", "connects"): "connecting",
    ("ringing", "talks"): "talking",  # order holds per channel only: the pick-up may be told later
    ("ringing", "is_over"): "ended",
    ("connecting", "connects"): "connecting",
    ("connecting", "talks"): "talking",
    ("connecting", "routes"): "routing",
    ("connecting", "waits"): "queued",
    ("connecting", "is_over"): "ended",
    ("talking", "talks"): "talking",
    ("talking", "routes"): "routing",
    ("talking", "rings"): "ringing",
    ("talking", "waits"): "queued",
    ("talking", "is_over"): "ended",
    ("ended", "is_over"): "ended",
}

LEG_TABLE: dict[tuple[LegState, LegTrigger], LegState] = {
    ("new", "ring"): "ringing",
    ("new", "answer"): "up",
    ("new", "enter"): "bridged",
    ("new", "hang_up"): "gone",
    ("ringing", "ring"): "ringing",
    ("ringing", "answer"): "up",
    ("ringing", "enter"): "bridged",
    ("ringing", "hang_up"): "gone",
    ("up", "answer"): "up",
    ("up", "enter"): "bridged",
    ("up", "leave"): "up",
    ("up", "hold"): "held",
    ("up", "unhold"): "up",
    ("up", "hang_up"): "gone",
    ("bridged", "answer"): "bridged",
    ("bridged", "enter"): "bridged",
    ("bridged", "leave"): "up",
    ("bridged", "hold"): "held",
    ("bridged", "unhold"): "bridged",
    ("bridged", "hang_up"): "gone",
    ("held", "answer"): "held",
    ("held", "enter"): "held",
    ("held", "leave"): "up",
    ("held", "hold"): "held",
    ("held", "unhold"): "bridged",
    ("held", "hang_up"): "gone",
    ("gone", "hang_up"): "gone",
}

# `unanswered` waits for the leg's hang-up: only its cause tells a refusal from a ring that timed out.
OFFER_TABLE: dict[tuple[OfferState, OfferTrigger], OfferState] = {
    ("ringing", "accept"): "accepted",
    ("ringing", "talk"): "answered",
    ("ringing", "ring_out"): "unanswered",
    ("ringing", "miss"): "no_answer",
    ("ringing", "refuse"): "rejected",
    ("ringing", "cancel"): "caller_gone",
    ("ringing", "withdraw"): "withdrawn",
    ("ringing", "break_off"): "failed",
    ("ringing", "leg_gone"): "failed",
    ("unanswered", "accept"): "accepted",
    ("unanswered", "talk"): "answered",
    ("unanswered", "ring_out"): "unanswered",
    ("unanswered", "miss"): "no_answer",
    ("unanswered", "refuse"): "rejected",
    ("unanswered", "cancel"): "no_answer",
    ("unanswered", "withdraw"): "no_answer",
    ("unanswered", "break_off"): "no_answer",
    ("unanswered", "leg_gone"): "no_answer",
    ("accepted", "accept"): "accepted",
    ("accepted", "talk"): "answered",
    ("accepted", "ring_out"): "accepted",
    ("accepted", "miss"): "failed",
    ("accepted", "refuse"): "failed",
    ("accepted", "cancel"): "caller_gone",
    ("accepted", "withdraw"): "withdrawn",
    ("accepted", "break_off"): "failed",
    ("accepted", "leg_gone"): "failed",
}

OPEN_OFFERS: frozenset[OfferState] = frozenset(("ringing", "accepted", "unanswered"))

# Why a seat's leg ended while it rang (Q.850); every other cause is `leg_gone`.
OFFER_TRIGGER_OF_CAUSE: dict[int, OfferTrigger] = {
    17: "refuse",  # busy
    21: "refuse",  # call rejected
    18: "miss",  # no user responding
    19: "miss",  # no answer
    26: "withdraw",  # answered elsewhere
}
OFFER_TRIGGER_OF_DIAL_STATUS: dict[str, OfferTrigger] = {
    "ANSWER": "accept",
    "NOANSWER": "ring_out",
    "BUSY": "refuse",
    "CANCEL": "cancel",
    "CONGESTION": "break_off",
    "CHANUNAVAIL": "break_off",
}

# The first evidence in this order decides the outcome, once, when the caller's leg is gone.
OUTCOME_PRECEDENCE: tuple[tuple[Evidence, Outcome], ...] = (
    ("switch_lost", "failed"),
    ("talked", "answered"),
    ("emergency_transferred", "emergency_transferred"),
    ("callback_accepted", "callback_accepted"),
    ("referred", "referred"),
    ("rejected", "rejected"),
    ("timed_out", "timed_out"),
    ("left_empty", "left_empty"),
    ("failed", "failed"),
    ("queued", "abandoned_in_queue"),
    ("arrived", "abandoned_in_ivr"),
)
# What our dialplan may declare; the rest is seen, not said.
DECLARABLE: dict[str, Evidence] = {
    "emergency_transferred": "emergency_transferred",
    "callback_accepted": "callback_accepted",
    "referred": "referred",
    "rejected": "rejected",
    "timed_out": "timed_out",
    "left_empty": "left_empty",
    "failed": "failed",
}

EMERGENCY_RESULT_OF_DIAL_STATUS: dict[str, EmergencyResult] = {
    "ANSWER": "answered",
    "BUSY": "busy",
    "NOANSWER": "no_answer",
    "CANCEL": "caller_gone",
    "CONGESTION": "unreachable",
    "CHANUNAVAIL": "unreachable",
}

# After so many seconds in one phase Asterisk is asked (the action named) whether it is still so.
PHASE_DEADLINES: dict[Phase, tuple[float, str]] = {
    "routing": (120.0, "CoreShowChannels"),
    "queued": (120.0, "QueueStatus"),
    "ringing": (30.0, "CoreShowChannels"),
    "connecting": (5.0, "CoreShowChannels"),
    "talking": (300.0, "CoreShowChannels"),
    "ended": (30.0, "CoreShowChannels"),  # legs that outlive their caller
}


def next_phase(phase: Phase, standing: Standing) -> tuple[Phase, bool]:
    """Return the phase after a fact, and whether the table knows the move; nothing leaves `ended`."""
    known = CALL_TABLE.get((phase, standing))
    if known is not None:
        return known, True
    return ("ended" if phase == "ended" else _PHASE_OF[standing]), False


def next_leg(state: LegState, trigger: LegTrigger) -> tuple[LegState, bool]:
    """Return the leg's next state and whether the table knows the move; an unknown move changes nothing."""
    known = LEG_TABLE.get((state, trigger))
    return (known, True) if known is not None else (state, False)


def next_offer(state: OfferState, trigger: OfferTrigger) -> OfferState:
    """Return the offer's next state; a result is final."""
    return OFFER_TABLE[(state, trigger)] if state in OPEN_OFFERS else state


def outcome_of(evidence: frozenset[Evidence]) -> Outcome:
    """Decide how a call ended; total, since a call that says nothing about itself has at least arrived."""
    return next(
        (outcome for proof, outcome in OUTCOME_PRECEDENCE if proof in evidence), "abandoned_in_ivr"
    )


PHASES: tuple[Phase, ...] = get_args(Phase)
STANDINGS: tuple[Standing, ...] = get_args(Standing)
_PHASE_OF: dict[Standing, Phase] = dict(zip(STANDINGS, PHASES, strict=True))
