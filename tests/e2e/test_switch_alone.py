"""The switch without Python: what a caller gets when nothing but Asterisk runs."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support.ami_line import AmiLine, ami_line, value
from support.audio import until_heard, until_packets, until_sound
from support.hotline import until
from support.phones import citizen, seat_phone

from telephony.own_asterisk import OwnAsterisk
from telephony.sip_call import CallEndedEarly
from telephony.sip_media import tone
from telephony.sip_phone import Refused, SipPhone


@asynccontextmanager
async def member(ami: AmiLine, endpoint: str) -> AsyncIterator[None]:
    interface = f"PJSIP/{endpoint}"
    await ami.say("QueueAdd", Queue="hotline", Interface=interface, StateInterface=interface)
    await ami.until("Event: QueueMemberAdded", interface)
    yield
    await ami.say("QueueRemove", Queue="hotline", Interface=interface)
    await ami.until("Event: QueueMemberRemoved", interface)


async def test_without_an_agi_server_a_caller_reaches_a_person_and_both_hear_each_other(
    asterisk: OwnAsterisk,
) -> None:
    """X97, spec telephony 3: a caller is never dropped because Python is down."""
    async with (
        ami_line(asterisk) as ami,
        seat_phone(asterisk, "seat03", hertz=650) as seat,
        member(ami, "seat03"),
        citizen(asterisk, "13900000001") as caller,
    ):
        call = await caller.dial("12345")
        call.media.playing = tone(440)
        await call.until_answered()
        offered = await seat.next_call()
        await offered.until_answered()
        await until_heard(call.media, 650)
        await until_heard(offered.media, 440)
        inbound = await ami.until("UserEvent: CallInbound")
        fallback = await ami.until("UserEvent: CallFallback")
        connected = await ami.until("Event: AgentConnect")
        call_id = value(inbound, "CallID")
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", call_id
        )
        assert (value(inbound, "Caller"), value(inbound, "Dnid")) == ("13900000001", "12345")
        assert (value(fallback, "CallID"), value(fallback, "Reason")) == (call_id, "failed")
        assert value(connected, "Uniqueid").startswith("hotline-")
        assert offered.header("X-Hotline-Call") == call_id
        assert offered.caller_number == "13900000001"
        assert ami.count("Event: BridgeEnter", f"ChanVariable: CALL_UUID={call_id}") == 2
        await call.hang_up()
        await offered.until_ended()


async def test_the_conversation_is_recorded_under_the_day_and_the_calls_id(
    asterisk: OwnAsterisk,
) -> None:
    """Path fixed at the start by the call's id; only what was said in the bridge is in the file."""
    async with (
        ami_line(asterisk) as ami,
        seat_phone(asterisk, "seat03", hertz=650) as seat,
        member(ami, "seat03"),
        citizen(asterisk) as caller,
    ):
        call = await caller.dial("2881111")
        await (await seat.next_call()).until_answered()
        await until_heard(call.media, 650)
        recording = await ami.until("UserEvent: CallRecording")
        await call.hang_up()
        await ami.until("Event: Hangup", "Channel: PJSIP/trunk")
    path, call_id = value(recording, "Path"), value(recording, "CallID")
    assert re.fullmatch(rf"20\d\d/\d\d/\d\d/{call_id}\.wav", path)
    assert (asterisk.paths.recordings / path).stat().st_size > 44
    row = f"|{value(recording, 'Uniqueid')}|hotline|PJSIP/seat03|CONNECT|"
    assert row in asterisk.paths.queue_log.read_text()


