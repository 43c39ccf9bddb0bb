"""The database goes away and comes back (spec/telephony.md 10): on PostgreSQL, with Redis beside it."""

import httpx
import pytest
from support.aftermath import outcomes
from support.audio import until_heard
from support.floor import Floor
from support.ground import Ground
from support.hotline import until

CITIZEN, OPERATOR = 440.0, 650.0

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("faults-served"),
    pytest.mark.postgresql,
    pytest.mark.redis,
    pytest.mark.timeout(120),
]


async def test_without_the_database_calls_go_on_and_all_of_it_is_written_afterwards(
    served_floor: Floor, served_ground: Ground
) -> None:
    """A talk ends, another one begins, a caller gives up: none of it can be written when it happens."""
    floor, postgresql = served_floor, served_ground.postgresql
    assert postgresql is not None
    await floor.ready("op01", "01", hertz=OPERATOR)
    await floor.ready("op02", "02", hertz=OPERATOR)
    before = await floor.dialled("13900000401", hertz=CITIZEN)
    first = await floor.until_talk()
    await first.screen.in_state("talking")
    (second,) = (agent for agent in floor.agents if agent is not first)

    postgresql.stop()
    await until_heard(before.media, OPERATOR)
    during = await floor.dialled("13900000402", hertz=CITIZEN)
    heard = await second.phone.next_call(20)
    await until_heard(during.media, OPERATOR)
    await until_heard(heard.media, CITIZEN)
    waits = await floor.dialled("13900000403")
    await floor.until_waiting(1)
    await waits.hang_up()
    await before.hang_up()
    await until(lambda: says_so(first.operator.client), what="a clear answer")
    assert not during.ended.is_set()
    assert spooled(floor) > 0

    postgresql.start()
    await second.screen.in_state("talking")
    await second.screen.until(
        lambda: second.screen.call.get("caller") == "13900000402", what="the call of the outage"
    )
    await until(lambda: nothing_spooled(floor), what="the facts in the database")
    await first.screen.in_state("wrap_up", "ready")
    await second.screen.until(lambda: second.screen.call.get("ticket_id"), what="its draft")

    async def first_has_its_draft() -> bool:
        lines = (await first.operator.get("/api/calls/mine"))["calls"]
        return bool(lines and lines[0]["ticket_id"])

    await until(first_has_its_draft, what="the draft of the talk that was on when it went away")
    await during.hang_up()
    await until(lambda: told(floor, "13900000402"), what="the outcome of the last call")
    assert {n: (await outcomes(floor))[f"1390000040{n}"] for n in (1, 2, 3)} == {
        1: "answered",
        2: "answered",
        3: "abandoned_in_queue",
    }


async def test_a_database_that_hangs_holds_no_call_up_and_loses_no_fact(
    served_floor: Floor, served_ground: Ground
) -> None:
    """It neither answers nor refuses: facts wait in memory, in order."""
    floor, postgresql = served_floor, served_ground.postgresql
    assert postgresql is not None
    await floor.ready("op01", "01", hertz=OPERATOR)
    agent = await floor.ready("op02", "02", hertz=OPERATOR)
    postgresql.freeze()
    try:
        calls = [await floor.dialled(f"1390000041{n}", hertz=CITIZEN) for n in range(2)]
        for call in calls:
            await until_heard(call.media, OPERATOR)
        await calls[0].hang_up()
    finally:
        postgresql.thaw()
    await until(lambda: told(floor, "13900000410"), what="the call of the outage")
    await agent.screen.until(lambda: agent.screen.session["state"] != "ready", what="a state")
    await calls[1].hang_up()
    await until(lambda: told(floor, "13900000411"), what="the other call")
    assert (await outcomes(floor))["13900000410"] == "answered"


async def says_so(client: httpx.AsyncClient) -> bool:
    """The API answers that the database is away, in both languages, and when to try again."""
    answer = await client.get("/api/seats/mine")
    body = answer.json()
    return (
        (answer.status_code, body["code"]) == (503, "DATABASE_UNAVAILABLE")
        and bool(body["zh"] and body["en"])
        and "Retry-After" in answer.headers
    )


def spooled(floor: Floor) -> int:
    """Return the bytes of the facts that wait on disk."""
    return sum(file.stat().st_size for file in (floor.settings.data_dir / "spool").glob("*"))


async def nothing_spooled(floor: Floor) -> bool:
    return spooled(floor) == 0


async def told(floor: Floor, caller: str) -> bool:
    return (await outcomes(floor)).get(caller) is not None
