"""Two seats by night (B05) and none: while a seat is staffed nobody is turned away (telephony spec 6)."""

import pytest
from support.floor import AtSeat
from support.hotline import Operator
from support.live_screen import Screen
from support.rules_floor import DUTY_MOBILE, HEATING_LINE, RulesFloor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("queue-rules"),
    pytest.mark.timeout(120),
]
WATER, TRANSPORT = ("op01", "01"), ("op06", "02")


def alarms(screen: Screen) -> list[str]:
    return [event["data"]["code"] for event in screen.events("notice")]


async def pause(operator: Operator) -> None:
    answer = await operator.client.put(
        "/api/seats/mine/state", json={"state": "not_ready", "reason": "rest"}
    )
    assert answer.status_code == 200, answer.text


async def night(floor: RulesFloor) -> tuple[AtSeat, AtSeat]:
    """Bring the two operators of a night, of whom none knows heating, under the rules as shipped."""
    await floor.with_rules()
    return await floor.ready(*WATER), await floor.ready(*TRANSPORT)


async def test_by_night_a_caller_of_a_skill_that_nobody_has_is_served_at_once(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await night(floor)
    await floor.dialled("13900000501", to=HEATING_LINE)
    await floor.until_talk(within=8)


async def test_by_night_with_both_seats_busy_the_caller_waits_and_is_served(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await night(floor)
    first = await floor.dialled("13900000511")
    await floor.dialled("13900000512", to=HEATING_LINE)
    await floor.until_waiting(0)
    await floor.dialled("13900000513", to=HEATING_LINE)
    await floor.until_line("13900000513")
    await first.hang_up()
    await floor.until_line()
    await floor.until_talking("13900000513")


async def test_by_night_with_one_seat_paused_the_other_takes_every_caller(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    water, transport = await night(floor)
    await pause(water.operator)
    await floor.dialled("13900000521", to=HEATING_LINE)
    await transport.screen.in_state("talking", within=8)


async def test_by_night_with_both_seats_paused_the_caller_waits_and_is_served_when_one_is_back(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    water, transport = await night(floor)
    await pause(water.operator)
    await pause(transport.operator)
    await floor.dialled("13900000531")
    await floor.until_line("13900000531")
    await water.operator.ready()
    await water.screen.in_state("talking", within=8)


async def test_by_night_one_seat_in_an_emergency_call_and_one_paused_still_turn_nobody_away(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    water, transport = await night(floor)
    await pause(transport.operator)
    emergency = await floor.dialled("13900000541", keys="9")
    await water.screen.in_state("talking", within=8)
    await floor.dialled("13900000542")
    await floor.until_line("13900000542")
    await emergency.hang_up()
    await floor.until_talking("13900000542")


async def test_an_operator_is_never_offered_two_calls_at_once(rules_floor: RulesFloor) -> None:
    """Facts 7 and 18: three callers at one moment, one seat, with the narrowest rules."""
    floor = rules_floor
    await floor.with_rules(small_team=0, retry_seconds=1, wrap_up_net_seconds=0)
    agent = await floor.ready(*WATER)
    calls = [await floor.dialled(f"1390000055{n}", keys="") for n in range(3)]
    for call in calls:
        await call.press("0")
    await agent.screen.in_state("talking", within=10)
    await floor.until_waiting(2)
    rings = [call for call in agent.phone.calls.values() if not call.ended.is_set()]
    assert len(rings) == 1


async def test_with_nobody_staffed_the_duty_mobile_answers_and_managers_are_alarmed(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules(unstaffed="overflow", overflow_number=DUTY_MOBILE)
    mobile = await floor.duty_mobile(answers=True)
    manager = await floor.watching("shift01")
    await floor.dialled("13900000561")
    ringing = await mobile.next_call()
    await ringing.until_answered()
    await manager.until(lambda: alarms(manager) == ["NOBODY_STAFFED"], what="the alarm")
    await floor.hang_up_all()
    assert (await floor.until_outcome("13900000561")).outcome == "referred"


async def test_with_nobody_staffed_and_no_duty_mobile_the_caller_may_leave_a_message(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules(unstaffed="overflow", overflow_number=DUTY_MOBILE)
    mobile = await floor.duty_mobile(answers=False)
    call = await floor.dialled("13900000571")
    await mobile.next_call()
    await floor.until_doing("13900000571", "Record")
    await call.hang_up()
    assert (await floor.until_outcome("13900000571")).outcome == "left_empty"


async def test_who_found_nobody_and_calls_again_goes_before_others(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules()
    call = await floor.dialled("13900000581")
    await floor.until_doing("13900000581", "Record")
    await call.hang_up()
    assert (await floor.until_outcome("13900000581")).outcome == "left_empty"
    await floor.seated("op01", "01")
    await floor.dialled("13900000582")
    await floor.until_line("13900000582")
    await floor.dialled("13900000581")
    await floor.until_line("13900000581", "13900000582")
