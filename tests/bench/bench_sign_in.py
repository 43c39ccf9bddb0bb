"""Sign-in under contention over HTTP: more agents than open seats, all at once; exactly the open seats are given.

Real Asterisk (each winner is a queue member before he is answered), the hotline as a process of its own, on SQLite
and on PostgreSQL.
"""

import asyncio
import tempfile
import time
from pathlib import Path

import httpx
from bench.stage import people
from bench.table import Row, quantile
from support.asterisk import running_asterisk
from support.hotline import running_hotline
from support.own_postgresql import OwnPostgresql

AGENTS, SEATS, OPEN = 60, 24, 20


async def run() -> list[Row]:
    with OwnPostgresql.running() as server:
        return [*await _on("sqlite", ""), *await _on("postgresql", server.new_database())]


async def _on(kind: str, url: str) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        opened = {"open_seats": OPEN, "night_seats": OPEN}
        changes = {"physical_seats": SEATS, "database_url": url, **opened}
        async with (
            running_asterisk(folder / "data", **changes) as asterisk,
            running_hotline(asterisk, folder / "hotline.log") as hotline,
        ):
            tokens = await people(asterisk.settings, AGENTS)
            headers = {"X-Requested-With": "hotline", "Origin": hotline.base}
            limits = httpx.Limits(max_connections=AGENTS)
            async with httpx.AsyncClient(
                base_url=hotline.base, headers=headers, timeout=30, limits=limits
            ) as client:
                answers = await asyncio.gather(
                    *(_arrive(client, number, token) for number, token in enumerate(tokens))
                )
    won = [took for status, took in answers if status == 200]
    lost = [took for status, took in answers if status != 200]
    part = f"sign-in, {AGENTS} agents for {OPEN} seats, {kind}"
    return [
        Row(
            part=part,
            what="seats given",
            value=len(won),
            unit=f"of {OPEN}",
            target="exactly",
            met=len(won) == OPEN,
        ),
        Row(part=part, what="last seat given after", value=max(won, default=0) * 1000, unit="ms"),
        Row(
            part=part,
            what="tried every seat in vain, p95",
            value=quantile(lost, 0.95) * 1000,
            unit="ms",
        ),
    ]


async def _arrive(client: httpx.AsyncClient, number: int, token: str) -> tuple[int, float]:
    """Take the own seat, then any other until one is given or none is left."""
    began = time.perf_counter()
    cookie = {"Cookie": f"hotline_session={token}"}
    answer = None
    for turn in range(SEATS):
        seat = f"{(number + turn) % SEATS + 1:02d}"
        answer = await client.put("/api/seats/mine", json={"seat": seat}, headers=cookie)
        if answer.status_code == 200 or answer.json().get("code") == "SEATS_FULL":
            break
    assert answer is not None
    return answer.status_code, time.perf_counter() - began
