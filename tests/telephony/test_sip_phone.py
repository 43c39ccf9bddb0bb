"""The telephone's own arithmetic: A-law, keys, messages, digest."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.audio import is_tone, rms, tone_share

from telephony import sip_wire as wire
from telephony.sip_media import FRAME, Media, decoded, frames_of, silence, tone
from telephony.sip_wire import NotSip


@settings(max_examples=30)
@given(st.lists(st.integers(-32768, 32767), min_size=FRAME, max_size=FRAME))
def test_a_law_keeps_every_sample_within_a_sixteenth(samples: list[int]) -> None:
    back = decoded(b"".join(frames_of(samples)))
    assert all(abs(b - s) <= max(16, abs(s) / 16) for b, s in zip(back, samples, strict=True))


def test_a_law_agrees_with_the_standards_table_at_its_corners() -> None:
    """ITU-T G.711, table 1a: the codes of silence, of the loudest and of the segment ends."""
    assert [next(frames_of([s]))[0] for s in (0, -1, 32767, -32768, 1024, -1024)] == [
        0xD5,
        0x55,
        0xAA,
        0x2A,
        0xE5,
        0x7A,
    ]


def test_ears_tell_a_tone_from_another_and_from_silence() -> None:
    heard = decoded(b"".join(frame for frame, _ in zip(tone(440), range(10), strict=False)))
    quiet = decoded(b"".join(frame for frame, _ in zip(silence(), range(10), strict=False)))
    assert is_tone(heard, 440)
    assert tone_share(heard, 650) < 0.05
    assert rms(quiet) < 20
    assert not is_tone(quiet, 440)


async def test_keys_pressed_on_one_phone_are_heard_once_each_on_the_other() -> None:
    """RFC 4733: the packets of one key are one key."""
    near, far = Media(), Media()
    await near.open("127.0.0.1")
    near.connect(("127.0.0.1", await far.open("127.0.0.1")))
    await near.press("19*#0")
    async with asyncio.timeout(5):
        while len(far.keys_heard) < 5:
            await asyncio.sleep(0.01)
    assert far.keys_heard == "19*#0"
    with pytest.raises(ValueError, match="no telephone"):
        await near.press("x")
    await near.close()
    await far.close()


def test_a_digest_is_that_of_the_rfc() -> None:
    """RFC 2617, 3.5, without qop as in RFC 2069."""
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    words = wire.digest(challenge, "GET", "/dir/index.html", "Mufasa", "Circle Of Life")
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in words


def test_a_message_survives_its_own_encoding() -> None:
    headers = (
        ("Via", "SIP/2.0/UDP 127.0.0.2:5;branch=z9hG4bK1"),
        ("From", wire.address("sip:1@a", '王"小\\明')),
        ("CSeq", "1 INVITE"),
        ("Call-ID", "x"),
    )
    message = wire.decode(wire.Message("INVITE sip:12345@a SIP/2.0", headers, "v=0\r\n").encode())
    assert message.get("from") == '"王\\"小\\\\明" <sip:1@a>'
    assert (message.method, message.branch, message.status, message.body) == (
        "INVITE",
        "z9hG4bK1",
        0,
        "v=0\r\n",
    )


@given(st.binary(max_size=300) | st.just(b"SIP/2.0 abc\r\nCSeq: 1 BYE\r\nCall-ID: x\r\n\r\n"))
def test_what_is_no_sip_is_refused_and_nothing_else_happens(noise: bytes) -> None:
    with pytest.raises(NotSip):
        wire.decode(noise)


def test_a_display_name_cannot_end_the_line() -> None:
    assert "\n" not in wire.address("sip:1@a", "x\r\nTo: y")
