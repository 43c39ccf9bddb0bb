"""Shift changes while people talk: seats are given back without cutting a call, and opened at once in a storm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from support.aftermath import check_aftermath
from support.floor import AtSeat, Floor
from support.ground import Ground, floor_on, running_ground
from support.hotline import Operator, signed_in, until
from support.live_screen import Screen

from core.clock import utc_now

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("seat-plan"),
    pytest.mark.timeout(120),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plan_ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """Twelve seats with desk phones, and a wrap-up of a second."""
    folder = tmp_path_factory.mktemp("plan")
    async with running_ground(folder, physical_seats=12, wrap_up_seconds=1) as ground:
        yield ground


@pytest_asyncio.fixture(loop_scope="session")
async def floor(plan_ground: Ground, tmp_path: Path) -> AsyncIterator[Floor]:
    async with floor_on(plan_ground, tmp_path) as floor:
        yield floor


@asynccontextmanager
async def leader(floor: Floor, seats: int) -> AsyncIterator[Operator]:
    """Sign the shift leader in and open so many seats."""
    async with signed_in(floor.hotline, "shift01") as boss:
        await open_seats(boss, seats)
        yield boss


async def open_seats(boss: Operator, count: int) -> None:
    wish = {"open_seats": count, "reason": "演练", "until": "changed"}
    answer = await boss.client.put("/api/seats/plan", json=wish)
    assert answer.status_code == 200, answer.text


def fewest_staffed(screen: Screen) -> int:
    """Return the least number of staffed seats that a desktop has shown since they were most."""
    seats: dict[str, Any] = {}
    counts: list[int] = []
    for frame in screen.frames:
        if frame["type"] == "snapshot":
            seats = dict(frame["state"]["seats"])
        elif frame.get("name") == "seat":
            seats[frame["data"]["number"]] = frame["data"]
        counts.append(sum(bool(seat["agent_name"]) for seat in seats.values()))
    return min(counts[counts.index(max(counts)) :])


def states_of(agent: AtSeat) -> list[str]:
    """Return the states that the agent's own desktop has shown, "" for none."""
    return [(frame["data"] or {}).get("state", "") for frame in agent.screen.events("session")]


async def staffed(boss: Operator) -> set[str]:
    board = await boss.get("/api/seats")
    return {seat["number"] for seat in board["seats"] if seat["agent_name"]}


async def until_staffed(boss: Operator, seats: set[str], within: float = 15) -> None:
    async def so() -> bool:
        return await staffed(boss) == seats

    await until(so, within=within, what=f"staffed seats {sorted(seats)}")


async def until_members(floor: Floor, seats: set[str]) -> None:
    async def so() -> bool:
        return set(await floor.members()) == {f"seat{seat}" for seat in seats}

    await until(so, what=f"members {sorted(seats)}")


async def test_from_ten_to_two_with_nine_talking_nobody_is_cut_off(floor: Floor) -> None:
    """Spec 4: idle first, then after the present call and its wrap-up, never nobody."""
    async with leader(floor, 10) as boss:
        agents = [await floor.ready(f"op{n:02}", f"{n:02}") for n in range(1, 11)]
        sees = await floor.watching("shift01")
        await asyncio.gather(*(floor.dialled(f"1390000070{n}") for n in range(9)))
        await sees.until(
            lambda: sum(s["state"] == "talking" for s in sees.state["seats"].values()) == 9,
            within=30,
            what="nine who talk",
        )
        (idle,) = [agent for agent in agents if not agent.talks]
        await open_seats(boss, 2)
        everybody = {f"{n:02}" for n in range(1, 11)}
        talking = everybody - {idle.operator.me["username"][2:]}
        await until_staffed(boss, talking)
        plan = (await boss.get("/api/seats"))["plan"]
        leaving, remaining = plan["drain"], talking - set(plan["drain"])
        assert (len(leaving), len(remaining)) == (7, 2)
        assert not any(call.ended.is_set() for call in floor.calls)
        await floor.hang_up_all()
        await until_staffed(boss, remaining)
        await until_members(floor, remaining)
        for agent in agents:
            if agent.operator.me["username"][2:] in leaving:
                await agent.screen.until(lambda a=agent: not a.screen.session, what="signed out")
                assert states_of(agent)[-3:] == ["talking", "wrap_up", ""]
        await sees.until(
            lambda: {n for n, s in sees.state["seats"].items() if s["agent_name"]} == remaining,
            what="two on the board",
        )
        assert fewest_staffed(sees) == 2
        await check_aftermath(floor)


