"""What a caller looks like in the lists, and how a call is ended by AMI."""

import asyncio

import pytest
from support.links import next_event
from support.peer import Peer

from telephony.ami import AmiLink
from telephony.switch import Channel, Switch, Waiting

CHANNEL = [
    *("event", "channel", "channelstate", "channelstatedesc", "calleridnum", "calleridname"),
    *("connectedlinenum", "connectedlinename", "language", "accountcode", "context", "exten"),
    *("priority", "uniqueid", "linkedid", "chanvariable", "application", "applicationdata"),
    *("duration", "bridgeid"),
]
ENTRY = [
    *("event", "queue", "position", "channel", "uniqueid", "calleridnum", "calleridname"),
    *("connectedlinenum", "connectedlinename", "wait", "priority"),
]


@pytest.fixture
def switch(peer: Peer, link: AmiLink) -> Switch:
    return Switch(link, queue=peer.queue)


async def waiting_caller(switch: Switch, link: AmiLink) -> tuple[Channel, Waiting]:
    """Return the caller once he is in the queue, as a channel and as an entry."""
    await next_event(link, "QueueCallerJoin", limit=20)
    (channel,) = await switch.channels()
    (entry,) = await switch.queue_entries()
    return channel, entry


async def test_a_waiting_caller_is_one_channel_and_one_entry(
    peer: Peer, switch: Switch, link: AmiLink
) -> None:
    async with peer.caller():
        channel, entry = await waiting_caller(switch, link)
        assert channel.uniqueid == entry.uniqueid
        assert channel.name == entry.channel
        assert (entry.position, entry.caller, entry.caller_name) == (1, "13900000001", "王小明")
        assert (channel.caller, channel.caller_name) == ("13900000001", "王小明")
        assert len(channel.call_id) == 36
        assert await switch.call_channels(channel.call_id) == [channel.name]
    await next_event(link, "Hangup", limit=20)
    assert await switch.queue_entries() == []


async def test_the_rows_of_a_waiting_caller_have_these_headers(
    peer: Peer, switch: Switch, link: AmiLink
) -> None:
    async with peer.caller():
        await waiting_caller(switch, link)
        (channel,) = await link.ask("CoreShowChannels")
        rows = await link.ask("QueueStatus", Queue=peer.queue)
        entry = rows[-1]
        for row, expected in ((channel, CHANNEL), (entry, ENTRY)):
            assert [name for name, _ in row.headers() if name != "actionid"] == expected


async def test_a_channel_is_hung_up_with_its_cause(
    peer: Peer, switch: Switch, link: AmiLink
) -> None:
    async with peer.caller():
        channel, _ = await waiting_caller(switch, link)
        await switch.hangup(channel.name, cause=21)
        gone = await next_event(link, "Hangup", limit=20)
        assert (gone["Uniqueid"], gone["Cause"]) == (channel.uniqueid, "21")
        assert gone.variables["CALL_UUID"] == channel.call_id
        async with asyncio.timeout(5):
            while await switch.channels():
                await next_event(link, "Hangup")


async def test_a_registered_phone_is_a_reachable_endpoint(
    peer: Peer, switch: Switch, link: AmiLink
) -> None:
    async with peer.caller():
        await waiting_caller(switch, link)
        assert await switch.reachable_endpoints() == {"seat01"}
        assert await switch.endpoint_reachable("seat01")
        (member,) = await switch.members()
        assert (member.endpoint, member.paused, member.reason) == ("seat01", True, "sign_in")
        assert (member.reachable, member.in_call, member.ringing) == (True, False, False)
