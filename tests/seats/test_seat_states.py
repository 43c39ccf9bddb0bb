"""The whole table, every (state, trigger) pair written out by hand, and the text drawn from it."""

import itertools

import pytest

from seats.events import AgentState
from seats.offers import AfterOffer, after_offer
from seats.reasons import CHOOSABLE, KNOWN, PAUSE_REASONS, from_switch
from seats.states import (
    COMMANDS,
    STATES,
    TRANSITIONS,
    TRIGGERS,
    Trigger,
    allowed_commands,
    fits,
    next_state,
)
from telephony.events import OfferResult

# One row a state, one column a trigger; "." leaves the state as it is.
EXPECTED = """
            member_added paused    unpaused offered offer_over offer_missed answered talk_over left
signed_out  not_ready    .         .        .       .          .            .        .         .
not_ready   .            not_ready ready    ringing .          .            talking  .         signed_out
ready       .            not_ready .        ringing .          .            talking  .         signed_out
ringing     .            .         .        .       ready      not_ready    talking  wrap_up   .
talking     .            .         .        .       .          .            .        wrap_up   .
wrap_up     .            not_ready ready    .       .          .            talking  .         signed_out
"""


def expected() -> dict[tuple[str, str], str]:
    head, *rows = [line.split() for line in EXPECTED.strip().splitlines()]
    return {
        (row[0], trigger): row[0] if cell == "." else cell
        for row in rows
        for trigger, cell in zip(head, row[1:], strict=True)
    }


@pytest.mark.parametrize(("state", "trigger"), list(itertools.product(STATES, TRIGGERS)))
def test_every_pair_of_state_and_trigger_is_decided(state: AgentState, trigger: Trigger) -> None:
    assert next_state(state, trigger) == expected()[state, trigger]


def test_what_the_table_does_not_foresee_changes_nothing_and_can_be_told() -> None:
    for state, trigger in itertools.product(STATES, TRIGGERS):
        assert fits(state, trigger) == ((state, trigger) in TRANSITIONS)
        assert fits(state, trigger) or next_state(state, trigger) == state


def test_every_state_can_be_reached_and_left() -> None:
    assert {new for (_, _), new in TRANSITIONS.items()} == set(STATES)
    assert {old for (old, _), new in TRANSITIONS.items() if old != new} == set(STATES)


def test_the_actions_shown_are_the_actions_allowed() -> None:
    for state in STATES:
        assert allowed_commands(state) == [c for c, states in COMMANDS.items() if state in states]
    assert allowed_commands("signed_out") == []
    assert "sign_out" not in allowed_commands("talking")


@pytest.mark.parametrize("last_ready", [False, True])
@pytest.mark.parametrize(
    "result", ["answered", "no_answer", "rejected", "caller_gone", "withdrawn", "failed"]
)
def test_a_pause_wished_while_it_rang_is_granted_whatever_came(
    result: OfferResult, last_ready: bool
) -> None:
    decision = after_offer(result, wanted="not_ready", wanted_reason="meal", last_ready=last_ready)
    assert (decision.trigger, decision.reason) == ("offer_missed", "meal")


@pytest.mark.parametrize(
    ("result", "last_ready", "decision"),
    [
        ("no_answer", False, AfterOffer("offer_missed", "missed_call", missed=True)),
        ("no_answer", True, AfterOffer("offer_over", missed=True, kept_ready=True)),
        ("failed", False, AfterOffer("offer_missed", "system")),
        ("failed", True, AfterOffer("offer_over", kept_ready=True)),
        ("rejected", False, AfterOffer("offer_over")),
        ("rejected", True, AfterOffer("offer_over")),
        ("caller_gone", False, AfterOffer("offer_over")),
        ("withdrawn", True, AfterOffer("offer_over")),
    ],
)
def test_what_follows_an_offer(result: OfferResult, last_ready: bool, decision: AfterOffer) -> None:
    assert after_offer(result, wanted="", wanted_reason="", last_ready=last_ready) == decision


def test_every_pause_reason_has_a_label_and_agents_may_not_choose_ours() -> None:
    assert {label.code for label in PAUSE_REASONS} == KNOWN
    assert all(label.zh and label.en for label in PAUSE_REASONS)
    assert set(CHOOSABLE) == {"rest", "meal", "training", "meeting", "system"}
    assert from_switch("meal") == "meal"
    assert from_switch("lunch at the console") == "system"
