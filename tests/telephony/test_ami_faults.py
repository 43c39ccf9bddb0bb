"""Each fault of panoramisk 1.4 that was found by running it: shown on the bare library, absent from our link.

A test of a `bare` fault that fails means that panoramisk was mended: the cure on our side may then go.
"""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from asterisk_ami_mock import Misbehaviour, MockAsterisk
from support.bare import bare, bare_manager, never_done, silence
from support.links import link_to, linked, next_event, next_mark, until

from telephony.ami import LinkDown, LinkLimits, LinkUp
from telephony.errors import AmiDown, AmiInjection, AmiRefused, AmiTimeout, MissingHeader

NAME = "王小明"


@pytest.fixture
async def mock() -> AsyncIterator[MockAsterisk]:
    async with MockAsterisk() as running:
        yield running


def received(mock: MockAsterisk, action: str) -> int:
    return sum(request.get("Action") == action for request in mock.received)


# A character that two segments share.


async def test_bare_loses_characters_that_are_split_over_segments(mock: MockAsterisk) -> None:
    async with bare(mock) as manager:
        names: list[str] = []
        manager.register_event("Newchannel", lambda _, event: names.append(event.CallerIDName))
        mock.misbehaviour = Misbehaviour(segment=1)
        mock.say("Newchannel", CallerIDName=NAME)
        await until(lambda: names)
        assert names == [""]


@pytest.mark.parametrize("segment", [1, 2, 3, 7])
async def test_ours_keeps_characters_that_are_split_over_segments(
    mock: MockAsterisk, segment: int
) -> None:
    async with linked(mock) as link:
        mock.misbehaviour = Misbehaviour(segment=segment)
        mock.say("Newchannel", CallerIDName=NAME)
        assert (await next_event(link, "Newchannel"))["CallerIDName"] == NAME


# A reader that fails, or is slow.


async def test_bare_closes_the_connection_when_a_callback_raises(mock: MockAsterisk) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    async with bare(mock) as manager:
        manager.register_event("Hangup", fails)
        logins = received(mock, "Login")
        mock.say("Hangup")
        await until(lambda: received(mock, "Login") > logins)


async def test_ours_does_not_care_what_a_reader_does(mock: MockAsterisk) -> None:
    async with linked(mock) as link:
        mock.say("Hangup", Uniqueid="1")
        with pytest.raises(MissingHeader):
            (await next_event(link, "Hangup"))["Nothing"]
        mock.say("Hangup", Uniqueid="2")
        assert (await next_event(link, "Hangup"))["Uniqueid"] == "2"
        assert (link.metrics.reconnects, received(mock, "Login")) == (0, 1)


async def test_bare_runs_coroutine_callbacks_out_of_order(mock: MockAsterisk) -> None:
    seen: list[str] = []
    gates = {"1": asyncio.Event(), "2": asyncio.Event()}

    async def slow_for_the_first(_: Any, event: Any) -> None:
        if event.Uniqueid == "1":
            await gates["2"].wait()
        seen.append(event.Uniqueid)
        gates[event.Uniqueid].set()

    async with bare(mock) as manager:
        manager.register_event("Hangup", slow_for_the_first)
        mock.say("Hangup", Uniqueid="1")
        mock.say("Hangup", Uniqueid="2")
        await until(lambda: len(seen) == 2)
        assert seen == ["2", "1"]


async def test_ours_gives_events_in_order_however_slow_the_reader(mock: MockAsterisk) -> None:
    async with linked(mock) as link:
        for number in "123":
            mock.say("Hangup", Uniqueid=number)
        await until(lambda: link.backlog == 3)
        assert [(await next_event(link, "Hangup"))["Uniqueid"] for _ in "123"] == ["1", "2", "3"]


# A command without an answer, and a link that breaks meanwhile.


@pytest.mark.parametrize(("action", "times"), [("Originate", 2), ("Command", 3)])
async def test_bare_sends_unanswered_actions_again_after_a_reconnect(
    mock: MockAsterisk, action: str, times: int
) -> None:
    """Two phones ring, a command is done three times."""
    async with bare(mock) as manager:
        mock.misbehaviour = Misbehaviour(ignore={action.lower()})
        manager.send_action(
            {"Action": action, "Command": "x"} if times == 3 else {"Action": action}
        )
        await until(lambda: received(mock, action) == 1)
        mock.drop_all()
        await until(lambda: received(mock, action) == times)


@pytest.mark.parametrize("action", ["Originate", "Command"])
async def test_ours_sends_an_action_once_and_says_that_its_fate_is_unknown(
    mock: MockAsterisk, action: str
) -> None:
    async with linked(mock) as link:
        mock.misbehaviour = Misbehaviour(ignore={action.lower()})
        sent = asyncio.create_task(link.send(action, timeout=60, Command="x"))
        await until(lambda: received(mock, action) == 1)
        mock.drop_all()
        with pytest.raises(AmiDown):
            await asyncio.wait_for(sent, 5)
        await next_mark(link, LinkUp)
        await link.send("Ping")
        assert received(mock, action) == 1