async def test_a_silent_agi_server_costs_the_caller_a_few_seconds_and_no_more(
    asterisk: OwnAsterisk,
) -> None:
    """Accepts the connection and says nothing: the absolute time-out leads to the fallback."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", asterisk.settings.agi_port)
    async with server, ami_line(asterisk) as ami, citizen(asterisk) as caller:
        call = await caller.dial("12345")
        fallback = await ami.until("UserEvent: CallFallback", within=8)
        assert value(fallback, "Reason") == "silent"
        await call.until_answered()
        # Longer than the time-out: it must not strike a second time.
        outcome = await ami.until("UserEvent: CallOutcome", within=8)
        assert value(outcome, "Outcome") == "left_empty"


async def test_an_agi_server_that_hangs_up_without_a_decision_leads_to_the_fallback(
    asterisk: OwnAsterisk,
) -> None:
    async def go_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\n\n")
        writer.close()

    server = await asyncio.start_server(go_away, "127.0.0.1", asterisk.settings.agi_port)
    async with server, ami_line(asterisk) as ami, citizen(asterisk) as caller:
        await caller.dial("12345")
        fallback = await ami.until("UserEvent: CallFallback", within=8)
        assert value(fallback, "Reason") in {"failed", "undecided"}


async def test_key_9_in_the_fallback_goes_before_all_other_callers(asterisk: OwnAsterisk) -> None:
    async with (
        ami_line(asterisk) as ami,
        seat_phone(asterisk, "seat01", "ring"),
        member(ami, "seat01"),
        citizen(asterisk, "13900000001") as first,
        citizen(asterisk, "13900000002") as second,
    ):
        for phone in (first, first):
            await phone.dial("12345")
        await ami.until("Event: QueueCallerJoin", "Position: 2", within=20)
        urgent = await second.dial("12345")
        await urgent.until_answered()
        await urgent.press("9")
        menu = await ami.until("UserEvent: CallMenu", "Menu: emergency")
        assert value(menu, "Emergency") == "1"
        joined = await ami.until("Event: QueueCallerJoin", "CallerIDNum: 13900000002")
        assert value(joined, "Position") == "1"


async def test_with_nobody_staffed_the_caller_leaves_a_message(asterisk: OwnAsterisk) -> None:
    async with ami_line(asterisk) as ami, citizen(asterisk) as caller:
        call = await caller.dial("12345")
        outcome = await ami.until("UserEvent: CallOutcome")
        assert value(outcome, "Outcome") == "left_empty"
        call.media.playing = tone(440)
        await until_packets(call.media, seconds=1.5)
        await call.press("#")
        message = await ami.until("UserEvent: CallMessage")
        await call.until_ended()
    call_id = value(outcome, "CallID")
    assert re.fullmatch(rf"messages/20\d\d/\d\d/\d\d/{call_id}\.wav", value(message, "Path"))
    assert (asterisk.paths.recordings / value(message, "Path")).stat().st_size > 8000


async def test_a_caller_who_waited_too_long_is_told_and_counted_as_timed_out(
    asterisk: OwnAsterisk,
) -> None:
    await asterisk.console("dialplan set global HOTLINE_LONGEST_WAIT 2")
    try:
        async with (
            ami_line(asterisk) as ami,
            seat_phone(asterisk, "seat01", "ring"),
            member(ami, "seat01"),
            citizen(asterisk) as caller,
        ):
            await caller.dial("12345")
            outcome = await ami.until("UserEvent: CallOutcome", within=25)
            assert value(outcome, "Outcome") == "timed_out"
    finally:
        await asterisk.console("dialplan set global HOTLINE_LONGEST_WAIT 1800")


@asynccontextmanager
async def dialplan_global(asterisk: OwnAsterisk, name: str, value: int) -> AsyncIterator[None]:
    before = await asterisk.console("dialplan show globals")
    shipped = re.search(rf"\b{name}=(\d+)", before)
    assert shipped is not None
    await asterisk.console(f"dialplan set global {name} {value}")
    yield
    await asterisk.console(f"dialplan set global {name} {shipped[1]}")


async def test_without_python_members_who_went_home_keep_no_caller_waiting(
    asterisk: OwnAsterisk,
) -> None:
    """Nobody removes them from the queue: after a look the caller is told, and may leave a message."""
    async with (
        dialplan_global(asterisk, "HOTLINE_ALONE_LOOK", 2),
        ami_line(asterisk) as ami,
        member(ami, "seat02"),
        citizen(asterisk) as caller,
    ):
        call = await caller.dial("12345")
        await ami.until("Event: QueueCallerJoin")
        outcome = await ami.until("UserEvent: CallOutcome", within=15)
        assert value(outcome, "Outcome") == "left_empty"
        await until_packets(call.media, seconds=1.5)
        await call.press("#")
        await ami.until("UserEvent: CallMessage")
        await call.until_ended()


async def test_without_python_a_caller_waits_on_while_a_seat_is_there_and_keeps_his_turn(
    asterisk: OwnAsterisk,
) -> None:
    async with (
        dialplan_global(asterisk, "HOTLINE_ALONE_LOOK", 2),
        ami_line(asterisk) as ami,
        seat_phone(asterisk, "seat01", "ring"),
        member(ami, "seat01"),
        citizen(asterisk, "13900000001") as first,
        citizen(asterisk, "13900000002") as second,
    ):
        await first.dial("12345")
        await joined(ami, "13900000001", times=2)
        await second.dial("12345")
        await joined(ami, "13900000002", times=1)
        before = ami.count("Event: QueueCallerJoin", "CallerIDNum: 13900000001")
        await joined(ami, "13900000001", times=before + 1)
        joins = [frame for frame in ami.frames if b"Event: QueueCallerJoin" in frame]
        last = [frame for frame in joins if b"CallerIDNum: 13900000001" in frame][-1]
        assert value(last, "Position") == "1"
        assert ami.count("UserEvent: CallOutcome") == 0


async def joined(ami: AmiLine, number: str, times: int) -> None:
    """Wait until the caller has joined the queue so many times."""

    async def often_enough() -> bool:
        return ami.count("Event: QueueCallerJoin", f"CallerIDNum: {number}") >= times

    await until(often_enough, within=20, what=f"{number} joined {times} times")


async def test_a_waiting_caller_hears_that_the_line_lives(asterisk: OwnAsterisk) -> None:
    async with (
        ami_line(asterisk) as ami,
        seat_phone(asterisk, "seat01", "ring"),
        member(ami, "seat01"),
        citizen(asterisk) as caller,
    ):
        call = await caller.dial("12345")
        await ami.until("Event: QueueCallerJoin")
        call.media.forget()
        await until_sound(call.media)


async def test_a_seat_whose_page_reloads_keeps_its_waiting_callers(asterisk: OwnAsterisk) -> None:
    """Two-seat nights: unreachable for a moment is still staffed; only removal empties the queue."""
    async with ami_line(asterisk) as ami, citizen(asterisk) as caller:
        async with member(ami, "seat02"):
            call = await caller.dial("12345")
            await ami.until("Event: QueueCallerJoin")
            async with seat_phone(asterisk, "seat02") as seat:
                await (await seat.next_call()).until_answered()
                await call.hang_up()
        assert ami.count("UserEvent: CallOutcome") == 0


@pytest.mark.parametrize("number", ["110", "13900000009", "hotline", "s", "123456"])
async def test_a_number_that_is_not_ours_is_refused(asterisk: OwnAsterisk, number: str) -> None:
    async with citizen(asterisk) as caller:
        call = await caller.dial(number)
        with pytest.raises(CallEndedEarly):
            await call.until_answered()
        assert call.status == 404


@pytest.mark.parametrize("number", ["13900000009", "110", "12345", "seat02", "s"])
async def test_a_seat_cannot_dial_out(asterisk: OwnAsterisk, number: str) -> None:
    """No toll fraud: the operators' phones answer, and dial nothing but the echo test."""
    async with seat_phone(asterisk, "seat01") as seat:
        call = await seat.dial(number)
        with pytest.raises(CallEndedEarly):
            await call.until_answered()
        assert call.status == 404


