"""Abandoned calls on the real Asterisk (telephony spec 8 last bullet, 12): listed, claimed, called back, closed."""

import asyncio
from typing import Any

import pytest
from support.audio import until_sound
from support.floor import AtSeat, Floor
from support.live_screen import Screen
from support.phones import called_citizen

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("faults-served"),
    pytest.mark.postgresql,
    pytest.mark.redis,
    pytest.mark.timeout(120),
]


def entries(screen: Screen, masked: str) -> list[dict[str, Any]]:
    return [
        entry
        for entry in screen.state.get("callbacks", {}).get("entries", [])
        if entry["number_masked"] == masked
    ]


async def abandons(floor: Floor, *numbers: str) -> None:
    """Let citizens wait in the queue, where every moment counts here, and hang up."""
    calls = await asyncio.gather(*(floor.dialled(number) for number in numbers))
    await floor.until_waiting(len(numbers))
    await asyncio.gather(*(call.hang_up() for call in calls))


async def test_an_abandoned_call_is_listed_claimed_by_one_and_closed_by_an_answered_redial(
    served_floor: Floor,
) -> None:
    floor = served_floor
    leader, rival = await floor.seated("op02", "02"), await floor.seated("op03", "03")
    number, masked = "13900000701", "139****0701"
    await abandons(floor, number)
    await leader.screen.until(lambda: entries(leader.screen, masked), within=1, what="it is listed")
    await abandons(floor, number)
    await leader.screen.until(
        lambda: entries(leader.screen, masked)[0]["times"] == 2, within=1, what="a second time"
    )
    (entry,) = entries(leader.screen, masked)

    answers = await asyncio.gather(
        *(one.operator.client.put(f"/api/callbacks/{entry['id']}/claim") for one in (leader, rival))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    assert won["number"] == number
    lost = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (lost["code"], lost["details"]["name"]) == ("CALLBACK_HELD", won["claimed_name"])

    await floor.ready("op01", "01")
    await floor.dialled(number)
    await leader.screen.until(
        lambda: not entries(leader.screen, masked), within=15, what="closed by the redial"
    )
    steps = await leader.operator.get(f"/api/callbacks/{entry['id']}/steps")
    assert [step["trigger"] for step in steps] == ["new", "lost_again", "claim", "called_again"]


async def call_back(floor: Floor, agent: AtSeat, masked: str) -> int:
    """Let `agent` claim the entry and press call; return its id."""
    await agent.screen.until(lambda: entries(agent.screen, masked), what="it is listed")
    entry_id: int = entries(agent.screen, masked)[0]["id"]
    path = f"/api/callbacks/{entry_id}"
    assert (await agent.operator.client.put(f"{path}/claim")).status_code == 200
    answer = await agent.operator.client.post(f"{path}/call")
    assert answer.status_code == 202, answer.text
    return entry_id


async def test_a_call_back_rings_the_seat_then_the_citizen_and_a_talk_closes_the_entry(
    served_floor: Floor,
) -> None:
    """It is no offered call: the ledger of the citizens' calls stays as it was, and whole."""
    floor = served_floor
    agent = await floor.seated("op01", "01", hertz=500)
    await abandons(floor, "13900000711")
    async with called_citizen(floor.asterisk) as citizen:
        entry_id = await call_back(floor, agent, "139****0711")
        seat, far = await agent.phone.next_call(), await citizen.next_call()
        assert "13900000711@" in far.invite.start
        assert far.invite.get("From").count("12345")
        await until_sound(far.media)
        await far.hang_up()
        await agent.screen.until(
            lambda: not entries(agent.screen, "139****0711"), within=5, what="closed by the talk"
        )
        await asyncio.wait_for(seat.ended.wait(), 5)
    steps = await agent.operator.get(f"/api/callbacks/{entry_id}/steps")
    assert [step["trigger"] for step in steps] == ["new", "claim", "call", "connected"]
    assert steps[-1]["note"].startswith("ANSWER")


async def test_a_citizen_who_is_busy_is_tried_again_later_by_anybody(served_floor: Floor) -> None:
    floor = served_floor
    agent = await floor.seated("op01", "01")
    await abandons(floor, "13900000721")
    async with called_citizen(floor.asterisk, "reject"):
        entry_id = await call_back(floor, agent, "139****0721")
        await agent.screen.until(
            lambda: entries(agent.screen, "139****0721")[0]["attempts"] == 1, what="one attempt"
        )
    (entry,) = entries(agent.screen, "139****0721")
    assert (entry["state"], entry["claimed_by"]) == ("open", None)
    again = await agent.operator.client.put(f"/api/callbacks/{entry_id}/claim")
    assert (again.status_code, again.json()["code"]) == (409, "CALLBACK_TOO_SOON")


async def test_a_seat_that_refuses_costs_the_citizen_no_attempt(served_floor: Floor) -> None:
    floor = served_floor
    agent = await floor.seated("op01", "01", "reject")
    await abandons(floor, "13900000731")
    async with called_citizen(floor.asterisk) as citizen:
        await call_back(floor, agent, "139****0731")
        await agent.screen.until(
            lambda: entries(agent.screen, "139****0731")[0]["state"] == "claimed",
            what="with its claimer again",
        )
        assert citizen.incoming.empty()
