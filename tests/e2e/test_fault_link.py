"""The AMI link breaks, loudly and silently (spec/telephony.md 10, issue 2 section 4)."""

import time
from collections.abc import Callable

import pytest
from support.aftermath import outcomes
from support.floor import Floor
from support.ground import Ground
from support.hotline import until

NOTICED_WITHIN = 15.0
BACK_WITHIN = 10.0

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("faults"),
    pytest.mark.timeout(120),
]


async def test_a_reset_link_is_back_and_what_it_missed_is_made_up_for(
    floor: Floor, plain_ground: Ground
) -> None:
    """A talk ended, a caller gave up and a ring was answered while the link was away."""
    talking = await floor.ready("op01", "01")
    spoken = await floor.dialled("13900000101")
    await talking.screen.in_state("talking")
    ringing = await floor.ready("op02", "02", "ring")
    await floor.dialled("13900000102")
    pop = await ringing.screen.rings()
    waits = await floor.dialled("13900000103")
    await floor.until_waiting(2)

    await plain_ground.ami.refuse()
    await plain_ground.ami.cut(reset=True)
    await ringing.screen.until(lambda: not ringing.screen.state["switch"]["up"], what="switch down")
    await spoken.hang_up()
    await waits.hang_up()
    rung = await ringing.phone.next_call()
    await rung.answer()
    await floor.until_waiting(0)
    await plain_ground.ami.accept()

    await ringing.screen.until(lambda: ringing.screen.state["switch"]["up"], what="switch up")
    await ringing.screen.in_state("talking", within=5)
    await talking.screen.in_state("wrap_up", within=5)
    assert ringing.screen.call["call_id"] == pop["call_id"]
    await ringing.screen.until(lambda: ringing.screen.waiting == [], what="an empty queue")


async def test_a_half_open_link_is_noticed_and_no_command_is_given_twice(
    floor: Floor, plain_ground: Ground, record_property: Callable[[str, object], None]
) -> None:
    """No FIN, no RST: nothing arrives any more. What was commanded meanwhile is refused, not kept for later."""
    await floor.ready("op01", "01")
    await floor.ready("op02", "02")
    spoken = await floor.dialled("13900000111")
    talking = await floor.until_talk()
    (idle,) = (agent for agent in floor.agents if agent is not talking)
    await talking.screen.in_state("talking")

    began = time.monotonic()
    plain_ground.ami.hold()
    told = await idle.operator.client.put(
        "/api/seats/mine/state", json={"state": "not_ready", "reason": "rest"}
    )
    assert told.status_code == 503, told.text
    await idle.screen.until(
        lambda: not idle.screen.state["switch"]["up"], within=NOTICED_WITHIN, what="switch down"
    )
    noticed = time.monotonic() - began
    record_property("seconds to notice a half-open link", round(noticed, 1))
    print(f"half-open link noticed after {noticed:.1f} s")
    await spoken.hang_up()
    lost = await floor.dialled("13900000112", keys="")
    await lost.hang_up()
    await plain_ground.ami.cut()  # what was under way is lost with the wire
    plain_ground.ami.release()

    began = time.monotonic()
    await idle.screen.until(
        lambda: idle.screen.state["switch"]["up"], within=BACK_WITHIN, what="switch up"
    )
    print(f"in step {time.monotonic() - began:.1f} s after the wire carries again")
    await talking.screen.in_state("wrap_up", within=5)
    assert (await idle.operator.session())["state"] == "ready"
    assert "|PAUSE|rest" not in floor.asterisk.paths.queue_log.read_text()

    async def both_ended() -> bool:
        told = await outcomes(floor)
        return told.get("13900000111") == "answered" and (
            told.get("13900000112") == "abandoned_in_ivr"
        )

    await until(both_ended, what="the calls of the outage in the ledger")
