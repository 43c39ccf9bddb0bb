"""The tables of calls, legs and offers, every pair; and the fold over whole stories."""

from itertools import product
from typing import get_args

import pytest
from support.scenes import CALLER, SEAT, Story, folded, recorded_facts

from telephony import facts as f
from telephony.events import CallAnswered, CallEnded, CallOffered, OfferEnded, Outcome, SegmentEnded
from telephony.fold import Divergence, replay
from telephony.states import (
    CALL_TABLE,
    DECLARABLE,
    LEG_TABLE,
    OFFER_TABLE,
    OPEN_OFFERS,
    OUTCOME_PRECEDENCE,
    PHASE_DEADLINES,
    PHASES,
    STANDINGS,
    Evidence,
    LegState,
    LegTrigger,
    OfferTrigger,
    next_leg,
    next_offer,
    next_phase,
    outcome_of,
)

LEG_STATES: tuple[LegState, ...] = get_args(LegState)
LEG_TRIGGERS: tuple[LegTrigger, ...] = get_args(LegTrigger)
OFFER_TRIGGERS: tuple[OfferTrigger, ...] = get_args(OfferTrigger)
RESULTS = ("answered", "no_answer", "rejected", "caller_gone", "withdrawn", "failed")


# -- the tables, every (state, trigger) pair


@pytest.mark.parametrize(("phase", "standing"), list(product(PHASES, STANDINGS)))
def test_every_phase_meets_every_standing(phase: str, standing: str) -> None:
    after, known = next_phase(phase, standing)  # type: ignore[arg-type]
    assert known == ((phase, standing) in CALL_TABLE)
    if phase == "ended":
        assert after == "ended"
    else:
        # Facts are followed even where the table does not expect them.
        assert after == dict(zip(STANDINGS, PHASES, strict=True))[standing]  # type: ignore[index]


def test_the_call_table_leads_where_its_standings_point() -> None:
    for (_phase, standing), after in CALL_TABLE.items():
        assert PHASES.index(after) == STANDINGS.index(standing)


@pytest.mark.parametrize(("state", "trigger"), list(product(LEG_STATES, LEG_TRIGGERS)))
def test_every_leg_state_meets_every_trigger(state: LegState, trigger: LegTrigger) -> None:
    after, known = next_leg(state, trigger)
    if known:
        assert after == LEG_TABLE[(state, trigger)]
    else:
        assert after == state
    if trigger == "hang_up":
        assert (after, known) == ("gone", True)
    if state == "gone":
        assert after == "gone"


@pytest.mark.parametrize(
    ("state", "trigger"), list(product((*sorted(OPEN_OFFERS), *RESULTS), OFFER_TRIGGERS))
)
def test_every_offer_state_meets_every_trigger(state: str, trigger: OfferTrigger) -> None:
    after = next_offer(state, trigger)  # type: ignore[arg-type]
    if state in RESULTS:
        assert after == state
    else:
        assert after == OFFER_TABLE[(state, trigger)]  # type: ignore[index]
        if trigger not in ("accept", "ring_out"):
            assert after in RESULTS, "these end every offer"


def test_every_outcome_has_its_place_and_every_declaration_is_evidence() -> None:
    assert {outcome for _, outcome in OUTCOME_PRECEDENCE} == set(get_args(Outcome))
    assert set(DECLARABLE.values()) <= set(get_args(Evidence))
    assert not {"answered", "abandoned_in_ivr", "abandoned_in_queue"} & DECLARABLE.keys()


@pytest.mark.parametrize(
    ("evidence", "outcome"),
    [
        ((), "abandoned_in_ivr"),
        (("arrived",), "abandoned_in_ivr"),
        (("arrived", "queued", "abandoned"), "abandoned_in_queue"),
        (("arrived", "queued", "abandoned", "timed_out"), "timed_out"),
        (("arrived", "queued", "left_empty"), "left_empty"),
        (("arrived", "queued", "timed_out", "talked"), "answered"),
        (("arrived", "emergency_transferred", "queued"), "emergency_transferred"),
        (("arrived", "talked", "emergency_transferred"), "answered"),
        (("arrived", "talked", "switch_lost"), "failed"),
        (("arrived", "rejected"), "rejected"),
        (("arrived", "fallback", "failed"), "failed"),
    ],
)
def test_the_outcome_follows_the_fixed_precedence(
    evidence: tuple[Evidence, ...], outcome: str
) -> None:
    assert outcome_of(frozenset(evidence)) == outcome


def test_every_phase_has_a_deadline_and_a_question_for_asterisk() -> None:
    assert PHASE_DEADLINES.keys() == set(PHASES)
    assert all(seconds > 0 for seconds, _ in PHASE_DEADLINES.values())
    assert PHASE_DEADLINES["ringing"][0] <= 30
    assert PHASE_DEADLINES["connecting"][0] <= 5


