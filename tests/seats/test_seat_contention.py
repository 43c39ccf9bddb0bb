"""Many at once, on both databases: one agent a seat, one seat an agent, never more than open seats."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from seat_world import World
from sqlalchemy import select

from core.errors import HotlineError
from core.security import Principal
from seats.errors import SeatsFull, SeatTaken
from seats.models import AgentSession
from seats.service import SeatService

AGENTS = [f"operator {n}" for n in range(1, 31)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def crowd(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Thirty operators, twelve seats, ten of them open."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    world = World(tmp_path, url)
    await world.open(*AGENTS)
    yield world
    await world.close()


async def active(world: World) -> list[AgentSession]:
    async with world.database.reading() as session:
        rows = await session.scalars(select(AgentSession).where(AgentSession.ended_at.is_(None)))
        found = list(rows)
        session.expunge_all()
    assert max(Counter(row.seat_id for row in found).values(), default=0) <= 1
    assert max(Counter(row.account_id for row in found).values(), default=0) <= 1
    return found


async def attempt(service: SeatService, who: Principal, seat: int) -> str:
    try:
        await service.sign_in(who, f"{seat:02d}")
    except HotlineError as refused:
        return refused.code
    return "ok"


async def test_thirty_agents_for_ten_open_seats(crowd: World) -> None:
    """Spec 4: simultaneous requests on several processes."""
    other = SeatService(crowd.database, crowd.switch, crowd.clock, crowd.settings)
    results = await asyncio.gather(
        *(
            attempt(crowd.service if n % 2 else other, crowd.people[name], n % 12 + 1)
            for n, name in enumerate(AGENTS)
        )
    )
    await other.close()
    await crowd.settle()
    tally = Counter(results)
    assert tally["ok"] == 10
    assert set(tally) <= {"ok", SeatTaken.code, SeatsFull.code}
    rows = await active(crowd)
    assert len(rows) == 10
    assert {row.state for row in rows} == {"not_ready"}
    assert {row.endpoint for row in rows} == set(crowd.switch.queue)


async def test_thirty_agents_for_one_seat(crowd: World) -> None:
    results = await asyncio.gather(
        *(attempt(crowd.service, crowd.people[name], 3) for name in AGENTS)
    )
    assert Counter(results) == {"ok": 1, SeatTaken.code: 29}
    assert len(await active(crowd)) == 1


async def test_one_agent_for_twelve_seats_from_two_processes(crowd: World) -> None:
    other = SeatService(crowd.database, crowd.switch, crowd.clock, crowd.settings)
    me = crowd.people[AGENTS[0]]
    results = await asyncio.gather(
        *(attempt(crowd.service if n % 2 else other, me, n) for n in range(1, 13))
    )
    await other.close()
    assert Counter(results) == {"ok": 1, "SIGNED_IN_ELSEWHERE": 11}
    await crowd.settle()
    assert len(await active(crowd)) == len(crowd.switch.queue) == 1


async def test_coming_and_going_never_passes_the_limits(crowd: World) -> None:
    async def shift(name: str, seat: int) -> None:
        for turn in range(3):
            if await attempt(crowd.service, crowd.people[name], (seat + turn) % 12 + 1) == "ok":
                assert len(await active(crowd)) <= 10
                await crowd.service.sign_out(crowd.people[name])

    await asyncio.gather(*(shift(name, n) for n, name in enumerate(AGENTS)))
    await crowd.settle()
    assert await active(crowd) == []
    assert crowd.switch.queue == {}


async def test_two_last_ready_seats_that_miss_at_the_same_moment_leave_one_ready(
    crowd: World,
) -> None:
    for n in range(1, 9):
        await crowd.ready(AGENTS[n], f"{n:02d}")
        await crowd.ring(f"{n:02d}", f"call-{n}")
    await asyncio.gather(
        *(crowd.stop_ringing(f"{n:02d}", f"call-{n}", "no_answer") for n in range(1, 9))
    )
    await crowd.settle()
    assert Counter(row.state for row in await active(crowd)) == {"ready": 1, "not_ready": 7}


async def test_several_sweeps_at_once_end_a_wrap_up_once(crowd: World) -> None:
    other = SeatService(crowd.database, crowd.switch, crowd.clock, crowd.settings)
    await crowd.ready(AGENTS[0], "01")
    await crowd.answer("01", "call-1")
    await crowd.end_talk("01", "call-1")
    crowd.clock.advance(seconds=crowd.settings.wrap_up_seconds)
    await asyncio.gather(*(service.sweep() for service in (crowd.service, other)))
    await crowd.settle()
    await other.close()
    assert crowd.steps("01")[-1] == ("wrap_up", "ready", "")
    assert crowd.steps("01").count(("wrap_up", "ready", "")) == 1
