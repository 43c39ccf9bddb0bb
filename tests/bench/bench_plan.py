"""Signing in and changing the seat plan with 100 and with 1,000 seats, and the way of a change to 1,000 desktops.

The seats' room runs here, over SQLite and a switch in memory, so that the cost is ours alone; the desktops are those of
`bench_sockets`: a hotline of its own, without a switch.
"""

import sys
import tempfile
import time
from pathlib import Path

from bench.bench_sockets import _all, _leave, hotline_alone, shift_leader
from bench.stage import people, until
from bench.table import Row, median
from support.asterisk import settings_for
from support.hotline import environment

sys.path.append(str(Path(__file__).parents[1] / "seats"))

from seat_world import World

from core.security import Role
from seats.plan_changes import Moment

FEW, MANY = 100, 1000
CHANGES = 9


async def run() -> list[Row]:
    few, many = await _room(FEW), await _room(MANY)
    rows = [
        Row(part="seat plan", what=what, value=value, unit=f"{unit}, {MANY:,} seats", baseline=few[what][0],
            against=f"of {FEW}", target=f"≤ {target:g}", met=value / few[what][0] <= target)
        for what, (value, unit, target) in many.items()
    ]  # fmt: skip
    return [*rows, await _to_all_desktops()]


async def _room(seats: int) -> dict[str, tuple[float, str, float]]:
    """Return, by what was done, the time, its unit, and how much more it may be with ten times the seats."""
    names = [f"operator {n}" for n in range(seats)]
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), physical_seats=seats, open_seats=seats, night_seats=seats)
        await world.open(*names)
        await world.hire("leader", roles=(Role.SHIFT_LEADER,))
        began = time.perf_counter()
        for number, name in enumerate(names, 1):
            await world.service.sign_in(world.people[name], f"{number:02d}")
        one = (time.perf_counter() - began) / seats
        await world.settle()
        changed = [await _changed(world, seats - n % 2) for n in range(CHANGES)]
        await _changed(world, seats // 2)
        began = time.perf_counter()
        await world.service.sweep()
        drained = (time.perf_counter() - began) / (seats - seats // 2)
        left = len(await world.service.sessions())
        await world.close()
    if left != seats // 2:
        raise RuntimeError(f"{left} agents are left of {seats}")
    return {
        "one sign-in": (one * 1000, "ms", 2),
        "a change of the plan, to whom it applies": (median(changed) * 1000, "ms", 10),
        "one seat drained": (drained * 1000, "ms", 2),
    }


async def _changed(world: World, count: int) -> float:
    began = time.perf_counter()
    await world.service.change_plan(Moment(open_seats=count, reason="x"), world.people["leader"])
    return time.perf_counter() - began


async def _to_all_desktops() -> Row:
    """Return how long it takes from the manager's button to the last of all desktops."""
    heard: list[float] = []

    def hear(payload: bytes, now: float) -> None:
        if b'"name":"plan"' in payload[:60]:
            heard.append(now)

    took: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        settings = settings_for(Path(name), physical_seats=MANY, open_seats=MANY, night_seats=MANY)
        async with hotline_alone(environment(settings), settings.port, Path(name) / "log"):
            desktops = await _all(settings.port, await people(settings, MANY), hear)
            async with shift_leader(settings.port) as leader:
                for number in range(CHANGES):
                    heard.clear()
                    pressed = time.time()
                    wish = {"open_seats": MANY - 1 - number, "reason": "测量"}
                    (await leader.put("/api/seats/plan", json=wish)).raise_for_status()
                    if not await until(lambda: len(heard) >= MANY, 10):
                        raise RuntimeError(f"only {len(heard)} of {MANY} heard it")
                    took.append(max(heard) - pressed)
            await _leave(desktops)
    return Row(
        part="seat plan", what=f"button to the last of {MANY:,} desktops", value=median(took), unit="s",
        target="≤ 1 s", met=median(took) <= 1,
    )  # fmt: skip
