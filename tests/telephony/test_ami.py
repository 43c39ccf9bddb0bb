"""The link to Asterisk, against the fake: intake, commands, coming back."""

import asyncio

import pytest
from asterisk_ami_mock import Misbehaviour, MockAsterisk
from support.links import link_to, linked, next_event, next_mark, until

from telephony.ami import LinkDown, LinkUp
from telephony.errors import AmiDown, AmiInjection, AmiRefused, AmiTimeout, MissingHeader


async def test_events_arrive_in_order_behind_the_link_up() -> None:
    async with MockAsterisk() as mock:
        link = link_to(mock)
        await link.start()
        assert isinstance(await link.intake(), LinkUp)
        for number in range(100):
            mock.say("Newstate", Uniqueid=str(number))
        got = [(await next_event(link, "Newstate"))["Uniqueid"] for _ in range(100)]
        await link.close()
    assert got == [str(number) for number in range(100)]


async def test_unwanted_events_are_dropped_and_counted() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        before = link.metrics.unwanted
        for _ in range(5):
            mock.say("VarSet", Variable="X")
        mock.say("Hangup", Uniqueid="1")
        assert (await next_event(link, "Hangup"))["uniqueid"] == "1"
        assert (link.metrics.unwanted - before, link.metrics.events, link.backlog) == (5, 1, 0)


async def test_lag_is_our_clock_minus_the_timestamp_of_the_event() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.say("Hangup", Uniqueid="1")
        await next_event(link, "Hangup")
        assert 0 <= link.metrics.lag < 1


async def test_a_missing_header_raises_and_says_which() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.say("Hangup", Uniqueid="1")
        event = await next_event(link, "Hangup")
    with pytest.raises(MissingHeader, match="Hangup has no Uniqeid"):
        event["Uniqeid"]


async def test_a_list_does_not_enter_the_intake() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        rows = await link.ask("QueueStatus", Queue="hotline")
        assert [row.name for row in rows] == ["QueueParams"]
        assert link.try_intake() is None


async def test_the_answer_to_a_question_can_be_placed_among_the_events() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.say("Hangup", Uniqueid="before")
        rows = await link.ask("QueueStatus")
        mock.say("Hangup", Uniqueid="after")
        before = await next_event(link, "Hangup")
        after = await next_event(link, "Hangup")
    assert before.seq < rows[0].seq < after.seq


async def test_an_action_without_an_answer_times_out_and_the_link_lives_on() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.misbehaviour = Misbehaviour(ignore={"hangup"})
        with pytest.raises(AmiTimeout, match="Hangup within"):
            await link.send("Hangup", timeout=0.05, Channel="x")
        assert (await link.send("Ping"))["Ping"] == "Pong"


async def test_a_list_action_that_is_none_is_refused_instead_of_read_as_empty() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        with pytest.raises(AmiRefused, match="not a list"):
            await link.ask("Ping")


async def test_a_plain_send_of_a_list_action_does_not_wait_for_the_list() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        assert (await link.send("QueueStatus")).message == "Queue status will follow"
        assert (await link.send("Ping"))["Ping"] == "Pong"


async def test_before_the_link_is_up_every_command_fails_at_once() -> None:
    async with MockAsterisk() as mock:
        link = link_to(mock)
        with pytest.raises(AmiDown):
            await link.send("Ping")
        with pytest.raises(AmiDown), link.expect("Hangup"):
            pass


async def test_a_blink_is_told_from_a_restart() -> None:
    """Facts 5: FullyBooted comes on every login, so only Asterisk's start-up time tells."""
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.drop_all()
        await next_mark(link, LinkDown)
        assert not (await next_mark(link, LinkUp)).restarted
        await mock.restart()
        await next_mark(link, LinkDown)
        assert (await next_mark(link, LinkUp)).restarted
        assert link.metrics.reconnects == 2


