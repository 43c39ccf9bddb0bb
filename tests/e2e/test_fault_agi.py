"""The AGI server is not there, is silent, dies, or is flooded (spec/telephony.md 3 and 10, issue 2 section 4)."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest
from support.audio import until_sound
from support.floor import Floor
from support.ground import Ground

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("faults"),
    pytest.mark.timeout(120),
]

SILENT_PEERS, TALKATIVE_PEERS = 250, 20


async def answered_with_pop(floor: Floor, number: str) -> dict[str, object]:
    """Return the pop of the seat that answers `number`."""
    agent = await floor.until_talk()
    await agent.screen.in_state("talking")
    assert agent.screen.call["caller"] == number
    return agent.screen.pop


async def test_with_the_agi_port_closed_a_caller_reaches_a_person_who_gets_the_pop(
    floor: Floor, plain_ground: Ground
) -> None:
    await floor.ready("op01", "01")
    await plain_ground.agi.refuse()
    try:
        await floor.dialled("13900000301")
        pop = await answered_with_pop(floor, "13900000301")
    finally:
        await plain_ground.agi.accept()
    assert pop["menu"] == "none"


async def test_a_silent_agi_server_costs_a_caller_seconds_and_no_more(
    floor: Floor, plain_ground: Ground
) -> None:
    """It accepts and says nothing: the dialplan's patience ends, and the caller goes on without it."""
    await floor.ready("op01", "01")
    plain_ground.agi.hold()
    try:
        await floor.dialled("13900000302")
        await answered_with_pop(floor, "13900000302")
    finally:
        plain_ground.agi.release()


async def test_an_agi_server_that_dies_in_the_greeting_leads_to_a_person(
    floor: Floor, plain_ground: Ground
) -> None:
    await floor.ready("op01", "01")
    call = await floor.dialled("13900000303", keys="")
    await until_sound(call.media)
    await plain_ground.agi.refuse()
    try:
        await answered_with_pop(floor, "13900000303")
    finally:
        await plain_ground.agi.accept()


async def test_a_flood_at_the_agi_port_does_not_touch_the_calls(
    floor: Floor, plain_ground: Ground
) -> None:
    """Hundreds who say nothing and some who say megabytes of nonsense, while callers come through the menu."""
    await floor.ready("op01", "01")
    await floor.ready("op02", "02")
    before = await floor.dialled("13900000304", keys="2")
    first = await floor.until_talk()
    await first.screen.in_state("talking")
    assert first.screen.pop["menu"] == "complaint"

    port = plain_ground.settings.agi_port
    async with AsyncExitStack() as stack:
        for _ in range(SILENT_PEERS):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
        nonsense = [asyncio.create_task(talk_nonsense(port)) for _ in range(TALKATIVE_PEERS)]
        flooded = await floor.dialled("13900000305")
        (second,) = (agent for agent in floor.agents if agent is not first)
        await second.screen.in_state("talking", within=30)
        assert not before.ended.is_set()
        await asyncio.gather(*nonsense)
    await flooded.hang_up()
    await second.screen.in_state("wrap_up")
    await second.operator.ready()
    await floor.dialled("13900000306", keys="2")
    await second.screen.in_state("talking")
    assert second.screen.pop["menu"] == "complaint"


async def talk_nonsense(port: int) -> None:
    """Say 2 MB that are no AGI; the server closes before it has heard all."""
    with suppress(ConnectionError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for _ in range(20):
                writer.write(b"\xff\xfe agi nonsense " * 7_000)
                await writer.drain()
            await reader.read()
        finally:
            writer.close()
