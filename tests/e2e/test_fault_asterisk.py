"""Asterisk itself ends and starts again, in good order or not (spec/telephony.md 10, issue 2 section 4)."""

import pytest
from support.aftermath import outcomes
from support.floor import Floor
from support.ground import Ground
from support.hotline import until

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("faults"),
    pytest.mark.timeout(120),
]


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_asterisk_restarts_calls_are_closed_as_failed_and_members_are_rebuilt(
    floor: Floor, plain_ground: Ground, how: str
) -> None:
    """One talks, one rings, one waits; afterwards everybody is told, and the next call is answered."""
    prefix = "1390000020" if how == "stopped" else "1390000021"
    talking = await floor.ready("op01", "01")
    await floor.dialled(f"{prefix}1")
    await talking.screen.in_state("talking")
    ringing = await floor.ready("op02", "02", "ring")
    await floor.dialled(f"{prefix}2")
    await ringing.screen.rings()
    await floor.dialled(f"{prefix}3")
    await floor.until_waiting(2)
    resting = await floor.seated("op03", "03")

    if how == "killed":
        await floor.asterisk.kill()
    await floor.asterisk.stop()
    await resting.screen.until(lambda: not resting.screen.state["switch"]["up"], what="switch down")
    await floor.drop_lines()
    await floor.asterisk.start()
    for agent in floor.agents:
        await agent.phone.register()

    await resting.screen.until(lambda: resting.screen.state["switch"]["up"], what="switch up")
    assert "restarted=True" in floor.log()
    await talking.screen.in_state("wrap_up", within=5)
    assert talking.screen.call["state"] == "ended"
    await ringing.screen.in_state("ready", "not_ready", within=5)
    assert (await resting.operator.session())["state"] == "not_ready"

    async def all_failed() -> bool:
        told = await outcomes(floor)
        return [told.get(f"{prefix}{n}") for n in (1, 2, 3)] == ["failed", "failed", "failed"]

    await until(all_failed, what="the calls closed as failed")

    async def members_are_back() -> bool:
        return (await floor.members()).keys() == {"seat01", "seat02", "seat03"}

    await until(members_are_back, what="the members rebuilt")
    if ringing.screen.session["state"] == "not_ready":
        await ringing.operator.ready()
    ringing.phone.manner = "answer"
    await floor.dialled(f"{prefix}4")
    await ringing.screen.in_state("talking")
    assert ringing.screen.call["caller"] == f"{prefix}4"
