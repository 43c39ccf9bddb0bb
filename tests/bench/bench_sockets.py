"""A thousand desktops that reconnect at once, and one event to 10, 100 and 1,000 of them.

The hotline is a process of its own (without a switch: its board says so). The event is a change of the open seats by
the shift leader. Its floor in the same run: a bare `websockets` server that sends one frame to as many sockets.
"""

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from bench.listener import Listener, listen, listen_live
from bench.stage import people, until
from bench.table import Row, median
from support.asterisk import settings_for
from support.hotline import environment

from web.demo import DEMO_PASSWORD

DESKTOPS = 1000
SIZES = (10, 100, 1000)
EVENTS = 9
PEERS_MS = {
    10: 0.7,
    100: 2.6,
    1000: 24.0,
}  # uvicorn, as the project's facts give it for this kind of machine


async def run() -> list[Row]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, most), most))
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        settings = settings_for(Path(name), physical_seats=12)
        async with hotline_alone(environment(settings), settings.port, Path(name) / "log"):
            tokens = await people(settings, DESKTOPS)
            rows += await _reconnect(settings.port, tokens)
            rows += await _fan_out(settings.port, tokens)
    return rows


async def _reconnect(port: int, tokens: list[str]) -> list[Row]:
    took: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        desktops = await _all(port, tokens)
        took.append(time.perf_counter() - began)
        await _leave(desktops)
    return [
        Row(part="desktops", what=f"{DESKTOPS:,} reconnect, all have a snapshot", value=median(took), unit="s",
            target="≤ 5 s", met=median(took) <= 5),
    ]  # fmt: skip


async def _fan_out(port: int, tokens: list[str]) -> list[Row]:
    rows: list[Row] = []
    async with _bare() as floor_port, shift_leader(port) as leader:
        for size in SIZES:
            ours = await _last(port, tokens[:size], leader)
            floor = await _floor(floor_port, size)
            known = PEERS_MS[size]
            rows.append(
                Row(part="desktops", what=f"one event to {size:,}: last one after the first", value=ours, unit="ms",
                    baseline=floor, against="bare", target=f"≤ {known:g} (uvicorn)", met=ours <= known)
            )  # fmt: skip
    return rows


async def _last(port: int, tokens: list[str], leader: httpx.AsyncClient) -> float:
    """Return the median of the time from the first socket's event to the last one's, in ms."""
    heard: list[float] = []

    def hear(payload: bytes, now: float) -> None:
        if b'"name":"plan"' in payload[:60]:
            heard.append(now)

    desktops = await _all(port, tokens, hear)
    took: list[float] = []
    for number in range(EVENTS):
        heard.clear()
        plan = {"open_seats": 3 + number % 5, "reason": "测量"}
        (await leader.put("/api/seats/plan", json=plan)).raise_for_status()
        if not await until(lambda: len(heard) >= len(tokens), 10):
            raise RuntimeError(f"only {len(heard)} of {len(tokens)} heard it")
        took.append((max(heard) - min(heard)) * 1000)
    await _leave(desktops)
    return median(took)


async def _floor(port: int, size: int) -> float:
    heard: list[float] = []
    sockets = [
        await listen(port, "/", lambda _payload, now: heard.append(now)) for _ in range(size)
    ]
    await until(lambda: all(socket.upgraded for socket in sockets), 10)
    took: list[float] = []
    for _ in range(EVENTS):
        heard.clear()
        sockets[0].say("go")
        await until(lambda: len(heard) >= size, 10)
        took.append((max(heard) - min(heard)) * 1000)
    await _leave(sockets)
    return median(took)


async def _all(port: int, tokens: list[str], hear=lambda _payload, _now: None) -> list[Listener]:  # type: ignore[no-untyped-def]
    desktops = await asyncio.gather(*(listen_live(port, token, hear) for token in tokens))
    await asyncio.gather(*(desktop.opened for desktop in desktops))
    return list(desktops)


async def _leave(sockets: list[Listener]) -> None:
    for socket in sockets:
        socket.transport.abort()
    await until(lambda: all(socket.closed for socket in sockets), 5)


@asynccontextmanager
async def hotline_alone(env: dict[str, str], port: int, log: Path) -> AsyncIterator[int]:
    """Run the hotline without a switch; gives its process id."""
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from web.cli import app; app()", "serve", "--demo",
            env=env, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            async with asyncio.timeout(40):
                while not await _answers(client):
                    await asyncio.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).status_code == 200
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def shift_leader(port: int) -> AsyncIterator[httpx.AsyncClient]:
    """Sign the shift leader of the demo in."""
    base = f"http://127.0.0.1:{port}"
    headers = {"X-Requested-With": "hotline", "Origin": base}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=20) as client:
        answer = await client.post(
            "/api/session", json={"username": "shift01", "password": DEMO_PASSWORD}
        )
        answer.raise_for_status()
        yield client


@asynccontextmanager
async def _bare() -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, Path(__file__).with_name("fan_out.py"),
        env=dict(os.environ), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()
