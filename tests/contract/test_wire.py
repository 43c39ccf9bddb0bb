"""The bytes themselves, spoken without our link: what any AMI client sees."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from asterisk import manager
from support.peer import Peer


class Raw:
    """A client that writes lines and reads frames, nothing else."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def line(self) -> bytes:
        return await asyncio.wait_for(self._reader.readline(), 5)

    async def frame(self) -> list[str]:
        text = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 5)
        return text.decode().strip("\r\n").split("\r\n")

    async def answer(self) -> list[str]:
        """Return the next frame that is no event."""
        while True:
            frame = await self.frame()
            if not frame[0].startswith("Event:"):
                return frame

    async def say(self, *lines: str) -> list[str]:
        self.writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        return await self.answer()


@pytest.fixture
async def raw(peer: Peer) -> AsyncIterator[Raw]:
    reader, writer = await asyncio.open_connection(peer.host, peer.port)
    client = Raw(reader, writer)
    assert (await client.line()).startswith(b"Asterisk Call Manager/")
    yield client
    writer.close()
    await writer.wait_closed()


async def sign_in(raw: Raw, peer: Peer, *more: str) -> None:
    answer = await raw.say(
        "Action: Login", f"Username: {peer.user}", f"Secret: {peer.secret}", "ActionID: in", *more
    )
    assert answer == ["Response: Success", "ActionID: in", "Message: Authentication accepted"]


async def test_fully_booted_follows_every_sign_in_and_carries_the_uptime(
    raw: Raw, peer: Peer
) -> None:
    await sign_in(raw, peer)
    names = [line.partition(":")[0] for line in await raw.frame()]
    assert names == ["Event", "Privilege", "Uptime", "LastReload", "Status"]


async def test_before_sign_in_nothing_is_done(raw: Raw) -> None:
    answer = await raw.say("Action: QueueStatus", "ActionID: 1")
    assert answer == ["Response: Error", "ActionID: 1", "Message: Permission denied"]


async def test_a_wrong_password_gets_an_error_and_the_connection_is_closed(
    raw: Raw, peer: Peer
) -> None:
    answer = await raw.say("Action: Login", f"Username: {peer.user}", "Secret: no", "ActionID: 1")
    assert answer == ["Response: Error", "ActionID: 1", "Message: Authentication failed"]
    assert await raw.line() == b""


@pytest.mark.parametrize("action_id", ["1", "会话-7", "a b/c:d"])
async def test_the_action_id_comes_back_as_it_was_sent(
    raw: Raw, peer: Peer, action_id: str
) -> None:
    await sign_in(raw, peer, "Events: off")
    assert (await raw.say("Action: Ping", f"ActionID: {action_id}"))[1] == f"ActionID: {action_id}"
    assert (await raw.say("Action: Nope", f"ActionID: {action_id}"))[1] == f"ActionID: {action_id}"


async def test_an_action_without_a_name_and_a_line_too_long_are_errors(
    raw: Raw, peer: Peer
) -> None:
    await sign_in(raw, peer, "Events: off")
    assert await raw.say("ActionID: 1") == [
        "Response: Error",
        "ActionID: 1",
        "Message: Missing action in request",
    ]
    too_long = await raw.say("Action: Ping", f"ActionID: {'x' * 1100}")
    assert too_long == ["Response: Error", "Message: Failed to parse message: line too long"]
    assert (await raw.say("Action: Ping", "ActionID: 2"))[:2] == [
        "Response: Success",
        "ActionID: 2",
    ]


async def test_a_list_is_framed_by_start_and_complete_under_one_action_id(
    raw: Raw, peer: Peer
) -> None:
    await sign_in(raw, peer, "Events: off")
    start = await raw.say("Action: QueueStatus", f"Queue: {peer.queue}", "ActionID: q")
    assert start == [
        "Response: Success", "ActionID: q", "EventList: start", "Message: Queue status will follow",
    ]  # fmt: skip
    params = await raw.frame()
    assert [line.partition(":")[0] for line in params] == [
        *("Event", "Queue", "Max", "Strategy", "Calls", "Holdtime", "TalkTime", "Completed"),
        *(
            "Abandoned",
            "ServiceLevel",
            "ServicelevelPerf",
            "ServicelevelPerf2",
            "Weight",
            "ActionID",
        ),
    ]
    complete = ["Event: QueueStatusComplete", "ActionID: q", "EventList: Complete", "ListItems: 1"]
    assert await raw.frame() == complete


async def test_an_empty_list_of_contacts_is_an_error(raw: Raw, peer: Peer) -> None:
    await sign_in(raw, peer, "Events: off")
    answer = await raw.say("Action: PJSIPShowContacts", "ActionID: c")
    assert answer == ["Response: Error", "ActionID: c", "Message: No Contacts found"]


async def test_events_can_be_switched_off_and_on(raw: Raw, peer: Peer) -> None:
    await sign_in(raw, peer, "Events: off")
    await raw.say("Action: UserEvent", "UserEvent: Unheard", "ActionID: 1")
    assert (await raw.say("Action: Events", "EventMask: on", "ActionID: 2"))[-1] == "Events: On"
    await raw.say("Action: UserEvent", "UserEvent: Heard", "ActionID: 3")
    event = await raw.frame()
    assert "UserEvent: Heard" in event
    assert "ActionID: 3" in event


async def test_logging_off_says_goodbye_and_closes(raw: Raw, peer: Peer) -> None:
    await sign_in(raw, peer, "Events: off")
    goodbye = await raw.say("Action: Logoff", "ActionID: 9")
    assert goodbye == ["Response: Goodbye", "ActionID: 9", "Message: Thanks for all the fish."]
    assert await raw.line() == b""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pyst2 names its threads the old way
async def test_an_independent_client_pyst2_can_talk_to_it(peer: Peer) -> None:
    def session() -> tuple[str, list[str]]:
        client = manager.Manager()
        client.connect(peer.host, peer.port)
        try:
            client.login(peer.user, peer.secret)
            words = [
                client.ping().headers["Ping"],
                client.send_action({"Action": "QueueAdd", "Queue": peer.queue, "Interface": "PJSIP/seat02"}),
                client.send_action({"Action": "QueueRemove", "Queue": peer.queue, "Interface": "PJSIP/seat02"}),
                client.hangup("PJSIP/none-1").headers["Message"],
            ]  # fmt: skip
            return client.title, [str(word) for word in words]
        finally:
            leave(client)

    title, words = await asyncio.to_thread(session)
    assert title == "Asterisk Call Manager"
    assert words == ["Pong", "Success", "Success", "No such channel"]


def leave(client: manager.Manager) -> None:
    """Sign off. pyst2's reader may see the far side close before the farewell is flushed: then only tidy up."""
    try:
        client.close()
    except (ValueError, manager.ManagerSocketException):
        for _ in range(500):
            if not client.connected():
                break
            time.sleep(0.01)
        client.close()