async def test_at_the_shift_change_the_plan_drains_by_itself_also_over_our_death(
    floor: Floor,
) -> None:
    """Spec 4 and 10: told before, switched by the server, and a kill -9 in the middle of it changes nothing."""
    async with leader(floor, 10) as boss:
        agents = [await floor.ready(f"op{n:02}", f"{n:02}") for n in range(1, 4)]
        calls = [await floor.dialled(f"1390000072{n}") for n in range(2)]
        await until(_all_answered(agents, 2), within=20, what="two who talk")
        starts = utc_now() + timedelta(seconds=3)
        window = {
            "open_seats": 1,
            "reason": "夜班",
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(hours=1)).isoformat(),
        }
        assert (await boss.client.post("/api/seats/plan/windows", json=window)).status_code == 201
        seats = (await boss.get("/api/seats"))["seats"]
        told = {seat["number"] for seat in seats if seat["notice"] == 2}
        assert len(told) == 2
        screens = {a.operator.me["username"][2:]: a.screen for a in agents}
        for number in told:
            screen = screens[number]
            await screen.until(
                lambda s=screen, n=number: s.state["seats"][n]["notice"] == 2, what="the notice"
            )
        before_change = await staffed(boss)
        assert before_change == {"01", "02", "03"}
        idle = {a.operator.me["username"][2:] for a in agents if not a.talks}
        await until_staffed(boss, {"01", "02", "03"} - (idle & told))
        await floor.hotline.kill()
        assert not any(call.ended.is_set() for call in calls)
        await floor.hotline.start()
        (stays,) = {"01", "02", "03"} - told
        assert told <= await staffed(boss) | idle
        assert not any(call.ended.is_set() for call in calls)
        for agent in agents:
            await floor.screen(agent.operator)
        await floor.hang_up_all()
        await until_staffed(boss, {stays}, within=20)
        await until_members(floor, {stays})
        await check_aftermath(floor)


async def test_in_a_storm_ten_more_seats_are_there_at_once_and_who_waits_is_served(
    floor: Floor,
) -> None:
    """Spec 4: raising opens seats immediately; every desktop shows it within a second."""
    async with leader(floor, 2) as boss:
        for n in (1, 2):
            await floor.ready(f"op{n:02}", f"{n:02}")
        sees = await floor.watching("op12")
        await asyncio.gather(*(floor.dialled(f"1390000074{n}") for n in range(6)))
        await floor.until_waiting(4)
        async with signed_in(floor.hotline, "op03") as third:
            refused = await third.take_seat("03")
            assert (refused.status_code, refused.json()["code"]) == (409, "SEATS_FULL")
        began = utc_now()
        await open_seats(boss, 12)
        await sees.until(lambda: sees.state["plan"]["open_seats"] == 12, within=5, what="12 seats")
        print(f"on the desktop after {(utc_now() - began).total_seconds():.2f} s")
        await asyncio.gather(*(floor.ready(f"op{n:02}", f"{n:02}") for n in range(3, 7)))
        await floor.until_waiting(0)
        await until(_all_answered(floor.agents, 6), within=15, what="six who talk")
        await floor.hang_up_all()
        await check_aftermath(floor)


def _all_answered(agents: list[AtSeat], count: int) -> Any:
    async def so() -> bool:
        return sum(agent.talks for agent in agents) == count

    return so
