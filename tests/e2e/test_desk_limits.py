"""What time alone does: a ring that nobody answers, a wrap-up that runs out."""

from datetime import datetime

import pytest
from playwright.async_api import expect
from support.desk import first_to_ring
from support.shift import Shift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


async def test_a_call_not_answered_rings_at_the_next_desk_and_the_first_takes_a_break(
    brisk_shift: Shift,
) -> None:
    shift = brisk_shift
    desks = [await shift.staffed("op01", "01"), await shift.staffed("op02", "02")]
    await shift.queued("13900000501")
    first = await first_to_ring(*desks)
    second = desks[1 - desks.index(first)]
    await second.rings_from("13900000501")
    await second.answer()
    await first.in_state("not_ready")
    await first.reason_is("missed_call")
    await first.call_is("")
    await shift.hang_up()
    row = await shift.ended_call("13900000501")
    assert [offer.state for offer in row.offers] == ["no_answer", "answered"]


async def test_the_last_ready_seat_stays_ready_when_it_misses_a_call(brisk_shift: Shift) -> None:
    """Spec telephony 5: a missed call never takes the last ready seat away."""
    shift = brisk_shift
    desk = await shift.staffed("op01", "01")
    resting = await shift.tab("op02")
    await resting.come_back("02")
    await shift.queued("13900000502")
    await desk.rings_from("13900000502")
    pop = await desk.part("pop").get_attribute("data-pop-id")
    assert pop is not None
    await expect(desk.part("pop")).not_to_have_attribute("data-pop-id", pop, timeout=20_000)
    await desk.rings_from("13900000502")
    await desk.answer()
    await shift.hang_up()
    row = await shift.ended_call("13900000502")
    assert [offer.state for offer in row.offers] == ["no_answer", "answered"]
    assert {offer.endpoint for offer in row.offers} == {"seat01"}


async def test_a_wrap_up_ends_by_itself_at_its_deadline(brisk_shift: Shift) -> None:
    shift = brisk_shift
    desk = await shift.staffed("op01", "01")
    call = await shift.queued("13900000503")
    await desk.answer()
    await call.hang_up()
    await desk.in_state("wrap_up")
    deadline = (await desk.request("GET", "/api/seats/mine"))["session"]["deadline"]
    await desk.in_state("ready")
    ready = (await desk.request("GET", "/api/seats/mine"))["session"]
    assert seconds_between(deadline, ready["since"]) >= 0


async def test_a_wrap_up_can_be_extended_once(brisk_shift: Shift) -> None:
    shift = brisk_shift
    desk = await shift.staffed("op01", "01")
    call = await shift.queued("13900000504")
    await desk.answer()
    await call.hang_up()
    await desk.in_state("wrap_up")
    before = (await desk.request("GET", "/api/seats/mine"))["session"]["deadline"]
    await desk.press("Alt+e")
    await expect(desk.part("extend")).to_have_text("已延长")
    await expect(desk.part("extend")).to_be_disabled()
    extended = (await desk.request("GET", "/api/seats/mine"))["session"]
    assert extended["extended"] is True
    assert seconds_between(before, extended["deadline"]) == pytest.approx(6, abs=0.1)
    refused = await (await shift.operator("op01")).client.post("/api/seats/mine/wrap-up/extension")
    assert refused.json()["code"] == "WRAP_UP_ALREADY_EXTENDED"
    await desk.in_state("ready")
    ready = (await desk.request("GET", "/api/seats/mine"))["session"]
    assert seconds_between(extended["deadline"], ready["since"]) >= 0


def seconds_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
