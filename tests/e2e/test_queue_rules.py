"""Queue rules on the real Asterisk: applied while callers wait, skills, priorities, places kept (telephony spec 6)."""

import asyncio

import pytest
from support.hotline import until
from support.rules_floor import HEATING_LINE, QUICK, RulesFloor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("queue-rules"),
    pytest.mark.timeout(120),
]
WATER, TRANSPORT, HEATING = ("op01", "01"), ("op06", "02"), ("op11", "03")


async def seat_of(floor: RulesFloor, number: str, attempt: int = 1) -> str:
    """Return the seat that was offered the caller's last call at this attempt."""

    async def offered() -> str:
        row = await floor.last_call(number)
        return next((o.endpoint for o in row.offers if o.attempt == attempt), "") if row else ""

    seat: str = await until(offered, within=20, what=f"an offer of {number}")
    return seat


async def test_rules_are_taken_over_and_an_older_version_comes_back(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    before = await floor.rules()
    changed = await floor.put_rules(strategy="random", ring_seconds=20, longest_wait_seconds=600)
    assert changed.status_code == 200, changed.text
    shown = await floor.asterisk.console("queue show hotline")
    assert "'random' strategy" in shown
    told = await floor.asterisk.console("dialplan show globals")
    assert f"HOTLINE_RULES={changed.json()['version']}" in told
    assert "HOTLINE_LONGEST_WAIT=600" in told
    restored = await floor.leader.client.post(
        f"/api/queue-rules/versions/{before['version']}/restoration",
        json={"reason": "恢复", "based_on": changed.json()["version"]},
    )
    assert restored.status_code == 200, restored.text
    after = await floor.rules()
    assert after["rules"] == before["rules"]
    assert after["versions"][0]["restores"] == before["version"]
    assert "'leastrecent' strategy" in await floor.asterisk.console("queue show hotline")


async def test_while_twenty_wait_rules_change_and_nobody_is_dropped_or_overtaken(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules(tell_position=False, tell_wait=False)
    agent = await floor.seated("op01", "01")
    numbers = [f"139000003{place:02d}" for place in range(20)]
    for count, number in enumerate(numbers, 1):
        await floor.dialled(number)
        await floor.until_waiting(count)
    assert await floor.line() == numbers
    changed = await floor.put_rules(strategy="rrmemory", ring_seconds=25, comfort_seconds=20)
    assert changed.status_code == 200, changed.text
    assert await floor.line() == numbers
    assert "'rrmemory' strategy" in await floor.asterisk.console("queue show hotline")
    await agent.operator.ready()
    for number in numbers[:3]:
        await agent.screen.in_state("talking")
        await floor.until_line(*numbers[numbers.index(number) + 1 :])
        await floor.calls[numbers.index(number)].hang_up()
        assert (await floor.until_outcome(number)).outcome == "answered"


async def test_a_caller_goes_to_a_seat_of_his_skill_although_others_are_free_longer(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules()
    agents = {seat: await floor.ready(user, seat) for user, seat in (WATER, TRANSPORT, HEATING)}
    for number in ("13900000401", "13900000402"):
        call = await floor.dialled(number, to=HEATING_LINE)
        assert await seat_of(floor, number) == "seat03"
        await call.hang_up()
        await agents["03"].screen.in_state("ready", within=20)


async def test_after_the_time_of_the_rule_everybody_is_offered_the_caller(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules(**QUICK)
    for user, seat in (WATER, TRANSPORT, HEATING):
        await floor.ready(user, seat)
    await floor.dialled("13900000411", to=HEATING_LINE)
    assert await seat_of(floor, "13900000411") == "seat03"
    await floor.dialled("13900000412", to=HEATING_LINE)
    assert await seat_of(floor, "13900000412") in ("seat01", "seat02")
    row = await floor.last_call("13900000412")
    assert row is not None
    assert row.queued_at is not None
    waited = (row.offers[0].offered_at - row.queued_at).total_seconds()
    assert 3 <= waited <= 9, "kept for his skill, and not a moment longer than the rule and a retry"


async def test_a_caller_whose_skill_nobody_has_waits_for_nobody_in_particular(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules()
    for user, seat in (WATER, TRANSPORT, ("op02", "04")):
        await floor.ready(user, seat)
    await floor.dialled("13900000421", to=HEATING_LINE)
    await seat_of(floor, "13900000421")
    row = await floor.last_call("13900000421")
    assert row is not None
    assert row.queued_at is not None
    assert (row.offers[0].offered_at - row.queued_at).total_seconds() < 3


async def test_the_last_seat_of_a_skill_leaves_and_its_caller_waits_for_the_rule_alone(
    rules_floor: RulesFloor,
) -> None:
    """QUEUE_MAX_PENALTY excludes everybody then: Asterisk must not call the queue empty, and the rule widens."""
    floor = rules_floor
    await floor.with_rules(**QUICK)
    for user, seat in (WATER, TRANSPORT, ("op02", "04")):
        await floor.ready(user, seat)
    heating = await floor.ready(*HEATING)
    first = await floor.dialled("13900000431", to=HEATING_LINE)
    await heating.screen.in_state("talking")
    await heating.operator.client.put(
        "/api/seats/mine/state", json={"state": "not_ready", "reason": "rest"}
    )
    await floor.dialled("13900000432", to=HEATING_LINE)
    await floor.until_line("13900000432")
    await first.hang_up()
    await heating.screen.in_state("not_ready")
    assert await heating.operator.leave()
    assert await seat_of(floor, "13900000432") in ("seat01", "seat02", "seat04")


async def test_behind_one_who_is_kept_for_his_skill_nobody_waits_longer_than_the_rule(
    rules_floor: RulesFloor,
) -> None:
    """One queue counts free seats, not suitable ones: the price of one line for all, and its bound."""
    floor = rules_floor
    await floor.with_rules(**QUICK)
    heating = await floor.ready(*HEATING)
    await floor.seated("op01", "01")
    other = await floor.ready(*TRANSPORT)
    await floor.dialled("13900000433", to=HEATING_LINE)
    await heating.screen.in_state("talking")
    await floor.dialled("13900000434", to=HEATING_LINE)
    await floor.until_line("13900000434")
    await floor.dialled("13900000435")
    await other.screen.in_state("talking", within=10)


async def test_skills_that_change_hold_for_callers_who_wait_already(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules(
        widening=[{"after_seconds": 0, "least_level": 1}, {"after_seconds": 60, "least_level": 0}]
    )
    agents = {seat: await floor.ready(user, seat) for user, seat in (WATER, TRANSPORT, HEATING)}
    await floor.dialled("13900000441", to=HEATING_LINE)
    await agents["03"].screen.in_state("talking")
    await floor.dialled("13900000442", to=HEATING_LINE)
    await floor.until_line("13900000442")
    water = agents["01"].operator
    skills = f"/api/queue-rules/skills/{water.me['account_id']}"
    try:
        changed = await floor.leader.client.put(skills, json={"skills": {"heating": 1}})
        assert changed.status_code == 204, changed.text
        assert await seat_of(floor, "13900000442") == "seat01"
    finally:
        await floor.leader.client.put(skills, json={"skills": {"water": 2}})


async def test_the_elderly_come_first_and_the_emergency_before_them(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules()
    added = await floor.leader.client.post(
        "/api/queue-rules/elderly", json={"number": "139 0000 0453", "note": "试验"}
    )
    assert added.status_code == 201, added.text
    try:
        await floor.seated("op01", "01")
        await floor.dialled("13900000451")
        await floor.until_line("13900000451")
        await floor.dialled("13900000452")
        await floor.until_line("13900000451", "13900000452")
        await floor.dialled("13900000453")
        await floor.until_line("13900000453", "13900000451", "13900000452")
        await floor.dialled("13900000454", keys="9")
        await floor.until_line("13900000454", "13900000453", "13900000451", "13900000452")
    finally:
        await floor.leader.client.delete(f"/api/queue-rules/elderly/{added.json()['id']}")


async def test_who_gave_up_and_calls_again_has_his_place_and_no_better_one(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules()
    await floor.seated("op01", "01")
    a, b, c, d = "13900000461", "13900000462", "13900000463", "13900000464"
    await floor.dialled(a)
    await floor.until_line(a)
    given_up = await floor.dialled(b)
    await floor.until_line(a, b)
    await floor.dialled(c)
    await floor.until_line(a, b, c)
    await given_up.hang_up()
    assert (await floor.until_outcome(b)).outcome == "abandoned_in_queue"
    await floor.dialled(d)
    await floor.until_line(a, c, d)
    await floor.dialled(b)
    await floor.until_line(a, b, c, d)


async def test_a_place_is_kept_for_so_many_minutes_as_the_rules_say_and_none_for_none(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    await floor.with_rules(redial_minutes=0)
    await floor.seated("op01", "01")
    a, b = "13900000471", "13900000472"
    given_up = await floor.dialled(a)
    await floor.until_line(a)
    await floor.dialled(b)
    await floor.until_line(a, b)
    await given_up.hang_up()
    await floor.until_outcome(a)
    await floor.dialled(a)
    await floor.until_line(b, a)


async def test_two_managers_at_once_one_is_told_that_the_rules_have_changed(
    rules_floor: RulesFloor,
) -> None:
    floor = rules_floor
    answers = await asyncio.gather(
        floor.put_rules(ring_seconds=11), floor.put_rules(ring_seconds=12)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "CONFLICT"
