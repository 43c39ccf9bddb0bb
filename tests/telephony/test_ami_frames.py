"""Foreign bytes: whatever arrives, however it is cut, gives whole frames or one clear refusal."""

import asyncio

import pytest
from asterisk_ami_mock import Misbehaviour, MockAsterisk
from asterisk_ami_mock.misbehave import garbage
from hypothesis import given, settings
from hypothesis import strategies as st
from support.links import link_to, linked, next_event, next_mark, until

from telephony.ami import LinkDown, LinkUp
from telephony.ami_frames import AmiEvent, AmiResponse, FrameSplitter, events_in, message_of
from telephony.errors import AmiDown, AmiFrame

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
HEADERS = st.dictionaries(
    st.from_regex(r"X[a-z]{1,9}", fullmatch=True),
    st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=20),
    max_size=6,
)
NAMES = st.sampled_from(["Hangup", "AgentCalled", "UserEvent"])


def rendered(name: str, headers: dict[str, str]) -> bytes:
    lines = [f"Event: {name}", *(f"{key}: {value}" for key, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


@settings(deadline=None, max_examples=60)  # the machine may be busy
@given(st.lists(st.tuples(NAMES, HEADERS), max_size=8), st.lists(st.integers(1, 40), min_size=1))
def test_events_are_the_same_however_the_stream_is_cut(
    events: list[tuple[str, dict[str, str]]], cuts: list[int]
) -> None:
    stream = BANNER + b"".join(rendered(name, headers) for name, headers in events)
    splitter, frames, at = FrameSplitter(1_000_000), [], 0
    for turn in range(len(stream)):
        size = cuts[turn % len(cuts)]
        frames += splitter.feed(stream[at : at + size])
        at += size
    messages = [message_of(frame) for frame in frames]
    assert [message.name for message in messages if message] == [name for name, _ in events]
    for message, (_, headers) in zip(messages, events, strict=True):
        assert isinstance(message, AmiEvent)
        for key, value in headers.items():
            assert message[key] == value


@settings(deadline=None, max_examples=60)  # the machine may be busy
@given(st.lists(st.binary(max_size=200)))
def test_noise_gives_frames_or_a_refusal_and_never_another_error(noise: list[bytes]) -> None:
    splitter = FrameSplitter(500)
    try:
        for piece in [BANNER, *noise]:
            for frame in splitter.feed(piece):
                message = message_of(frame)
                if message is not None:
                    message.get("ActionID")
                    message.headers()
    except AmiFrame:
        return


def test_a_repeated_header_counts_once_and_is_there_as_a_list() -> None:
    answer = message_of(b"Response: Success\r\nOutput: one\r\nOutput:   two\r\nOutput: ")
    assert isinstance(answer, AmiResponse)
    assert answer.output == ["one", "  two", ""]
    assert answer.get("Output") == "one"


def test_channel_variables_are_read_in_both_of_asterisks_spellings() -> None:
    event = AmiEvent(
        b"Event: DialBegin\r\nChanVariable: CALL_UUID=a\r\nChanVariable: B=x=y\r\n"
        b"DestChanVariable: CALL_UUID=b\r\nChanVariable(PJSIP/seat01-1): C=c",
        "DialBegin",
    )
    assert dict(event.variables) == {"CALL_UUID": "a", "B": "x=y", "C": "c"}
    assert dict(event.variables_of("Dest")) == {"CALL_UUID": "b"}


def test_an_event_shows_no_personal_data_when_printed() -> None:
    event = AmiEvent(b"Event: Newchannel\r\nCallerIDNum: 13900000001", "Newchannel", 7)
    assert repr(event) == "<AmiEvent Newchannel #7>"


def test_a_recording_is_read_with_or_without_its_banner() -> None:
    text = rendered("Hangup", {"Uniqueid": "1"}) + rendered("Hangup", {"Uniqueid": "2"})
    for recording in (text, BANNER + text, BANNER + text + b"\r\n"):
        assert [event["Uniqueid"] for event in events_in(recording)] == ["1", "2"]


# Over the socket: spec/telephony.md 10, "AMI sends garbage, huge frames, split UTF-8, events out of order or twice".


async def test_noise_between_events_is_counted_and_harms_nothing() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.send_raw(garbage(5000) + b"\r\n\r\n")
        mock.say("Hangup", Uniqueid="1")
        assert (await next_event(link, "Hangup"))["Uniqueid"] == "1"
        assert link.metrics.malformed == 1
        assert link.connected


async def test_every_frame_twice_gives_every_answer_once() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.misbehaviour = Misbehaviour(duplicate=True)
        answers = await asyncio.gather(*(link.send("Ping") for _ in range(10)))
        rows = await link.ask("QueueStatus")
        assert [answer["Ping"] for answer in answers] == ["Pong"] * 10
        assert {row.name for row in rows} == {"QueueParams"}
        await until(lambda: link.metrics.orphans >= 10)


async def test_answers_out_of_order_reach_those_who_asked() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.misbehaviour = Misbehaviour(reorder=True)
        for turn in range(5):
            sent = [link.send("Getvar" if n % 2 else "Ping") for n in range(4)]
            answers = await asyncio.gather(*sent, return_exceptions=True)
            assert [isinstance(answer, AmiResponse) for answer in answers] == [True, False] * 2, (
                turn
            )
        rows = await link.ask("QueueStatus")
        assert [row.name for row in rows] == ["QueueParams"]


async def test_an_answer_that_is_cut_off_in_the_middle_fails_its_action_only_once() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.misbehaviour = Misbehaviour(cut_answer_after=15)
        with pytest.raises(AmiDown):
            await link.send("CoreStatus")
        mock.misbehaviour = Misbehaviour()
        await next_mark(link, LinkUp)
        assert (await link.send("Ping"))["Ping"] == "Pong"


async def test_what_is_not_ami_is_refused_and_left_alone() -> None:
    async def web_server(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(web_server, "127.0.0.1", 0) as server:
        mock = MockAsterisk(port=server.sockets[0].getsockname()[1])
        link = link_to(mock)
        await link.start()
        assert (await next_mark(link, LinkDown)).reason == "not an Asterisk Call Manager"
        await link.close()


async def test_a_peer_that_accepts_and_says_nothing_is_given_up() -> None:
    async with MockAsterisk() as mock:
        mock.misbehaviour = Misbehaviour(silent=True)
        link = link_to(mock, connect_within=0.1)
        await link.start()
        assert (await next_mark(link, LinkDown)).reason == "TimeoutError"
        mock.misbehaviour = Misbehaviour()
        await next_mark(link, LinkUp)
        await link.close()


async def test_a_flood_is_taken_whole_and_in_order() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        await mock.flood(rate=1_000_000, count=5000)
        numbers = [
            int((await next_event(link, "DeviceStateChange"))["Number"]) for _ in range(5000)
        ]
        assert numbers == list(range(5000))
        assert link.metrics.overflows == 0