async def test_bare_leaves_futures_open_when_the_link_breaks(mock: MockAsterisk) -> None:
    async with bare(mock, reconnect_timeout=60) as manager:
        mock.misbehaviour = Misbehaviour(ignore={"originate"})
        future = manager.send_action({"Action": "Originate"})
        await until(lambda: received(mock, "Originate") == 1)
        mock.drop_all()
        await until(lambda: not manager._connected)
        assert await never_done(future)


async def test_bare_waits_for_ever_for_an_answer(mock: MockAsterisk) -> None:
    async with bare(mock) as manager:
        mock.misbehaviour = Misbehaviour(ignore={"hangup"})
        assert await never_done(manager.send_action({"Action": "Hangup"}))


async def test_ours_gives_every_action_a_time_out(mock: MockAsterisk) -> None:
    async with linked(mock) as link:
        mock.misbehaviour = Misbehaviour(ignore={"hangup", "queuestatus"})
        with pytest.raises(AmiTimeout):
            await link.send("Hangup", timeout=0.05)
        with pytest.raises(AmiTimeout):
            await link.ask("QueueStatus", timeout=0.05)


async def test_ours_counts_an_answer_that_comes_too_late_and_does_not_mix_it_up(
    mock: MockAsterisk,
) -> None:
    async with linked(mock) as link:
        mock.misbehaviour = Misbehaviour(silent=True)
        with pytest.raises(AmiTimeout):
            await link.send("CoreStatus", timeout=0.05)
        mock.misbehaviour = Misbehaviour()
        assert (await link.send("Ping"))["Ping"] == "Pong"
        assert link.metrics.orphans == 1


# A half-open link, and coming back.


async def test_bare_never_notices_a_half_open_link(mock: MockAsterisk) -> None:
    async with bare(mock) as manager:
        mock.misbehaviour = Misbehaviour(silent=True)
        for _ in range(5):
            manager.ping()
            manager.pinger.cancel()
        pings = [action for action in manager.responses.values() if action["action"] == "Ping"]
        assert await never_done(pings[0].future)
        assert manager._connected


async def test_ours_notices_a_half_open_link_by_the_missing_pong(mock: MockAsterisk) -> None:
    async with linked(mock, ping_every=0.05, pong_within=0.1) as link:
        mock.misbehaviour = Misbehaviour(silent=True)
        assert (await next_mark(link, LinkDown)).reason == "no pong within 0.1 s"
        mock.misbehaviour = Misbehaviour()
        await next_mark(link, LinkUp)


async def test_ours_notices_a_half_open_link_also_while_asterisk_starts(mock: MockAsterisk) -> None:
    mock.booted = False
    link = link_to(mock, ping_every=0.05, pong_within=0.1)
    await link.start()
    await until(mock.signed_in.is_set)
    mock.misbehaviour = Misbehaviour(silent=True)
    assert (await next_mark(link, LinkDown)).reason == "no pong within 0.1 s"
    await link.close()


def test_ours_notices_a_half_open_link_within_15_seconds_as_shipped() -> None:
    shipped = LinkLimits()
    assert shipped.ping_every + shipped.pong_within <= 15


