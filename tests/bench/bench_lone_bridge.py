"""CPU of the bridge with its ledger over CPU of Asterisk, at the highest rate of calls that Asterisk sustains here.

Nothing else of the hotline runs: a stand-in answers AGI with "to the queue", so that the rate is Asterisk's own.
"""

import asyncio
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.sipp import citizens, register, seat_telephones
from bench.stage import cpu
from bench.table import Row
from support.asterisk import running_asterisk
from support.hotline import environment
from support.links import quick_link
from support.ports import free_ports

from core.config import Settings
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import ami_secret, seat_name
from telephony.switch import Switch

RATES = (20.0, 40.0, 60.0, 80.0)
SECONDS = 6
SEATS = 100
LONE = Path(__file__).with_name("lone_bridge.py")


async def run() -> list[Row]:
    best: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (port,) = free_ports(1, socket.SOCK_DGRAM)
        limits = {"physical_seats": SEATS, "open_seats": SEATS}
        async with running_asterisk(folder / "data", **limits) as asterisk:
            await register(asterisk, SEATS, port, folder)
            async with (
                seat_telephones(asterisk, port, folder),
                _to_the_queue(asterisk.settings),
                _lone_bridge(asterisk.settings, folder) as bridge,
            ):
                await _staff(asterisk)
                for rate in RATES:
                    rows = await _at(asterisk, bridge, rate, folder)
                    if not rows:
                        break
                    best = rows
    return best


class _Bridge:
    """The process, and the calls that it has stored and still follows, as it says itself."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self.calls = self.open = 0
        self._process = process

    async def follow(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if line[:1].isdigit():
                self.calls, self.open = (int(word) for word in line.split())


async def _at(asterisk: OwnAsterisk, bridge: _Bridge, rate: float, folder: Path) -> list[Row]:
    """Return the rows of this rate, none if Asterisk did not sustain it."""
    assert asterisk.pid is not None
    wanted, before = int(rate * SECONDS), bridge.calls
    ours, theirs, began = cpu(bridge.pid), cpu(asterisk.pid), time.monotonic()
    done = await citizens(asterisk, rate, wanted, folder)
    took = time.monotonic() - began
    if done < wanted or took > SECONDS + 8:
        return []
    while bridge.calls - before < wanted or bridge.open:
        await asyncio.sleep(0.1)
    lag = time.monotonic() - began - took
    ours, theirs = cpu(bridge.pid) - ours, cpu(asterisk.pid) - theirs
    part = f"bridge alone, {rate:g} calls/s"
    return [
        Row(part=part, what="bridge with ledger, a call", value=ours / wanted * 1000, unit="ms cpu",
            baseline=theirs / wanted * 1000, against="asterisk", target="≤ 0.25 × asterisk",
            met=ours <= 0.25 * theirs),
        Row(part=part, what="all calls in the ledger after the last", value=lag, unit="s"),
    ]  # fmt: skip


@asynccontextmanager
async def _lone_bridge(settings: Settings, folder: Path) -> AsyncIterator[_Bridge]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, LONE, folder, env={**os.environ, **environment(settings)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    bridge = _Bridge(process)
    while b"in step" not in (line := await process.stdout.readline()):
        if not line:
            raise RuntimeError("the bridge ended at once")
    following = asyncio.create_task(bridge.follow())
    try:
        yield bridge
    finally:
        process.kill()
        await process.wait()
        await following


@asynccontextmanager
async def _to_the_queue(settings: Settings) -> AsyncIterator[None]:
    """Serve AGI in the fewest words: every caller to the human queue."""

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\n\n")
        for command in (b'SET VARIABLE "TIMEOUT(absolute)" "0"', b'SET VARIABLE IVR_NEXT "queue"'):
            writer.write(command + b"\n")
            await reader.readline()
        writer.close()

    server = await asyncio.start_server(session, settings.agi_host, settings.agi_port)
    async with server:
        yield


async def _staff(asterisk: OwnAsterisk) -> None:
    settings = asterisk.settings
    link = quick_link(
        host="127.0.0.1",
        port=settings.ami_port,
        user=settings.ami_user,
        secret=ami_secret(settings),
    )
    await link.start()
    await link.wait_connected(10)
    switch = Switch(link, queue=settings.queue)
    for number in range(1, SEATS + 1):
        await switch.add_member(seat_name(number), paused=False)
    await link.close()