# -- whole stories


def test_an_answered_call_is_told_step_by_step() -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.talk()
    assert story.now.phase == "talking"
    story.leave(CALLER)
    story.leave(SEAT)
    story.gone(SEAT)
    story.gone(CALLER)
    assert story.names() == [
        *("CallStarted", "CallQueued", "CallOffered", "OfferEnded", "CallAnswered"),
        *("SegmentEnded", "CallEnded"),
    ]
    assert story.now.outcome == "answered"
    assert story.now.divergences == 0


def test_talk_starts_when_both_legs_are_in_the_bridge_not_at_the_pick_up() -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.offer()
    story.pick_up()
    assert story.now.phase == "connecting"
    story.enter(SEAT)
    assert story.now.phase == "connecting"
    both = story.at
    (_, answered) = story.enter(CALLER)
    assert isinstance(answered, CallAnswered)
    assert answered.at == both
    assert answered.waited_seconds == (both - story.now.queued_at).total_seconds()  # type: ignore[operator]
    assert story.now.phase == "talking"


def test_a_hang_up_between_pick_up_and_bridge_is_an_abandoned_call() -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.offer()
    story.pick_up()
    story.enter(SEAT)
    story.tell(
        f.AgentCompleted(
            at=story.at, **story.about(), dest_uniqueid=SEAT, endpoint="seat03", reason="caller"
        )
    )
    story.gone(SEAT, cause=26)
    ended = story.gone(CALLER)[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.outcome, ended.talk_seconds) == ("abandoned_in_queue", 0.0)
    assert story.now.offers[0].result == "caller_gone"
    assert story.now.segments == ()


@pytest.mark.parametrize(
    ("cause", "result"),
    [
        (17, "rejected"),
        (21, "rejected"),
        (18, "no_answer"),
        (19, "no_answer"),
        (16, "no_answer"),
        (0, "no_answer"),
        (26, "no_answer"),
    ],
)
def test_only_the_cause_of_the_leg_tells_a_refusal_from_a_missed_ring(
    cause: int, result: str
) -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.offer()
    waiting = story.tell(
        f.DialEnded(at=story.at, **story.about(), dest_uniqueid=SEAT, status="NOANSWER")
    )
    assert waiting == []
    (ended,) = story.gone(SEAT, cause)
    assert isinstance(ended, OfferEnded)
    assert ended.result == result
    assert story.now.phase == "queued"


def test_the_next_offer_is_the_next_attempt() -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.offer()
    story.gone(SEAT, 19)
    (offered,) = story.offer("1000.4", "seat04")
    assert isinstance(offered, CallOffered)
    assert (offered.attempt, offered.endpoint) == (2, "seat04")
    assert story.now.phase == "ringing"


def test_asterisks_abandon_alone_decides_nothing() -> None:
    """QueueCallerAbandon comes on time-out too (facts on app_queue, 1)."""
    story = Story()
    story.arrive()
    story.queue()
    story.tell(
        f.QueueAbandoned(at=story.at, **story.about(), queue="hotline"),
        f.QueueLeft(at=story.at, **story.about(), queue="hotline"),
    )
    assert story.now.outcome is None
    story.tell(f.OutcomeDeclared(at=story.at, **story.about(), outcome="timed_out"))
    story.gone()
    assert story.now.outcome == "timed_out"


def test_a_blind_transfer_makes_a_second_segment_of_another_seat() -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.talk()
    story.tell(f.Transferred(at=story.at, **story.about(SEAT), kind="blind"))
    (first,) = story.leave(SEAT)
    assert isinstance(first, SegmentEnded)
    assert first.reason == "transfer"
    story.leave(CALLER)
    story.gone(SEAT)
    assert story.now.phase == "routing"
    other = story.about("1000.5", "PJSIP/seat05-00000005")
    story.tell(
        f.DialBegan(
            at=story.at,
            **story.about(),
            dest_uniqueid="1000.5",
            dest_channel="PJSIP/seat05-00000005",
        ),
        f.BridgeEntered(at=story.at, **other, bridge="b2"),
    )
    story.enter(CALLER, "b2")
    story.gone(CALLER)
    assert [(s.endpoint, s.reason) for s in story.now.segments] == [
        ("seat03", "transfer"),
        ("seat05", "caller"),
    ]
    assert story.now.outcome == "answered"


def test_an_attended_transfer_told_afterwards_is_still_a_transfer() -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.talk()
    story.leave(CALLER)
    story.tell(f.Transferred(at=story.at, **story.about(SEAT), kind="attended"))
    assert story.now.segments[0].reason == "transfer"