async def test_the_link_waits_until_asterisk_has_loaded_its_modules() -> None:
    async with MockAsterisk() as mock:
        mock.booted = False
        link = link_to(mock)
        await link.start()
        await until(mock.signed_in.is_set)
        assert not link.connected
        mock.finish_booting()
        assert isinstance(await link.intake(), LinkUp)
        await link.close()


async def test_the_reader_is_told_once_that_asterisk_is_not_there() -> None:
    mock = MockAsterisk()
    await mock.start()
    await mock.close()
    link = link_to(mock)
    await link.start()
    await next_mark(link, LinkDown)
    await mock.start()
    assert isinstance(await link.intake(), LinkUp)
    await link.close()
    await mock.close()


async def test_an_overflow_drops_the_link_and_resyncs_instead_of_losing_silently() -> None:
    async with MockAsterisk() as mock, linked(mock, intake=50) as link:
        for number in range(80):
            mock.say("Newstate", Uniqueid=str(number))
        await until(lambda: link.metrics.overflows)
        got = [(await next_event(link, "Newstate"))["Uniqueid"] for _ in range(50)]
        assert got == [str(number) for number in range(50)]
        assert (await next_mark(link, LinkDown)).reason == "the reader of events is too slow"
        await next_mark(link, LinkUp)


async def test_a_full_intake_is_not_connected_again_before_it_is_read() -> None:
    async with MockAsterisk() as mock, linked(mock, intake=10) as link:
        for _ in range(11):
            mock.say("Newstate")
        await until(lambda: link.metrics.overflows and not mock.connections)
        tried = len(mock.received)
        with pytest.raises(AmiDown):
            await link.wait_connected(0.3)
        assert len(mock.received) == tried
        await next_mark(link, LinkUp)


async def test_an_expected_event_is_seen_and_still_enters_the_intake() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        with link.expect("Hangup", Uniqueid="2") as seen:
            mock.say("Hangup", Uniqueid="1")
            mock.say("Hangup", Uniqueid="2")
            assert (await asyncio.wait_for(seen, 5))["Uniqueid"] == "2"
        assert [(await next_event(link, "Hangup"))["Uniqueid"] for _ in range(2)] == ["1", "2"]


async def test_an_expectation_fails_when_the_link_breaks() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        with link.expect("Hangup") as seen:
            mock.drop_all()
            with pytest.raises(AmiDown):
                await asyncio.wait_for(seen, 5)


@pytest.mark.parametrize(
    "value", ["a\r\nAction: Logoff", "a\nb", "a\rb", "a\0b", "x" * 1001, "\ud800"]
)
async def test_what_ami_cannot_carry_is_refused_before_a_byte_is_sent(value: str) -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        sent = len(mock.received)
        with pytest.raises(AmiInjection):
            await link.send("QueueAdd", Queue="hotline", Interface=value)
        with pytest.raises(AmiInjection):
            await link.send("Originate", Variable=["A=b", value])
        with pytest.raises(AmiInjection):
            await link.send("Ping", **{value: "x"})
        with pytest.raises(AmiInjection):
            await link.send(value)
        await link.send("Ping")
        assert len(mock.received) == sent + 1


async def test_a_repeated_header_is_sent_once_per_value() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        await link.send("Originate", Channel="Local/1@x", Async="true", Variable=["A=1", "B=2"])
        assert mock.received[-1].get_all("Variable") == ["A=1", "B=2"]


async def test_after_close_nothing_is_tried_and_nothing_waits() -> None:
    async with MockAsterisk() as mock, linked(mock) as link:
        mock.misbehaviour = Misbehaviour(ignore={"hangup"})
        waiting = asyncio.create_task(link.send("Hangup", Channel="x"))
        await until(lambda: mock.received[-1].get("Action") == "Hangup")
        with link.expect("Hangup") as seen:
            await link.close()
            for waits in (waiting, seen):
                with pytest.raises(AmiDown):
                    await asyncio.wait_for(waits, 5)
        await until(lambda: not mock.connections)
        assert not link.connected
