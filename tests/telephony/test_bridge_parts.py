"""The parts of the bridge by themselves: which call a fact is of, the spool on disk, the waiting line."""

from dataclasses import replace
from pathlib import Path

from support.scenes import CALL_ID, CALLER, NOON, SEAT, Story, recorded_facts

from telephony import facts as f
from telephony.board import Board
from telephony.directory import Directory, derived_id
from telephony.events import QueueChanged
from telephony.spool import Spool


def nameless(
    story: Story, uniqueid: str = CALLER, context: str = "from-trunk"
) -> f.ChannelAppeared:
    about = {**story.about(uniqueid), "call_id": ""}
    return f.ChannelAppeared(at=NOON, **about, context=context)  # type: ignore[arg-type]


def test_a_channel_that_is_not_named_yet_waits_for_its_call() -> None:
    story, directory = Story(), Directory()
    first = nameless(story)
    assert directory.route(first) == []
    arrived = f.CallArrived(at=NOON, **story.about())
    assert directory.route(arrived) == [replace(first, call_id=CALL_ID), arrived]


def test_a_seats_leg_is_found_by_the_linked_set_and_by_the_bridge() -> None:
    story, directory = Story(), Directory()
    directory.route(f.CallArrived(at=NOON, **story.about()))
    (leg,) = directory.route(nameless(story, SEAT, "queue"))
    assert leg.call_id == CALL_ID
    directory.route(f.BridgeEntered(at=NOON, **story.about(), bridge="b1"))
    stranger = f.BridgeEntered(at=NOON, uniqueid="3000.1", linkedid="3000.1", bridge="b1")
    assert directory.route(stranger) == [replace(stranger, call_id=CALL_ID)]


def test_a_channel_keeps_its_first_call() -> None:
    story, directory = Story(), Directory()
    directory.route(f.CallArrived(at=NOON, **story.about()))
    other = {**story.about(), "call_id": CALL_ID.replace("6f", "7a")}
    (gone,) = directory.route(f.ChannelGone(at=NOON, **other))  # type: ignore[arg-type]
    assert gone.call_id == CALL_ID


def test_a_call_that_left_the_trunk_before_it_was_named_still_counts() -> None:
    """S01: every call that reaches the trunk."""
    story, directory = Story(), Directory()
    directory.route(nameless(story))
    gone = f.ChannelGone(at=NOON, uniqueid=CALLER, cause=16)
    assert {fact.call_id for fact in directory.route(gone)} == {derived_id(CALLER)}


def test_channels_of_nobodys_call_are_forgotten_and_never_pile_up() -> None:
    directory = Directory(limit=10)
    for number in range(100):
        seen = f.ChannelAppeared(at=NOON, uniqueid=f"5.{number}", context="from-seat")
        assert directory.route(seen) == []
    assert len(directory._strangers) <= 10
    assert directory.route(f.ChannelGone(at=NOON, uniqueid="5.99")) == []


def test_a_call_that_is_over_leaves_no_trace_in_the_directory() -> None:
    directory, story = Directory(), Story()
    for fact in recorded_facts("two_callers_one_seat"):
        for routed in directory.route(fact):
            story.call_id = routed.call_id
            if routed.call_id == story.call_id:
                story.tell(routed)
    directory.forget(story.now)
    assert not [u for u in story.now.legs if directory.call_of(u)]


def test_the_spool_gives_back_what_was_put_aside_in_order(tmp_path: Path) -> None:
    facts = recorded_facts("rejected")
    spool = Spool(tmp_path)
    spool.append(facts[:5])
    spool.append(facts[5:])
    again = Spool(tmp_path)
    first, position = again.read(0, 7)
    rest, end = again.read(position)
    assert first + rest == facts
    assert end == len(again)
    again.remove()
    assert len(again) == 0
    assert again.name != spool.name, "a position never points into another file"


def test_a_line_cut_short_by_a_crash_costs_only_itself(tmp_path: Path) -> None:
    facts = recorded_facts("rejected")
    spool = Spool(tmp_path)
    spool.append(facts[:2])
    with (tmp_path / spool.name).open("ab") as file:
        file.write(b'{"at": "2026-')
    again = Spool(tmp_path)
    again.append(facts[2:4])
    assert again.read(0)[0] == facts[:4]


def test_the_line_keeps_the_order_of_asterisk_with_the_urgent_caller_in_front() -> None:
    calls = {}
    board = Board("hotline", calls)
    for number, position in ((1, 1), (2, 2), (3, 1)):
        story = Story(call_id=f"call-{number}")
        story.arrive()
        story.tell(f.QueueJoined(at=story.at, **story.about(), queue="hotline", position=position))
        calls[story.call_id] = story.now
        board.follow(story.now)
    (changed,) = board.line(NOON)
    assert isinstance(changed, QueueChanged)
    assert [(e.call_id[-1], e.position) for e in changed.waiting] == [("3", 1), ("1", 2), ("2", 3)]
    assert board.line(NOON) == []
    calls["call-3"] = replace(calls["call-3"], in_queue=False)
    board.follow(calls["call-3"])
    (changed,) = board.line(NOON)
    assert isinstance(changed, QueueChanged)
    assert [(e.call_id[-1], e.position) for e in changed.waiting] == [("1", 1), ("2", 2)]
