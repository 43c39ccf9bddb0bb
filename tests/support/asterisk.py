"""A real Asterisk for tests: one a session (`asterisk`), or your own to restart and kill (`running_asterisk`)."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from core.config import Settings
from support.ports import free_ports, is_free
from telephony.own_asterisk import OwnAsterisk

COUNT = "core show channels count"


def free_range(length: int = 200) -> tuple[int, int]:
    """Return the first and last of `length` UDP ports in a row, below those that the system hands out."""
    for _ in range(50):
        start = random.randrange(22000, 32000 - length, 2)
        if all(is_free(port, socket.SOCK_DGRAM) for port in range(start, start + length)):
            return start, start + length - 1
    raise RuntimeError(f"no {length} free UDP ports in a row")


def settings_for(folder: Path, **changes: Any) -> Settings:
    """Return demo settings whose data lies in `folder` and whose ports are free."""
    ami, agi, websocket, web = free_ports(4)
    (sip,) = free_ports(1, socket.SOCK_DGRAM)
    rtp_start, rtp_end = free_range()
    values: dict[str, Any] = {
        "demo": True,
        "data_dir": folder,
        "port": web,
        "ami_port": ami,
        "agi_port": agi,
        "sip_port": sip,
        "sip_ws_port": websocket,
        "rtp_start": rtp_start,
        "rtp_end": rtp_end,
        # Tests run at night too, and nobody waits five seconds to be on the callback list.
        "callback_from": time.min,
        "callback_until": time.max,
        "callback_least_wait_seconds": 0,
    }
    return Settings(_env_file=None, **(values | changes))


@asynccontextmanager
async def running_asterisk(
    folder: Path, *, plain_seats: bool = True, **changes: Any
) -> AsyncIterator[OwnAsterisk]:
    """Run an Asterisk of your own over `folder`; `changes` are settings."""
    instance = OwnAsterisk(settings_for(folder, **changes), plain_seats=plain_seats)
    await instance.start()
    try:
        yield instance
    finally:
        await instance.stop()


@pytest.fixture(scope="session")
def session_asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnAsterisk]:
    """The one instance of this test session, with plain SIP seats; use `asterisk` instead."""
    instance = OwnAsterisk(settings_for(tmp_path_factory.mktemp("switch")), plain_seats=True)
    asyncio.run(instance.start())
    yield instance
    asyncio.run(instance.stop())


@pytest.fixture
async def asterisk(session_asterisk: OwnAsterisk) -> AsyncIterator[OwnAsterisk]:
    """The session's Asterisk, left as it was found: no calls, no members."""
    yield session_asterisk
    await clear(session_asterisk)


@pytest.fixture(scope="session")
def session_browser_asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnAsterisk]:
    """The session's instance whose seats are browsers (WebRTC); use `browser_asterisk` instead."""
    instance = OwnAsterisk(settings_for(tmp_path_factory.mktemp("webrtc")))
    asyncio.run(instance.start())
    yield instance
    asyncio.run(instance.stop())


@pytest.fixture
async def browser_asterisk(session_browser_asterisk: OwnAsterisk) -> AsyncIterator[OwnAsterisk]:
    """The session's Asterisk with WebRTC seats, left as it was found."""
    yield session_browser_asterisk
    await clear(session_browser_asterisk)


async def clear(instance: OwnAsterisk) -> None:
    """End all calls, wait until they are gone, take all members out of the queue."""
    if not instance.running:
        return
    await instance.console("channel request hangup all")
    async with asyncio.timeout(10):
        while not (await instance.console(COUNT)).startswith("0 active channels"):
            await asyncio.sleep(0.05)
    queue = instance.settings.queue
    for line in (await instance.console(f"queue show {queue}")).splitlines():
        for word in line.replace("(", " ").replace(")", " ").split():
            if word.startswith("PJSIP/"):
                await instance.console(f"queue remove member {word} from {queue}")
                break
