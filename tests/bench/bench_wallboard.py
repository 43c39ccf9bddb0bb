"""What a connected big screen costs: CPU of the hotline with none and with a hundred, while the board changes.

The hotline is a process of its own, without a switch. The change is one of the open seats by the shift leader, at a
fixed rate; its own cost is what the same changes cost with no screen connected.
"""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from bench.bench_sockets import hotline_alone, shift_leader
from bench.listener import listen_live
from bench.stage import cpu, people, until
from bench.table import Row, median
from support.asterisk import settings_for
from support.hotline import environment

from core.security import Role

SCREENS = 100
RATE = 6.0  # changes a second: the board is told every 100 ms at most
CHANGES = 36
ROUNDS = 2
MOST_MS = 0.1
"""Of CPU for one screen and one change: 10 screens and 5 changes a second are half a percent of a core."""


@dataclass
class Heard:
    plans: int = 0

    def take(self, payload: bytes, _now: float) -> None:
        self.plans += b'"name":"plan"' in payload[:60]


async def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        settings = settings_for(Path(name), physical_seats=12)
        log = Path(name) / "log"
        async with (
            hotline_alone(environment(settings), settings.port, log) as pid,
            shift_leader(settings.port) as leader,
        ):
            tokens = await people(settings, SCREENS, Role.SCREEN)
            await _changes(leader)
            bare = median([await _spent(pid, leader) for _ in range(ROUNDS)])
            heard = Heard()
            screens = [await listen_live(settings.port, token, heard.take) for token in tokens]
            await asyncio.gather(*(screen.opened for screen in screens))
            full = median([await _spent(pid, leader) for _ in range(ROUNDS)])
            wanted = ROUNDS * CHANGES * SCREENS
            await until(lambda: heard.plans >= wanted, 2)
            idle = await _idle(pid)
            for screen in screens:
                screen.transport.abort()
    if (
        not 0.8 * wanted <= heard.plans <= wanted
    ):  # some of a busy machine's changes go out together
        raise RuntimeError(f"{heard.plans} changes arrived of {wanted}")
    each = (full - bare) / (heard.plans / ROUNDS) * 1000
    return [
        Row(part="wallboard", what=f"{CHANGES} changes, {SCREENS} screens", value=full * 1000, unit="ms cpu",
            baseline=bare * 1000, against="no screen"),
        Row(part="wallboard", what="one screen, one change", value=each, unit="ms cpu",
            target=f"≤ {MOST_MS:g}", met=each <= MOST_MS),
        Row(part="wallboard", what=f"{SCREENS} screens, nothing changes", value=idle * 1000, unit="ms cpu/s"),
    ]  # fmt: skip


async def _spent(pid: int, leader: httpx.AsyncClient) -> float:
    before = cpu(pid)
    await _changes(leader)
    return cpu(pid) - before


async def _changes(leader: httpx.AsyncClient) -> None:
    """Change the board at the fixed rate, each time to something else."""
    began = time.monotonic()
    for number in range(CHANGES):
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        plan = {"open_seats": 3 + number % 5, "reason": "测量"}
        (await leader.put("/api/seats/plan", json=plan)).raise_for_status()
    await asyncio.sleep(0.3)  # the board is told within 100 ms


async def _idle(pid: int, seconds: float = 5) -> float:
    before = cpu(pid)
    await asyncio.sleep(seconds)
    return (cpu(pid) - before) / seconds
