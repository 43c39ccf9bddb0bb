"""The switch's commands on the fake: what they wait for and what they do when it does not come."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from asterisk_ami_mock import Misbehaviour, MockAsterisk
from support.links import linked, next_mark

from telephony.ami import AmiLink, LinkUp
from telephony.errors import AlreadyMember, AmiDown, AmiRefused, AmiTimeout
from telephony.switch import Switch


@pytest.fixture
async def mock() -> AsyncIterator[MockAsterisk]:
    async with MockAsterisk() as running:
        yield running


@pytest.fixture
async def link(mock: MockAsterisk) -> AsyncIterator[AmiLink]:
    async with linked(mock) as up:
        yield up


async def test_an_answer_without_its_event_is_not_success(
    mock: MockAsterisk, link: AmiLink
) -> None:
    """spec/telephony.md 4: the agent is ready only when Asterisk's event comes back."""
    await link.send("Events", EventMask="off")
    with pytest.raises(AmiTimeout, match="QueueAdd within"):
        await Switch(link, within=0.1).add_member("seat01")
    assert "PJSIP/seat01" in mock.world.queues["hotline"]


async def test_the_event_of_another_seat_is_not_taken_for_ours(
    mock: MockAsterisk, link: AmiLink
) -> None:
    switch = Switch(link, within=0.1)
    await switch.add_member("seat01")
    mock.misbehaviour = Misbehaviour(ignore={"queuepause"})
    pausing = asyncio.create_task(switch.pause_member("seat02", True))
    mock.say("QueueMemberPause", "agent", Queue="hotline", Interface="PJSIP/seat01", Paused="1")
    with pytest.raises(AmiTimeout):
        await pausing


async def test_twenty_seats_are_added_at_once_and_each_gets_its_own_event(link: AmiLink) -> None:
    switch = Switch(link)
    seats = [f"seat{number:02}" for number in range(1, 21)]
    added = await asyncio.gather(*(switch.add_member(seat, name=seat.upper()) for seat in seats))
    assert [(member.endpoint, member.name) for member in added] == [(s, s.upper()) for s in seats]
    assert {member.endpoint for member in await switch.members()} == set(seats)


async def test_of_two_who_add_the_same_seat_one_is_told_that_it_is_there(link: AmiLink) -> None:
    switch = Switch(link)
    results = await asyncio.gather(
        switch.add_member("seat01"), switch.add_member("seat01"), return_exceptions=True
    )
    assert sorted(isinstance(result, AlreadyMember) for result in results) == [False, True]


async def test_a_command_fails_at_once_when_the_link_breaks(
    mock: MockAsterisk, link: AmiLink
) -> None:
    mock.misbehaviour = Misbehaviour(ignore={"queueadd"})
    adding = asyncio.create_task(Switch(link, within=60).add_member("seat01"))
    await asyncio.wait_for(mock.heard.wait(), 5)
    mock.drop_all()
    with pytest.raises(AmiDown):
        await asyncio.wait_for(adding, 5)
    await next_mark(link, LinkUp)


async def test_a_refusal_that_is_not_known_keeps_asterisks_words(link: AmiLink) -> None:
    with pytest.raises(AmiRefused, match="No such queue"):
        await Switch(link, queue="nowhere").remove_member("seat01")


async def test_a_member_without_a_name_is_called_by_its_interface(link: AmiLink) -> None:
    """The queue log then names the seat, which the ledger can read back."""
    assert (await Switch(link).add_member("seat01")).name == "PJSIP/seat01"


async def test_only_live_contacts_count_as_reachable(mock: MockAsterisk, link: AmiLink) -> None:
    switch = Switch(link)
    assert await switch.reachable_endpoints() == frozenset()
    mock.world.contacts |= {
        "seat01": "Reachable",
        "seat02": "NonQualified",
        "seat03": "Unreachable",
    }
    assert await switch.reachable_endpoints() == {"seat01", "seat02"}
    assert not await switch.endpoint_reachable("seat03")


@pytest.mark.parametrize(
    ("status", "in_call", "ringing", "reachable"),
    [("1", False, False, True), ("2", True, False, True), ("5", False, False, False),
     ("6", False, True, True), ("7", True, True, True), ("8", True, False, True)],
)  # fmt: skip
async def test_a_members_device_state_is_read(
    mock: MockAsterisk, link: AmiLink, status: str, in_call: bool, ringing: bool, reachable: bool
) -> None:
    switch = Switch(link)
    await switch.add_member("seat01")
    row = mock.world.queues["hotline"]["PJSIP/seat01"]
    row[:] = [(name, status if name == "Status" else value) for name, value in row]
    (member,) = await switch.members()
    assert (member.in_call, member.ringing, member.reachable) == (in_call, ringing, reachable)
