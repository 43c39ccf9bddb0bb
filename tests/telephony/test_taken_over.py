"""A shift leader takes a call over: the agent's talk ends as a transfer, the leader's begins, the caller stays."""

import pytest
from support.scenes import CALL_ID, CALLER, SEAT, Story, talking

from telephony import facts as f
from telephony.directory import Directory
from telephony.events import CallAnswered, SegmentEnded
from telephony.fold import replay

LEADER = "1000.7"
CHANNEL = "PJSIP/boss01-00000007"


@pytest.fixture
def story() -> Story:
    """A call in which seat 03 talks."""
    return talking()


def take_over(story: Story) -> None:
    story.tell(f.TakenOver(at=story.at, **story.about(LEADER, CHANNEL)))


def test_the_caller_changes_bridges_and_there_is_a_segment_for_each_who_talked(
    story: Story,
) -> None:
    """Spec telephony 2: transfers make segments, each attributed to its agent."""
    take_over(story)
    story.leave(CALLER)
    story.enter(CALLER, "b2")
    assert (story.now.phase, story.told) == ("talking", [])
    story.enter(LEADER, "b2")
    story.leave(SEAT)
    story.gone(SEAT, cause=26)
    assert story.names() == ["SegmentEnded", "CallAnswered"]
    ended, answered = story.told
    assert isinstance(ended, SegmentEnded)
    assert isinstance(answered, CallAnswered)
    assert (ended.endpoint, ended.reason) == ("seat03", "transfer")
    assert (answered.endpoint, answered.segment, answered.attempt) == ("boss01", 2, 0)
    first, second = story.now.segments
    assert first.ended_at == second.started_at
    story.gone(LEADER)
    story.gone(CALLER)
    assert story.names()[2:] == ["SegmentEnded", "CallEnded"]
    assert (story.now.divergences, story.now.outcome, len(story.now.offers)) == (0, "answered", 1)
    assert replay(story.facts) == story.now


def test_what_asterisk_says_of_the_agents_end_afterwards_does_not_change_the_reason(
    story: Story,
) -> None:
    """AgentComplete comes with the end of the call and calls it the caller's."""
    take_over(story)
    story.leave(CALLER)
    story.enter(CALLER, "b2")
    story.enter(LEADER, "b2")
    about = story.about(CALLER)
    story.tell(
        f.AgentCompleted(
            at=story.at, **about, dest_uniqueid=SEAT, endpoint="seat03", reason="caller"
        )
    )
    assert story.now.segments[0].reason == "transfer"


def test_a_leaders_leg_that_dies_on_the_way_leaves_the_agent_in_the_talk(story: Story) -> None:
    take_over(story)
    story.gone(LEADER)
    assert story.told == []
    assert [segment.open for segment in story.now.segments] == [True]
    story.gone(SEAT)
    assert [type(told) for told in story.told] == [SegmentEnded]


def test_a_leg_that_only_listens_is_a_part_of_no_call() -> None:
    """Neither a call, nor an offer, nor a leg: it has no id and stands in no bridge."""
    directory, story = Directory(), Story()
    story.arrive()
    for fact in story.facts:
        directory.route(fact)
    lone: f.About = {"uniqueid": LEADER, "channel": CHANNEL, "linkedid": LEADER, "call_id": ""}
    at = story.at
    dialled = f.DialBegan(
        at=at,
        uniqueid="",
        linkedid=LEADER,
        dest_uniqueid=LEADER,
        dest_channel=CHANNEL,
    )
    heard = [
        f.ChannelAppeared(at=at, **lone, context="from-seat"),
        dialled,
        f.ChannelStateSeen(at=at, **lone, state=6),
        f.ChannelGone(at=at, **lone),
    ]
    assert [directory.route(fact) for fact in heard] == [[], [], [], []]


def test_the_same_leg_belongs_to_the_call_from_the_moment_it_takes_it_over() -> None:
    directory, story = Directory(), Story()
    story.arrive()
    for fact in story.facts:
        directory.route(fact)
    lone: f.About = {"uniqueid": LEADER, "channel": CHANNEL, "linkedid": LEADER, "call_id": ""}
    directory.route(f.ChannelAppeared(at=story.at, **lone, context="from-seat"))
    directory.route(f.ChannelStateSeen(at=story.at, **lone, state=6))
    taken = f.TakenOver(at=story.at, **{**lone, "call_id": CALL_ID})  # type: ignore[arg-type]
    facts = directory.route(taken)
    assert [type(fact).__name__ for fact in facts] == [
        "ChannelAppeared",
        "ChannelStateSeen",
        "TakenOver",
    ]
    assert {fact.call_id for fact in facts} == {CALL_ID}
