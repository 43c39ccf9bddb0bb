"""Queue members by AMI: what is answered, which event says it is true, and with which headers."""

import pytest
from support.links import next_event
from support.peer import Peer
from support.wire import Wire

from telephony.ami import AmiLink
from telephony.errors import AlreadyMember, AmiRefused, NoSuchChannel, NotMember
from telephony.switch import Switch

MEMBER = [
    *("queue", "membername", "interface", "stateinterface", "membership", "penalty", "callstaken"),
    *("lastcall", "lastpause", "logintime", "incall", "status", "paused", "pausedreason"),
    *("ringinuse", "wrapuptime"),
]
HEAD = ["event", "privilege", "timestamp", "systemname"]


@pytest.fixture
def switch(peer: Peer, link: AmiLink) -> Switch:
    return Switch(link, queue=peer.queue)


async def test_a_member_is_added_paused_resumed_and_removed(switch: Switch) -> None:
    added = await switch.add_member("seat01", name="王小明", penalty=3, reason="签入")
    assert (added.endpoint, added.name, added.penalty) == ("seat01", "王小明", 3)
    assert (added.paused, added.reason) == (True, "签入")
    assert await switch.members() == [added]
    resumed = await switch.pause_member("seat01", False)
    assert (resumed.paused, resumed.reason) == (False, "")
    rest = await switch.pause_member("seat01", True, "午休")
    assert (rest.paused, rest.reason) == (True, "午休")
    assert (await switch.remove_member("seat01")).endpoint == "seat01"
    assert await switch.members() == []


async def test_a_penalty_changes_and_a_member_that_is_not_there_is_refused(
    switch: Switch,
) -> None:
    await switch.add_member("seat01", paused=False, penalty=0)
    await switch.set_penalty("seat01", 31)
    (member,) = await switch.members()
    assert (member.penalty, member.paused) == (31, False)
    with pytest.raises(NotMember):
        await switch.set_penalty("seat02", 31)


async def test_pausing_twice_tells_the_new_reason_each_time(switch: Switch) -> None:
    await switch.add_member("seat01", paused=True, reason="sign_in")
    assert (await switch.pause_member("seat01", True, "rest")).reason == "rest"
    assert (await switch.pause_member("seat01", True, "meal")).reason == "meal"


async def test_a_member_is_added_once_and_an_unknown_one_is_refused(switch: Switch) -> None:
    await switch.add_member("seat01")
    with pytest.raises(AlreadyMember):
        await switch.add_member("seat01")
    with pytest.raises(NotMember):
        await switch.pause_member("seat02", True)
    with pytest.raises(NotMember):
        await switch.remove_member("seat02")
    assert [member.endpoint for member in await switch.members()] == ["seat01"]


async def test_a_queue_that_does_not_exist_refuses_members_and_lists_nothing(link: AmiLink) -> None:
    nowhere = Switch(link, queue="nowhere")
    with pytest.raises(AmiRefused, match="No such queue"):
        await nowhere.add_member("seat01")
    assert await nowhere.members() == []


async def test_the_events_of_one_action_after_another_come_in_that_order(
    switch: Switch, link: AmiLink
) -> None:
    await switch.add_member("seat01")
    await switch.pause_member("seat01", False)
    await switch.remove_member("seat01")
    events = [
        await next_event(link, "QueueMemberAdded"),
        await next_event(link, "QueueMemberPause"),
        await next_event(link, "QueueMemberRemoved"),
    ]
    for event in events:
        assert [name for name, _ in event.headers()] == HEAD + MEMBER
        assert event["Interface"] == "PJSIP/seat01"


async def test_chinese_survives_in_both_directions_byte_by_byte(peer: Peer) -> None:
    async with Wire(peer.host, peer.port, slice_bytes=1) as wire, peer.linked(wire) as link:
        added = await Switch(link, queue=peer.queue).add_member(
            "seat01", name="欧阳娜娜", reason="会议"
        )
        await link.send("UserEvent", UserEvent="CallInbound", CallerName="王小明,营口市")
        assert (added.name, added.reason) == ("欧阳娜娜", "会议")
        assert (await next_event(link, "UserEvent"))["CallerName"] == "王小明,营口市"


async def test_every_list_says_how_many_rows_it_had(peer: Peer, link: AmiLink) -> None:
    await Switch(link, queue=peer.queue).add_member("seat01")
    status = await link.ask("QueueStatus", Queue=peer.queue)
    assert [row.name for row in status] == ["QueueParams", "QueueMember"]
    row = [name for name, _ in status[1].headers() if name != "actionid"]
    renamed = {"membername": "name", "interface": "location"}
    assert row == ["event", *(renamed.get(name, name) for name in MEMBER if name != "ringinuse")]
    assert await link.ask("CoreShowChannels") == []


async def test_without_calls_there_are_no_channels_and_nobody_waits(switch: Switch) -> None:
    assert await switch.channels() == []
    assert await switch.queue_entries() == []
    assert await switch.call_channels("no-such-call") == []
    assert not await switch.endpoint_reachable("seat99")


async def test_hanging_up_what_is_gone_says_so(switch: Switch) -> None:
    with pytest.raises(NoSuchChannel):
        await switch.hangup("PJSIP/seat01-00000001")
    with pytest.raises(NoSuchChannel):
        await switch.hangup("/.*/")