class Knocks:
    """A server that closes every connection at once and notes the times."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def gaps(self) -> list[float]:
        return [later - earlier for earlier, later in pairwise(self.times)]

    async def __call__(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.times.append(asyncio.get_running_loop().time())
        writer.close()
        await writer.wait_closed()


async def test_bare_comes_back_at_a_fixed_pace_for_ever(mock: MockAsterisk) -> None:
    manager = bare_manager(mock)
    pauses: list[float] = []
    manager.loop = asyncio.get_running_loop()
    manager.loop.call_later, real = (
        (lambda pause, *_: pauses.append(pause)),
        manager.loop.call_later,
    )
    for _ in range(5):
        manager.connection_lost(None)
    manager.loop.call_later = real
    assert pauses == [0] * 5
    assert bare_manager(mock, reconnect_timeout=2).reconnect_timeout == 2


async def test_ours_comes_back_ever_slower_and_never_in_step(mock: MockAsterisk) -> None:
    knocks = Knocks()
    async with await asyncio.start_server(knocks, "127.0.0.1", 0) as server:
        mock.port = server.sockets[0].getsockname()[1]
        link = link_to(mock, retry_first=0.01, retry_most=10.0)
        await link.start()
        await until(lambda: len(knocks.times) >= 7)
        await link.close()
    gaps = knocks.gaps()
    assert gaps[-1] > 4 * gaps[0]
    ratios = {round(later / earlier, 3) for earlier, later in pairwise(gaps)}
    assert len(ratios) > 1


# Answers of Asterisk 22 that panoramisk does not understand.


async def test_bare_waits_for_ever_after_a_queue_add_that_worked(mock: MockAsterisk) -> None:
    async with bare(mock) as manager:
        future = manager.send_action(
            {"Action": "QueueAdd", "Queue": "hotline", "Interface": "PJSIP/seat01"}
        )
        await until(lambda: mock.world.queues["hotline"])
        assert await never_done(future)


async def test_ours_takes_the_answer_to_a_queue_add(mock: MockAsterisk) -> None:
    async with linked(mock) as link:
        answer = await link.send("QueueAdd", Queue="hotline", Interface="PJSIP/seat01")
        assert answer.message == "Added interface to queue"


async def test_bare_breaks_at_the_answer_to_an_originate_without_async(mock: MockAsterisk) -> None:
    async with bare(mock) as manager:
        logins = received(mock, "Login")
        future = manager.send_action({"Action": "Originate", "Channel": "Local/100@test"})
        await until(lambda: received(mock, "Login") > logins)
        assert await never_done(future)


async def test_ours_takes_the_answer_to_an_originate_without_async(mock: MockAsterisk) -> None:
    async with linked(mock) as link:
        answer = await link.send("Originate", Channel="Local/100@test")
        assert answer.message == "Originate successfully queued"


async def test_bare_hangs_when_a_list_is_answered_with_an_error(mock: MockAsterisk) -> None:
    async with bare(mock) as manager:
        assert await never_done(manager.send_action({"Action": "PJSIPShowContacts"}, as_list=True))


async def test_ours_raises_when_a_list_is_answered_with_an_error(mock: MockAsterisk) -> None:
    async with linked(mock) as link:
        with pytest.raises(AmiRefused, match="No Contacts found"):
            await asyncio.wait_for(link.ask("PJSIPShowContacts"), 5)


# What goes out.


async def test_bare_lets_a_value_smuggle_a_second_command(mock: MockAsterisk) -> None:
    async with bare(mock) as manager:
        manager.send_action({"Action": "Ping", "Name": "x\r\n\r\nAction: Hangup\r\nChannel: y"})
        await until(lambda: received(mock, "Hangup"))


async def test_ours_refuses_a_value_that_would_smuggle_a_second_command(mock: MockAsterisk) -> None:
    """spec/telephony.md 12: no header injection through names, variables or numbers."""
    async with linked(mock) as link:
        with pytest.raises(AmiInjection):
            await link.send("Ping", Name="x\r\n\r\nAction: Hangup\r\nChannel: y")
        await link.send("Ping")
        assert not received(mock, "Hangup")


# A wrong password.


async def test_bare_retries_a_wrong_password_for_ever_even_after_close(mock: MockAsterisk) -> None:
    manager = bare_manager(mock, secret="wrong")
    manager.connect()
    await until(lambda: received(mock, "Login") >= 3)
    await until(lambda: not manager._connected)
    manager.close()
    tried = received(mock, "Login")
    await until(lambda: received(mock, "Login") >= tried + 3)
    await silence(manager, mock)


async def test_ours_retries_a_wrong_password_slowly_and_never_after_close(
    mock: MockAsterisk,
) -> None:
    link = link_to(mock, secret="wrong", retry_refused=0.2)
    await link.start()
    down = await next_mark(link, LinkDown)
    assert "Authentication failed" in down.reason
    await until(lambda: received(mock, "Login") == 2)
    assert link.try_intake() is None  # the same reason is told once
    await link.close()
    with pytest.raises(AmiDown):
        await link.wait_connected(0.5)
    assert received(mock, "Login") == 2


# What comes in.


async def test_bare_reads_a_missing_header_as_an_empty_text(mock: MockAsterisk) -> None:
    async with bare(mock) as manager:
        names: list[str] = []
        manager.register_event("Newchannel", lambda _, event: names.append(event.CalerIDName))
        mock.say("Newchannel", CallerIDName=NAME)
        await until(lambda: names)
        assert names == [""]


async def test_ours_raises_on_a_missing_header(mock: MockAsterisk) -> None:
    async with linked(mock) as link:
        mock.say("Newchannel", CallerIDName=NAME)
        event = await next_event(link, "Newchannel")
        with pytest.raises(MissingHeader):
            event["CalerIDName"]
        assert event.get("CalerIDName", "none") == "none"


async def test_bare_swallows_a_frame_without_end(mock: MockAsterisk) -> None:
    async with bare(mock) as manager:
        mock.send_raw(b"Event: Hangup\r\nJunk: " + b"x" * 3_000_000)
        await until(lambda: sum(map(len, manager.protocol.queue)) > 3_000_000)
        assert manager._connected


async def test_ours_drops_the_link_at_a_frame_over_the_limit(mock: MockAsterisk) -> None:
    async with linked(mock, frame=10_000) as link:
        mock.send_raw(b"Event: Hangup\r\nJunk: " + b"x" * 3_000_000)
        assert (await next_mark(link, LinkDown)).reason == "frame over 10000 bytes"
        await next_mark(link, LinkUp)