def test_a_conference_has_one_segment_for_each_agent_and_counts_the_time_once() -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.talk()
    start = story.now.segments[0].started_at
    story.offer("1000.6", "seat06")
    story.enter("1000.6")
    assert sum(segment.open for segment in story.now.segments) == 2
    story.leave(SEAT)
    end = story.at
    story.gone(CALLER)
    assert len(story.now.segments) == 2
    assert story.now.talk_seconds == (end - start).total_seconds()


def test_hold_is_told_once_and_ends_with_the_talk() -> None:
    story = Story()
    story.arrive()
    story.talk()
    hold = f.HoldChanged(at=story.at, **story.about(SEAT), held=True)
    assert [type(x).__name__ for x in story.tell(hold, hold)] == ["CallHeld"]
    back = f.HoldChanged(at=story.at, **story.about(SEAT), held=False)
    assert [type(x).__name__ for x in story.tell(back)] == ["CallResumed"]
    assert story.now.phase == "talking"


def test_an_asterisk_that_died_leaves_a_failed_call_and_ends_its_talk() -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.talk()
    told = story.tell(f.SwitchRestarted(at=story.at, **story.about(), corrected=True))
    assert [type(x).__name__ for x in told] == ["SegmentEnded", "CallEnded"]
    assert (story.now.outcome, story.now.segments[0].reason) == ("failed", "failed")
    assert not story.now.live_legs


def test_the_outcome_is_never_changed_by_what_comes_late() -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.offer()
    story.gone(CALLER)
    assert story.now.outcome == "abandoned_in_queue"
    before = len(story.told)
    story.pick_up()
    story.enter(SEAT)
    story.enter(CALLER)
    story.tell(f.OutcomeDeclared(at=story.at, **story.about(), outcome="rejected"))
    story.queue()
    late = story.told[before:]
    assert story.now.outcome == "abandoned_in_queue"
    assert all(isinstance(happening, Divergence) for happening in late)


def test_an_outcome_that_only_the_ledger_decides_cannot_be_declared() -> None:
    story = Story()
    story.arrive()
    (note,) = story.tell(f.OutcomeDeclared(at=story.at, **story.about(), outcome="answered"))
    assert isinstance(note, Divergence)
    story.gone()
    assert story.now.outcome == "abandoned_in_ivr"


def test_the_emergency_key_is_known_when_the_call_queues() -> None:
    """C11: the caller pressed 9; a person must see it at once."""
    story = Story()
    story.arrive()
    story.tell(f.MenuChosen(at=story.at, **story.about(), menu="emergency"))
    (queued,) = story.queue()
    assert queued.emergency  # type: ignore[union-attr]
    (offered,) = story.offer()
    assert offered.emergency  # type: ignore[union-attr]


# -- recorded from the real Asterisk


@pytest.mark.parametrize(
    ("recording", "outcomes", "offers", "ends"),
    [
        ("answered", ["answered"], ["answered"], ["caller"]),
        ("agent_hangs_up", ["answered"], ["answered"], ["agent"]),
        ("rejected", ["answered"], ["rejected", "answered"], ["caller"]),
        ("ring_no_answer", ["answered"], ["no_answer", "answered"], ["caller"]),
        ("abandoned_in_queue", ["abandoned_in_queue"], [], []),
        ("caller_gone_while_ringing", ["abandoned_in_queue"], ["caller_gone"], []),
        ("two_callers_one_seat", ["answered", "answered"], ["answered"] * 2, ["caller"] * 2),
    ],
)
def test_a_recorded_session_gives_this_ledger(
    recording: str, outcomes: list[str], offers: list[str], ends: list[str]
) -> None:
    calls, told = folded(recorded_facts(recording))
    assert [call.outcome for call in calls.values()] == outcomes
    assert [offer.result for call in calls.values() for offer in call.offers] == offers
    assert [part.reason for call in calls.values() for part in call.segments] == ends
    assert not [note for note in told if isinstance(note, Divergence)]
    assert all(not call.live_legs for call in calls.values())


def test_an_asterisk_that_is_stopped_in_good_order_fails_its_calls_too() -> None:
    """It hangs everybody up first, which looks like a caller who has had enough."""
    calls, told = folded(recorded_facts("restart"))
    (call,) = calls.values()
    assert (call.outcome, call.offers[0].result, call.live_legs) == ("failed", "failed", [])
    assert [type(each).__name__ for each in told].count("CallEnded") == 1


@pytest.mark.parametrize("recording", ["answered", "rejected", "two_callers_one_seat"])
def test_replaying_recorded_facts_gives_the_same_call(recording: str) -> None:
    facts = recorded_facts(recording)
    calls, _ = folded(facts)
    for call in calls.values():
        assert replay([fact for fact in facts if fact.call_id == call.id]) == call
