"""Orders of the shift leader on the real Asterisk: who is served first, who gets no call, what callers hear."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.audio import until_heard
from support.floor import Floor
from support.hotline import Operator, signed_in, until

from telephony.sip_call import SipCall

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("plain ground"),
]


async def leader(floor: Floor) -> Operator:
    return await floor._stack.enter_async_context(signed_in(floor.hotline, "shift01"))


async def ordered(leader: Operator, seat: str, **order: Any) -> None:
    answer = await leader.client.put(
        f"/api/floor/seats/{seat}/state", json={"why": "测试", **order}
    )
    assert answer.status_code == 204, answer.text


async def test_a_caller_who_is_moved_up_is_served_first(floor: Floor) -> None:
    """Facts 16: Asterisk's own order changes, and the screens show it when it has."""
    chief = await leader(floor)
    screen = await floor.screen(chief)
    agent = await floor.seated("op01", "03")
    calls: list[SipCall] = []
    for number in ("13900000511", "13900000512", "13900000513"):
        calls.append(await floor.dialled(number))
        await floor.until_waiting(len(calls))
    await screen.until(lambda: len(screen.waiting) == 3, what="three wait on the screen")
    line = [entry["call_id"] for entry in screen.waiting]
    up = await chief.client.post(f"/api/floor/queue/{line[2]}/position", json={"to": "up"})
    assert (up.status_code, up.json()["position"]) == (200, 2)
    await screen.until(
        lambda: [entry["call_id"] for entry in screen.waiting] == [line[0], line[2], line[1]],
        what="the screen shows the new order",
    )
    head = await chief.client.post(f"/api/floor/queue/{line[1]}/position", json={"to": "head"})
    assert head.json()["position"] == 1
    again = await chief.client.post(f"/api/floor/queue/{line[1]}/position", json={"to": "head"})
    assert (again.status_code, again.json()["code"]) == (409, "CANNOT_MOVE_UP")
    await agent.operator.ready()
    assert (await agent.screen.rings())["call_id"] == line[1]
    assert (await agent.phone.next_call()).caller_number == "13900000512"


async def test_an_agent_who_was_set_not_ready_is_offered_nothing_and_knows_why(
    floor: Floor,
) -> None:
    chief = await leader(floor)
    agent, other = await floor.ready("op01", "03"), await floor.ready("op02", "04")
    await ordered(chief, "03", state="not_ready", reason="training")
    await agent.screen.in_state("not_ready")
    await agent.screen.until(
        lambda: agent.screen.session["ordered_by"] == "何班长" and agent.screen.events("notice"),
        what="the order on the agent's screen",
    )
    assert agent.screen.events("notice")[-1]["data"]["zh"].startswith("何班长将您置为示忙")
    assert "paused" in (await floor.members())["seat03"]
    await floor.dialled("13900000521")
    await other.screen.in_state("talking", within=30)
    assert agent.phone.incoming.empty()


async def test_a_sign_out_ordered_during_a_call_waits_for_its_end_and_takes_no_after_call_work(
    floor: Floor,
) -> None:
    chief = await leader(floor)
    await floor.ready("op02", "04", manner="ring")
    agent = await floor.ready("op01", "03", hertz=650)
    await ordered(chief, "04", state="not_ready", reason="rest")
    citizen = await floor.dialled("13900000531", hertz=440)
    await agent.screen.in_state("talking", within=30)
    leg = await agent.phone.next_call()
    refused = await chief.client.put(
        "/api/floor/seats/03/state", json={"state": "signed_out", "why": "下班"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "AGENT_IN_CALL")
    await ordered(chief, "03", state="signed_out", when="at_once")
    await until_heard(citizen.media, 650)
    await until_heard(leg.media, 440)
    await citizen.hang_up()
    await agent.screen.until(lambda: not agent.screen.session, what="signed out")

    async def gone() -> bool:
        return "seat03" not in await floor.members()

    await until(gone, what="seat03 is no member any more")


async def test_callers_hear_the_surge_banner_and_may_ask_to_be_informed_instead_of_waiting(
    floor: Floor,
) -> None:
    """Spec telephony 3, surge mode; the banner is spoken by the project's own voice at that moment."""
    chief = await leader(floor)
    screen = await floor.screen(chief)
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    answer = await chief.client.put(
        "/api/floor/surge",
        json={"text": "站前区停水抢修", "offers_inform": True, "ends_at": ends},
    )
    assert answer.status_code == 200, answer.text
    try:
        await screen.until(lambda: (screen.state["surge"] or {}).get("sound") == "ready", within=30)
        call = await floor.dialled("13900000541", keys="0")
        heard = call.media.packets_heard
        await until_more(call, heard + 100)
        await call.press("1")
        await screen.until(
            lambda: screen.state["surge"]["asked"] == 1 or call.ended.is_set(), within=20
        )
        await call.until_ended(20)
        assert screen.state["surge"]["asked"] == 1
        assert await floor.waiting() == 0
    finally:
        assert (await chief.client.delete("/api/floor/surge")).status_code == 204
    await screen.until(lambda: screen.state["surge"] is None, what="the banner is off")


async def until_more(call: SipCall, packets: int) -> None:
    async def enough() -> bool:
        return call.media.packets_heard >= packets

    await until(enough, within=20, what=f"{packets} packets heard")
