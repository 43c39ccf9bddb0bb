"""Alarms on the real Asterisk (telephony spec 6, 7, 9): raised once, noted by name, cleared when it is over."""

from typing import Any

import pytest
from support.floor import Floor
from support.ground import Ground
from support.live_screen import Screen

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("faults"),
    pytest.mark.timeout(120),
]


def standing(screen: Screen, code: str) -> dict[str, Any] | None:
    alarms = screen.state.get("alarms", {}).get("standing", [])
    return next((alarm for alarm in alarms if alarm["code"] == code), None)


async def raised(screen: Screen, code: str, within: float = 8) -> dict[str, Any]:
    await screen.until(lambda: standing(screen, code), within=within, what=f"{code} raised")
    return standing(screen, code) or {}


async def cleared(screen: Screen, code: str) -> None:
    await screen.until(lambda: standing(screen, code) is None, within=20, what=f"{code} cleared")


async def test_key_nine_is_an_alarm_until_somebody_talks_with_the_caller(floor: Floor) -> None:
    """Spec 7: managers see every emergency contact at once."""
    agent = await floor.seated("op01", "01")
    leader = await floor.seated("shift01", "02")
    await floor.dialled("13900000171", keys="9")
    alarm = await raised(leader.screen, "EMERGENCY_CALL")
    assert alarm["level"] == "alarm"
    assert standing(agent.screen, "EMERGENCY_CALL") is None, "operators have their own screens"
    path = f"/api/alarms/{alarm['id']}/acknowledgement"
    assert (await leader.operator.client.put(path)).status_code == 200
    await leader.screen.until(
        lambda: (standing(leader.screen, "EMERGENCY_CALL") or {}).get("acknowledged_name"),
        what="the name of who noted it",
    )
    await agent.operator.client.put("/api/seats/mine/state", json={"state": "ready"})
    await floor.until_talk()
    await cleared(leader.screen, "EMERGENCY_CALL")
    rows = (await leader.operator.get("/api/alarms"))["alarms"]
    assert [row["code"] for row in rows].count("EMERGENCY_CALL") == 1


async def test_a_caller_who_finds_nobody_is_an_alarm(floor: Floor) -> None:
    """Spec 6: nobody is staffed; the caller leaves a message and is on the callback list."""
    screen = await floor.watching("shift01")
    await floor.dialled("13900000172")
    await raised(screen, "NOBODY_STAFFED")
    await floor.hang_up_all()
    await screen.until(
        lambda: any(
            entry["number_masked"] == "139****0172"
            for entry in screen.state["callbacks"]["entries"]
        ),
        what="on the callback list",
    )


async def test_a_switch_that_is_away_is_an_alarm_and_over_when_it_is_back(
    floor: Floor, plain_ground: Ground
) -> None:
    screen = await floor.watching("shift01")
    await plain_ground.ami.refuse()
    await plain_ground.ami.cut(reset=True)
    await raised(screen, "SWITCH_DOWN", within=15)
    await plain_ground.ami.accept()
    await cleared(screen, "SWITCH_DOWN")
