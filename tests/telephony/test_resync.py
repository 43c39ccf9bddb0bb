"""Comparing what we believe with what Asterisk lists: only differences make facts, and they settle them."""

from datetime import timedelta

from support.scenes import CALL_ID, CALLER, NOON, SEAT, Story

from telephony import facts as f
from telephony.calls import Call
from telephony.fold import fold
from telephony.resync import LiveChannel, Snapshot, Waiting, compare, restarted_facts


def channel(
    uniqueid: str, *, bridge: str = "", state: int = 6, call_id: str = CALL_ID
) -> LiveChannel:
    name = "PJSIP/trunk-00000001" if uniqueid == CALLER else "PJSIP/seat03-00000002"
    return LiveChannel(
        uniqueid=uniqueid,
        linkedid=CALLER,
        channel=name,
        call_id=call_id,
        state=state,
        bridge=bridge,
        caller="13900000001",
        caller_name="王小明",
        since=NOON - timedelta(seconds=30),
    )


def snapshot(*channels: LiveChannel, waiting: tuple[str, ...] = ()) -> Snapshot:
    return Snapshot(
        at=NOON + timedelta(minutes=5),
        seq=0,
        startup="",
        queue="hotline",
        channels={c.uniqueid: c for c in channels},
        waiting={
            uniqueid: Waiting(uniqueid=uniqueid, position=place, since=NOON)
            for place, uniqueid in enumerate(waiting, 1)
        },
        members=[],
        devices=[],
    )


def corrected(calls: dict[str, Call], seen: Snapshot) -> dict[str, Call]:
    """Fold the corrections, and check that nothing is left to correct."""
    for fact in compare(calls, seen):
        assert fact.corrected
        calls[fact.call_id], _ = fold(calls.get(fact.call_id), fact)
    assert compare(calls, seen) == []
    return calls


def talking() -> Story:
    story = Story()
    story.arrive()
    story.queue()
    story.talk()
    return story


def test_when_both_agree_there_is_nothing_to_correct() -> None:
    story = talking()
    seen = snapshot(channel(CALLER, bridge="b1"), channel(SEAT, bridge="b1"))
    assert compare({CALL_ID: story.now}, seen) == []


def test_a_call_that_nobody_told_us_of_is_taken_in_as_it_stands() -> None:
    seen = snapshot(channel(CALLER, bridge="b1"), channel(SEAT, bridge="b1"))
    call = corrected({}, seen)[CALL_ID]
    assert (call.phase, call.caller, call.announced) == ("talking", "13900000001", True)
    assert [(s.endpoint, s.attempt) for s in call.segments] == [("seat03", 1)]
    assert call.started_at == NOON - timedelta(seconds=30)


def test_a_waiting_caller_and_a_ringing_seat_are_taken_in() -> None:
    seen = snapshot(channel(CALLER), channel(SEAT, state=5, call_id=""), waiting=(CALLER,))
    call = corrected({}, seen)[CALL_ID]
    assert (call.phase, call.in_queue, call.queued_at) == ("ringing", True, NOON)
    assert [offer.endpoint for offer in call.offers] == ["seat03"]


def test_a_call_whose_channels_are_gone_is_over() -> None:
    story = talking()
    call = corrected({CALL_ID: story.now}, snapshot())[CALL_ID]
    assert (call.phase, call.outcome) == ("ended", "answered")


def test_a_caller_who_left_the_queue_unseen_no_longer_waits() -> None:
    story = Story()
    story.arrive()
    story.queue()
    call = corrected({CALL_ID: story.now}, snapshot(channel(CALLER)))[CALL_ID]
    assert (call.phase, call.in_queue) == ("routing", False)


def test_a_bridge_that_was_left_or_entered_unseen_is_corrected() -> None:
    story = talking()
    apart = snapshot(channel(CALLER), channel(SEAT))
    call = corrected({CALL_ID: story.now}, apart)[CALL_ID]
    assert call.phase == "routing"
    again = snapshot(channel(CALLER, bridge="b9"), channel(SEAT, bridge="b9"))
    assert corrected({CALL_ID: call}, again)[CALL_ID].phase == "talking"


def test_a_lost_answer_of_a_ringing_seat_is_corrected() -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.offer()
    seen = snapshot(channel(CALLER, bridge="b1"), channel(SEAT, bridge="b1"))
    call = corrected({CALL_ID: story.now}, seen)[CALL_ID]
    assert (call.phase, call.offers[0].result) == ("talking", "answered")


def test_channels_of_no_call_are_left_alone() -> None:
    echo = LiveChannel(
        uniqueid="7.7",
        linkedid="7.7",
        channel="PJSIP/seat09-00000009",
        call_id="",
        state=6,
        bridge="",
        caller="",
        caller_name="",
        since=NOON,
    )
    assert compare({}, snapshot(echo)) == []


def test_only_calls_of_the_dead_asterisk_fail_when_it_restarted() -> None:
    old, new = talking(), Story(call_id=CALL_ID.replace("6f", "7a"))
    new.tell(f.ChannelAppeared(at=NOON, **{**new.about(), "uniqueid": "2000.1"}))
    calls = {old.call_id: old.now, new.call_id: new.now}
    seen = snapshot(
        LiveChannel(**{**vars(channel(CALLER)), "uniqueid": "2000.1", "call_id": new.call_id})
    )
    (fact,) = restarted_facts(calls, seen)
    failed, _ = fold(calls[fact.call_id], fact)
    assert (failed.id, failed.outcome) == (old.call_id, "failed")
