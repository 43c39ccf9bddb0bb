"""Recorded sessions of a real Asterisk, played by the fake, arrive whole and in order; nobody is in them."""

import re
from pathlib import Path

import pytest
from asterisk_ami_mock import Misbehaviour, MockAsterisk
from asterisk_ami_mock.mask import masked
from support.links import linked, next_event, until

from telephony.ami import WANTED_EVENTS, AmiEvent, AmiLink
from telephony.ami_frames import events_in
from telephony.switch import Switch

FOLDER = Path(__file__).parents[1] / "recordings"
RECORDINGS = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.ami"))}


def wanted_in(recording: bytes) -> list[bytes]:
    """Return the frames that the link delivers; FullyBooted is the fake's own at sign-in."""
    events = events_in(recording)
    return [e.frame for e in events if e.name in WANTED_EVENTS and e.name != "FullyBooted"]


async def drained(link: AmiLink, count: int) -> list[bytes]:
    """Return the frames of the next `count` events."""
    items = [await link.intake() for _ in range(count)]
    return [item.frame for item in items if isinstance(item, AmiEvent)]


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("segment", [0, 5])
async def test_a_recording_arrives_whole_and_in_order(name: str, segment: int) -> None:
    recording = RECORDINGS[name]
    expected = wanted_in(recording)
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.misbehaviour = Misbehaviour(segment=segment)
        await mock.play(recording)
        await until(lambda: link.backlog == len(expected))
        assert await drained(link, len(expected)) == expected


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_leg_of_a_recorded_call_carries_the_calls_own_id(name: str) -> None:
    """spec/telephony.md 2: the UUID goes through the queue to the seat's leg."""
    events = events_in(RECORDINGS[name])
    ids = {
        e.variables["CALL_UUID"] for e in events if e.name in ("QueueCallerJoin", "AgentConnect")
    }
    callers = {e["CallID"] for e in events if e.get("UserEvent") == "CallInbound"}
    assert ids <= callers
    seats = [e for e in events if e.name == "Hangup" and e["Channel"].startswith("PJSIP/seat")]
    assert {e.variables["CALL_UUID"] for e in seats} <= callers


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_names_nobody(name: str) -> None:
    text = RECORDINGS[name].decode()
    assert {number[:7] for number in re.findall(r"(?<![\d.])1[3-9]\d{9}(?![\d.])", text)} <= {
        "1390000"
    }
    assert "Secret" not in text


async def test_after_a_recording_the_fake_answers_as_the_switch_would() -> None:
    recording = RECORDINGS["answered"]
    upto = recording.index(b"Event: AgentComplete")
    async with MockAsterisk() as mock, linked(mock) as link:
        switch = Switch(link)
        await mock.play(recording[:upto])
        await next_event(link, "AgentConnect")
        channels = await switch.channels()
        assert [channel.name.partition("-")[0] for channel in channels] == [
            "PJSIP/trunk",
            "PJSIP/seat01",
        ]
        assert channels[0].bridge_id == channels[1].bridge_id != ""
        assert channels[0].call_id == channels[1].call_id != ""
        assert [member.endpoint for member in await switch.members()] == ["seat01"]
        await mock.play(recording[upto:])
        await next_event(link, "Hangup")
        assert await switch.channels() == []
        assert await switch.queue_entries() == []


def test_masking_is_consistent_and_keeps_what_is_public() -> None:
    session = (
        "Event: Newchannel\r\nCallerIDNum: 13811112222\r\nCallerIDName: 欧阳某某\r\nExten: 12345\r\n"
        "Uniqueid: hotline-1795384057.13\r\n\r\n"
        "Event: UserEvent\r\nText: 欧阳某某 asked to be called on 13811112222 or 0417-2811111\r\n"
        "ConnectedLineNum: 2881111\r\n\r\n"
        "Event: VarSet\r\nValue: sip:13811112222@127.0.0.2\r\nCallerIDNum: 2\r\n\r\n"
    )
    text = masked(session.encode()).decode()
    assert "13811112222" not in text
    assert "2811111" not in text
    assert "欧阳" not in text
    assert text.count("13900000001") == 3
    assert "Exten: 12345" in text
    assert "ConnectedLineNum: 2881111" in text
    assert "hotline-1795384057.13" in text