async def test_a_wrong_password_registers_nobody(asterisk: OwnAsterisk) -> None:
    s = asterisk.settings
    async with SipPhone("seat01", server=(s.sip_host, s.sip_port), secret="guessed") as phone:
        with pytest.raises(Refused):
            await phone.register()


async def test_a_chinese_name_arrives_whole_in_the_bytes_of_ami_and_on_the_seat(
    asterisk: OwnAsterisk,
) -> None:
    async with (
        ami_line(asterisk) as ami,
        seat_phone(asterisk, "seat03") as seat,
        member(ami, "seat03"),
        citizen(asterisk, "13900000001", name="王小明") as caller,
    ):
        await caller.dial("12345")
        inbound = await ami.until("UserEvent: CallInbound")
        assert "CallerName: 王小明\r\n".encode() in inbound
        assert "CallerIDName: 王小明\r\n".encode() in await ami.until("Event: AgentCalled")
        assert "王小明" in (await seat.next_call()).header("From")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a,Dnid: 999", "aDnid: 999"),
        ('王"小"明;x', "王小明;x"),
        ("${SHELL(id)}", "${SHELL(id)}"),
        ("back\\slash", "backslash"),
    ],
)
async def test_a_callers_name_cannot_add_a_header_or_run_anything(
    asterisk: OwnAsterisk, name: str, shown: str
) -> None:
    async with ami_line(asterisk) as ami, citizen(asterisk, name=name) as caller:
        call = await caller.dial("12345")
        inbound = await ami.until("UserEvent: CallInbound")
        assert (value(inbound, "CallerName"), value(inbound, "Dnid")) == (shown, "12345")
        assert inbound.count(b"\r\nDnid:") == 1
        await call.hang_up()


async def test_a_callers_number_cannot_add_a_header(asterisk: OwnAsterisk) -> None:
    async with ami_line(asterisk) as ami, citizen(asterisk, "139%0D%0ADnid:%20999") as caller:
        call = await caller.dial("12345")
        inbound = await ami.until("UserEvent: CallInbound")
        assert value(inbound, "Caller").isdigit()
        assert value(inbound, "Dnid") == "12345"
        await call.hang_up()


async def test_ami_refuses_what_the_hotline_never_does(asterisk: OwnAsterisk) -> None:
    async with ami_line(asterisk) as ami:
        await ami.say("Command", ActionID="c", Command="core stop now")
        assert b"Permission denied" in await ami.until("ActionID: c")
        await ami.say(
            "UpdateConfig", ActionID="g", SrcFilename="manager.conf", DstFilename="x.conf"
        )
        assert b"Permission denied" in await ami.until("ActionID: g")
        assert ami.count("Event: VarSet") == ami.count("Event: Newexten") == 0


async def test_a_seat_may_test_its_headset_against_the_echo(asterisk: OwnAsterisk) -> None:
    async with seat_phone(asterisk, "seat01") as seat:
        call = await seat.dial("*43")
        call.media.playing = tone(520)
        await call.until_answered()
        await until_heard(call.media, 520)
        await call.hang_up()
