"""A desktop that is reloaded comes back with a new leg in the place of the lost one: one talk, one segment."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from asterisk_ami_mock import MockAsterisk
from support.links import linked
from support.scenes import CALL_ID, CALLER, NOON, SEAT, Story, talking

from telephony import facts as f
from telephony.ami import AmiLink
from telephony.directory import Directory
from telephony.events import SegmentEnded
from telephony.switch import Switch

AGAIN = "1000.3"
CHANNEL = "PJSIP/seat03-00000003"


@pytest.fixture
def story() -> Story:
    """A call in which seat 03 talks, and whose lost leg is about to be replaced."""
    return talking()


def come_back(story: Story, channel: str = CHANNEL) -> None:
    """The new page's INVITE reaches Asterisk."""
    story.tell(
        f.ChannelAppeared(
            at=story.at, **story.about(AGAIN, channel), context="from-seat", exten="resume"
        )
    )


def test_a_replaced_leg_goes_on_with_the_same_segment(story: Story) -> None:
    come_back(story)
    story.leave(SEAT)
    story.enter(AGAIN)
    story.gone(SEAT, cause=26)
    assert story.told == []
    (segment,) = story.now.segments
    assert (segment.open, segment.uniqueid, segment.attempt) == (True, AGAIN, 1)
    assert (story.now.phase, story.now.divergences) == ("talking", 0)
    story.gone(AGAIN)
    story.gone(CALLER)
    assert story.names() == ["SegmentEnded", "CallEnded"]
    assert len(story.now.segments) == 1


def test_a_leg_that_finds_nothing_to_replace_ends_the_talk_with_the_lost_one(story: Story) -> None:
    come_back(story)
    story.leave(SEAT)
    story.gone(SEAT)
    assert story.told == []
    story.gone(AGAIN, cause=31)
    assert [type(told) for told in story.told] == [SegmentEnded]


def test_a_caller_who_leaves_meanwhile_ends_the_talk(story: Story) -> None:
    come_back(story)
    story.leave(SEAT)
    story.gone(CALLER)
    (segment,) = story.now.segments
    assert (segment.open, segment.reason) == (False, "caller")


def test_another_seats_leg_takes_nobodys_place(story: Story) -> None:
    come_back(story, "PJSIP/seat04-00000003")
    story.leave(SEAT)
    assert story.names() == ["SegmentEnded"]


def test_a_returning_channel_without_an_id_belongs_to_the_call_of_its_seat() -> None:
    """It must be known before the lost leg leaves the bridge, or the talk would seem over."""
    directory, story = Directory(), Story()
    story.arrive()
    story.offer()
    for fact in story.facts:
        directory.route(fact)
    lone = {"uniqueid": AGAIN, "channel": CHANNEL, "linkedid": AGAIN, "call_id": ""}
    back = f.ChannelAppeared(
        at=NOON + timedelta(seconds=9),
        **lone,  # type: ignore[arg-type]
        context="from-seat",
        exten="resume",
    )
    assert [fact.call_id for fact in directory.route(back)] == [CALL_ID]
    directory.forget(story.now)
    again = f.ChannelAppeared(
        at=NOON,
        uniqueid="1000.9",
        channel=CHANNEL,
        linkedid="1000.9",
        context="from-seat",
        exten="resume",
    )
    assert directory.route(again) == []


@pytest.fixture
async def link() -> AsyncIterator[tuple[MockAsterisk, AmiLink]]:
    async with MockAsterisk() as mock, linked(mock) as up:
        yield mock, up


async def test_the_channels_of_a_call_are_found_by_id_and_by_bridge(
    link: tuple[MockAsterisk, AmiLink],
) -> None:
    """The sweep of the seats asks so whether a seat still talks."""
    mock, up = link
    for name, call_id, bridge in (
        ("PJSIP/trunk-00000001", CALL_ID, "b1"),
        (CHANNEL, "", "b1"),
        ("PJSIP/seat05-00000004", "", "b2"),
        ("PJSIP/seat06-00000005", "", ""),
    ):
        mock.world.channels[name] = {
            "Channel": name,
            "ChannelState": "6",
            "ChannelStateDesc": "Up",
            "CallerIDNum": "",
            "CallerIDName": "",
            "Context": "",
            "Exten": "",
            "Uniqueid": name[-1],
            "Linkedid": name[-1],
            "ChanVariable": f"CALL_UUID={call_id}",
            "BridgeId": bridge,
        }
    assert await Switch(up).call_channels(CALL_ID) == ["PJSIP/trunk-00000001", CHANNEL]
