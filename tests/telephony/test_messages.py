"""The door for AMI text: what matters becomes typed facts, garbage becomes a recorded divergence."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.scenes import CALL_ID, NOON, RECORDINGS

from telephony import facts as f
from telephony.ami import WANTED_EVENTS
from telephony.ami_frames import AmiEvent, events_in
from telephony.messages import MEANINGFUL, call_id_in, endpoint_of, fact_of

HEADERS = """Uniqueid DestUniqueid Channel Linkedid Queue Interface Status ChannelState Cause DialStatus
BridgeUniqueid UserEvent CallID Timestamp ChanVariable CallerIDNum Position RingTime Device State"""


def event(name: str, *lines: str) -> AmiEvent:
    return AmiEvent("\r\n".join([f"Event: {name}", *lines]).encode(), name)


CHANNEL = ("Channel: PJSIP/trunk-00000001", "Uniqueid: 1000.1", "Linkedid: 1000.1")


def test_a_channel_event_becomes_a_fact_with_our_call_id() -> None:
    seen = event("Newchannel", *CHANNEL, "CallerIDNum: +86 139 0000 0001", "CallerIDName: 王小明")
    assert fact_of(seen, NOON) == f.ChannelAppeared(
        at=NOON,
        uniqueid="1000.1",
        channel="PJSIP/trunk-00000001",
        linkedid="1000.1",
        caller="13900000001",
        caller_name="王小明",
    )
    hung_up = event("Hangup", *CHANNEL, f"ChanVariable: CALL_UUID={CALL_ID.upper()}", "Cause: 16")
    fact = fact_of(hung_up, NOON)
    assert isinstance(fact, f.ChannelGone)
    assert (fact.call_id, fact.cause) == (CALL_ID, 16)


def test_the_time_is_asterisks_own_when_it_says_one() -> None:
    fact = fact_of(event("Hangup", *CHANNEL, "Timestamp: 1795406400.250000"), NOON)
    assert fact is not None
    assert fact.at == datetime.fromtimestamp(1795406400.25, UTC)
    for nonsense in ("", "soon", "nan", "inf", "-1e99"):
        fact = fact_of(event("Hangup", *CHANNEL, f"Timestamp: {nonsense}"), NOON)
        assert fact is not None
        assert fact.at == NOON


def test_an_event_without_its_headers_is_recorded_as_malformed() -> None:
    assert fact_of(event("Hangup", "Channel: x"), NOON) == f.Malformed(
        at=NOON, event="Hangup", what="no Uniqueid"
    )
    assert fact_of(event("Newstate", *CHANNEL, "ChannelState: up"), NOON) == f.Malformed(
        at=NOON, event="Newstate", what="ChannelState is not a number"
    )
    missing = fact_of(event("UserEvent", "UserEvent: CallInbound", *CHANNEL), NOON)
    assert missing == f.Malformed(at=NOON, event="UserEvent", what="no CallID")


def test_events_that_mean_nothing_here_are_passed_over() -> None:
    assert fact_of(event("VarSet", *CHANNEL), NOON) is None
    assert fact_of(event("UserEvent", "UserEvent: SomebodyElses", *CHANNEL), NOON) is None
    assert (
        fact_of(event("DeviceStateChange", "Device: Queue:hotline", "State: INUSE"), NOON) is None
    )


def test_the_end_of_a_call_of_ours_says_how_long_both_talked() -> None:
    def over(*lines: str) -> f.Fact | None:
        return fact_of(event("UserEvent", "UserEvent: OutboundOver", *CHANNEL, *lines), NOON)

    assert over("OutboundID: callback-1", "Status: ANSWER", "TalkMs: 4200") == f.OutboundOver(
        at=NOON, channel_id="callback-1", status="ANSWER", talk_ms=4200
    )
    # The seat hung up before the citizen's phone rang: Asterisk knows neither.
    assert over("OutboundID: callback-1", "Status: ", "TalkMs: ") == f.OutboundOver(
        at=NOON, channel_id="callback-1", status="", talk_ms=0
    )
    assert isinstance(over("Status: ANSWER", "TalkMs: 4200"), f.Malformed)
    assert isinstance(over("OutboundID: callback-1", "TalkMs: for ever"), f.Malformed)


def test_a_contact_that_goes_does_not_take_the_seat_with_it() -> None:
    """After a reload of the page the new contact is there before the old one is removed."""
    gone = event("ContactStatus", "EndpointName: seat03", "ContactStatus: Removed")
    assert fact_of(gone, NOON) is None
    away = event("DeviceStateChange", "Device: PJSIP/seat03", "State: UNAVAILABLE")
    assert fact_of(away, NOON) == f.DeviceSeen(at=NOON, endpoint="seat03", reachable=False)


def test_a_member_is_read_from_event_and_from_status_alike() -> None:
    lines = ("Queue: hotline", "Status: 6", "Paused: 1", "PausedReason: meal", "InCall: 0")
    from_event = fact_of(event("QueueMemberStatus", "Interface: PJSIP/seat03", *lines), NOON)
    from_list = fact_of(event("QueueMember", "Location: PJSIP/seat03", *lines), NOON)
    assert from_event == from_list
    assert from_event == f.MemberSeen(
        at=NOON, queue="hotline", endpoint="seat03", status=6, paused=True, reason="meal"
    )


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("PJSIP/seat03-0000001a", "seat03"),
        ("PJSIP/seat-north-0000001a", "seat-north"),
        ("PJSIP/seat03", "seat03"),
        ("Local/12345@queue-00000001;2", "12345@queue"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_the_endpoint_is_read_from_channel_and_interface(name: str, endpoint: str) -> None:
    assert endpoint_of(name) == endpoint


@pytest.mark.parametrize("text", ["", "1", "x" * 36, CALL_ID[:-1], CALL_ID + "0", f"{CALL_ID}\n1"])
def test_only_a_uuid_is_a_call_id(text: str) -> None:
    assert call_id_in(text) == ""


def test_control_characters_and_endless_names_do_not_get_in() -> None:
    seen = event("Newchannel", *CHANNEL, "CallerIDName: 王\x00小\x1b明" + "x" * 10_000)
    fact = fact_of(seen, NOON)
    assert isinstance(fact, f.ChannelAppeared)
    assert fact.caller_name.startswith("王小明x")
    assert len(fact.caller_name) == 80


def test_every_event_that_means_something_is_let_through_by_the_link() -> None:
    asked_for = {"QueueMember", "EndpointList"}  # rows of answers, not events
    assert MEANINGFUL - asked_for <= WANTED_EVENTS


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.ami")), ids=lambda path: path.stem)
def test_nothing_that_a_real_asterisk_says_is_malformed(path: object) -> None:
    recording = RECORDINGS / str(path)
    facts = [fact_of(seen, NOON) for seen in events_in(recording.read_bytes())]
    assert facts
    assert not [fact for fact in facts if isinstance(fact, f.Malformed)]


@given(
    st.sampled_from(sorted(MEANINGFUL)),
    st.lists(
        st.tuples(
            st.sampled_from(HEADERS.split()),
            st.text(max_size=30),
        ),
        max_size=12,
    ),
)
def test_garbage_never_raises(name: str, headers: list[tuple[str, str]]) -> None:
    lines = [f"{key}: {value}" for key, value in headers]
    fact = fact_of(event(name, *(line.replace("\r", "").replace("\n", "") for line in lines)), NOON)
    assert fact is None or isinstance(fact, f.Fact)


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.ami")), ids=lambda path: path.stem)
def test_a_fact_read_back_from_its_body_is_the_same(path: object) -> None:
    for seen in events_in((RECORDINGS / str(path)).read_bytes()):
        fact = fact_of(seen, NOON)
        if fact is not None:
            assert f.from_body(type(fact).__name__, fact.at, f.to_body(fact)) == fact
