"""Redis goes away and comes back, and the walk of a call on PostgreSQL and Redis (spec/telephony.md 10)."""

import pytest
from support.aftermath import outcomes
from support.floor import Floor
from support.ground import Ground
from support.hotline import until

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("faults-served"),
    pytest.mark.postgresql,
    pytest.mark.redis,
    pytest.mark.timeout(120),
]


async def test_on_postgresql_and_redis_a_citizen_dials_and_a_ticket_exists(
    served_floor: Floor,
) -> None:
    """The walk over HTTP: pop, draft filled from the call, answered on the spot, in the caller's history."""
    floor = served_floor
    agent = await floor.ready("op01", "01")
    await floor.dialled("13900000501", keys="1")
    await agent.screen.in_state("talking")
    await agent.screen.acknowledge()
    assert (agent.screen.pop["caller"], agent.screen.pop["menu"]) == ("13900000501", "consultation")
    await agent.screen.until(lambda: agent.screen.call.get("ticket_id"), what="the draft")
    path = f"/api/tickets/{agent.screen.call['ticket_id']}"
    draft = await agent.operator.get(path)
    call_id = agent.screen.call["call_id"]
    assert (draft["state"], draft["call_id"], draft["source_number"]) == (
        "DRAFT",
        call_id,
        "13900000501",
    )
    ticket = await answered_on_the_spot(floor, path, draft["version"])
    assert (ticket["state"], bool(ticket["number"])) == ("ANSWERED", True)
    await floor.hang_up_all()
    await agent.screen.in_state("wrap_up")

    async def in_my_calls() -> bool:
        lines = (await agent.operator.get("/api/calls/mine"))["calls"]
        return [(line["call_id"], line["outcome"], line["ticket_id"]) for line in lines[:1]] == [
            (call_id, "answered", ticket["id"])
        ]

    await until(in_my_calls, what="the call in my list, with outcome and ticket")


async def test_one_process_goes_on_without_redis_and_takes_it_up_again(
    served_floor: Floor, served_ground: Ground
) -> None:
    floor, redis = served_floor, served_ground.redis
    assert redis is not None
    agent = await floor.ready("op01", "01")
    client = agent.operator.client
    redis.stop()
    try:

        async def missed() -> bool:
            parts = (await client.get("/readyz")).json()["parts"]
            return not parts["redis"]["ok"] and bool(parts["database"]["ok"])

        await until(missed, what="readyz that names Redis")
        await floor.dialled("13900000511")
        await agent.screen.in_state("talking")
        assert agent.screen.pop["caller"] == "13900000511"
        await floor.hang_up_all()
        await agent.screen.in_state("wrap_up")
    finally:
        redis.start()

    async def whole_again() -> bool:
        return (await client.get("/readyz")).status_code == 200

    await until(whole_again, what="readyz")
    await agent.screen.in_state("ready")  # the wrap-up of this ground is short
    await floor.dialled("13900000512")
    await agent.screen.in_state("talking")
    await floor.hang_up_all()
    await agent.screen.in_state("wrap_up")
    assert (await outcomes(floor))["13900000511"] == "answered"


async def answered_on_the_spot(floor: Floor, path: str, version: int) -> dict[str, object]:
    """Fill the draft as the operator does and submit it."""
    client = floor.agents[0].operator.client
    catalogue = (await client.get("/api/catalogue")).json()
    category = next(each["code"] for each in catalogue["categories"] if each["parent"])
    fields = {
        "caller_name": "王小明",
        "anonymous": False,
        "confidential": False,
        "public_ok": True,
        "appeal_type": "enquiry",
        "handling_class": "enquiry",
        "category": category,
        "area": catalogue["areas"][0]["code"],
        "title": "供暖何时开始",
        "content": "来电人询问今年供暖开始的日期。",
        "purpose": "了解供暖日期",
        "answer_text": "十一月一日开始供暖。",
        "kb_source": "市热电集团供暖公告",
        "reply_method": "phone",
    }
    saved = await client.patch(path, json={"version": version, "fields": fields})
    assert saved.status_code == 200, saved.text
    moved = await client.post(
        f"{path}/transitions",
        json={
            "trigger": "answer",
            "version": saved.json()["version"],
            "data": {"caller_heard": True},
            "idempotency_key": "walk-501",
        },
    )
    assert moved.status_code == 200, moved.text
    ticket: dict[str, object] = moved.json()
    return ticket
