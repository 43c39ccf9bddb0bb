"""Whatever order, loss or repetition AMI shows us: no crash, one outcome, and a ledger that adds up."""

from collections import Counter, defaultdict
from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st
from support.scenes import NOON, folded, recorded_facts

from telephony import facts as f
from telephony.calls import Call
from telephony.events import CallAnswered, CallEnded, CallOffered, OfferEnded, SegmentEnded
from telephony.fold import Happening, fold, replay
from telephony.resync import Snapshot, compare
from telephony.states import CALL_TABLE

SESSIONS = {
    name: recorded_facts(name)
    for name in (
        *("answered", "agent_hangs_up", "rejected", "ring_no_answer", "abandoned_in_queue"),
        *("caller_gone_while_ringing", "two_callers_one_seat", "nobody_staffed", "restart"),
    )
}
NOTHING = Snapshot(
    at=NOON, seq=0, startup="", queue="hotline", channels={}, waiting={}, members=[], devices=[]
)


@st.composite
def disturbed(draw: st.DrawFn) -> list[f.ChannelFact]:
    """Facts of one or two sessions: order kept per channel only, some lost, some told twice."""
    names = draw(st.lists(st.sampled_from(sorted(SESSIONS)), min_size=1, max_size=2, unique=True))
    lanes: dict[str, list[f.ChannelFact]] = defaultdict(list)
    for fact in chain.from_iterable(SESSIONS[name] for name in names):
        lanes[fact.uniqueid].append(fact)
    mixed: list[f.ChannelFact] = []
    while lanes:
        lane = draw(st.sampled_from(sorted(lanes)))
        fact = lanes[lane].pop(0)
        fate = draw(st.sampled_from(("kept", "kept", "kept", "kept", "lost", "twice", "late")))
        mixed += [fact] * {"kept": 1, "lost": 0, "twice": 2, "late": 1}[fate]
        if fate == "late":
            mixed.append(draw(st.sampled_from(mixed)))  # an old fact once more
        if not lanes[lane]:
            del lanes[lane]
    return mixed


def check(calls: dict[str, Call], told: list[Happening]) -> None:
    ended = Counter(happening.call_id for happening in told if isinstance(happening, CallEnded))
    outcomes = Counter(call.outcome for call in calls.values() if call.outcome)
    in_system = sum(call.outcome is None for call in calls.values())
    assert len(calls) == outcomes.total() + in_system
    for call in calls.values():
        assert ended[call.id] == (call.outcome is not None)
        assert (call.phase == "ended") == (call.outcome is not None) == (call.ended_at is not None)
        assert (call.phase == "talking") == any(segment.open for segment in call.segments)
        assert [offer.attempt for offer in call.offers] == list(range(1, len(call.offers) + 1))
        assert call.outcome != "answered" or call.segments
        assert all(call.legs[offer.uniqueid].live for offer in call.offers if offer.open)
        assert call.talk_seconds >= 0
        assert call.waited_seconds >= 0
        mine = [happening for happening in told if happening.call_id == call.id]
        check_pairs(call, mine)


def check_pairs(call: Call, told: list[Happening]) -> None:
    """Nothing ends that did not begin, and nothing begins or ends twice."""
    offered = [x.attempt for x in told if isinstance(x, CallOffered)]
    over = [x.attempt for x in told if isinstance(x, OfferEnded)]
    answered = [x.segment for x in told if isinstance(x, CallAnswered)]
    left = [x.segment for x in told if isinstance(x, SegmentEnded)]
    assert offered == [offer.attempt for offer in call.offers]
    assert sorted(over) == [offer.attempt for offer in call.offers if offer.result]
    assert answered == [segment.number for segment in call.segments]
    assert sorted(left) == [segment.number for segment in call.segments if not segment.open]
    if call.outcome:
        assert sorted(over) == sorted(offered)
        assert sorted(left) == sorted(answered)


@settings(max_examples=150, deadline=None)
@given(disturbed())
def test_any_disturbed_order_gives_one_outcome_and_a_ledger_that_adds_up(
    facts: list[f.ChannelFact],
) -> None:
    calls, told = folded(facts)
    check(calls, told)


@settings(max_examples=100, deadline=None)
@given(disturbed())
def test_replaying_what_was_recorded_gives_the_same_call(facts: list[f.ChannelFact]) -> None:
    calls, _ = folded(facts)
    for call in calls.values():
        again = replay(
            [
                f.from_body(type(fact).__name__, fact.at, f.to_body(fact))  # type: ignore[misc]
                for fact in facts
                if fact.call_id == call.id
            ]
        )
        assert again == call


@settings(max_examples=100, deadline=None)
@given(disturbed())
def test_comparing_with_an_empty_switch_ends_every_call_whatever_was_lost(
    facts: list[f.ChannelFact],
) -> None:
    """A lost hang-up is found out by the verification: nothing is stuck for ever."""
    calls, told = folded(facts)
    for fact in compare(calls, NOTHING):
        calls[fact.call_id], happenings = fold(calls[fact.call_id], fact)
        told += happenings
    check(calls, told)
    for call in calls.values():
        assert call.outcome is not None or not call.legs
        assert not call.live_legs
    assert compare(calls, NOTHING) == []


@settings(max_examples=100, deadline=None)
@given(disturbed())
def test_a_phase_moves_by_the_table_or_is_told_as_a_divergence(
    facts: list[f.ChannelFact],
) -> None:
    calls: dict[str, Call] = {}
    for fact in facts:
        before = calls.get(fact.call_id)
        after, _ = fold(before, fact)
        old = before.phase if before else "routing"
        noted = after.divergences > (before.divergences if before else 0)
        assert noted or any(
            phase == old and target == after.phase for (phase, _), target in CALL_TABLE.items()
        )
        calls[fact.call_id] = after
