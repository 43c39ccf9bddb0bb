"""What tests of faults stand on: an Asterisk and a hotline with a wire for each of their two connections.

`plain_ground` is an installation as it comes (SQLite, one process), `served_ground` one with PostgreSQL and Redis.
Both live for the whole session; each test gets a `Floor` on one of them, see `floor` and `served_floor`.
"""

from array import array
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from core.config import Settings
from ivr.prompts import catalogue
from support.aftermath import check_aftermath, check_nobody_left
from support.asterisk import clear, running_asterisk
from support.floor import Floor
from support.hotline import HotlineProcess
from support.own_postgresql import OwnPostgresql
from support.ports import free_ports
from support.programs import find_program
from support.redis import RedisServer
from support.wire import Wire
from telephony.own_asterisk import OwnAsterisk
from telephony.sip_media import RATE, save

GREETING_SECONDS = 6.0
RING_SECONDS = 60
# On the served ground limits pass quickly.
GRACE_SECONDS = 3
WRAP_UP_SECONDS = 2


@dataclass
class Ground:
    """The parts that a test may break; `ami` and `agi` are wires that all traffic of the two goes over."""

    folder: Path
    asterisk: OwnAsterisk
    hotline: HotlineProcess
    ami: Wire
    agi: Wire
    postgresql: OwnPostgresql | None = None
    redis: RedisServer | None = None

    @property
    def settings(self) -> Settings:
        return self.hotline.settings


@asynccontextmanager
async def running_ground(
    folder: Path,
    *,
    postgresql: OwnPostgresql | None = None,
    redis: RedisServer | None = None,
    **changes: Any,
) -> AsyncIterator[Ground]:
    """Run Asterisk and hotline in `folder`, where the hotline's log stays; `changes` are settings of both."""
    (agi_port,) = free_ports(1)
    changes = {"physical_seats": 6, "ring_seconds": RING_SECONDS, **changes}
    async with AsyncExitStack() as stack:
        agi = await stack.enter_async_context(Wire("127.0.0.1", agi_port))
        asterisk = await stack.enter_async_context(
            running_asterisk(folder, agi_port=agi.port, **changes)
        )
        make_quick_prompts(asterisk.paths.sounds / "hotline")
        ami = await stack.enter_async_context(Wire("127.0.0.1", asterisk.settings.ami_port))
        theirs: dict[str, Any] = {"agi_port": agi_port, "ami_port": ami.port}
        if postgresql is not None:
            theirs["database_url"] = postgresql.new_database()
        if redis is not None:
            theirs["redis_url"] = redis.url
        hotline = HotlineProcess(
            asterisk.settings.model_copy(update=theirs), folder / "hotline.log"
        )
        stack.push_async_callback(hotline.stop)
        await hotline.start()
        yield Ground(folder, asterisk, hotline, ami, agi, postgresql, redis)


def make_quick_prompts(folder: Path) -> None:
    """Write a tone for every prompt: the greeting lasts some seconds, all others a moment."""
    folder.mkdir(parents=True, exist_ok=True)
    period = array("h", [6000] * 10 + [-6000] * 10)  # 400 Hz
    for name in catalogue():
        seconds = GREETING_SECONDS if name == "greeting" else 0.1
        save(folder / f"{name}.wav", period * int(seconds * RATE / len(period)))


@asynccontextmanager
async def floor_on(
    ground: Ground, tmp_path: Path, floor: Floor | None = None
) -> AsyncIterator[Floor]:
    """Yield a floor; afterwards all must be explained, nobody left, and no failure in the log.

    The log of the test is left in `tmp_path`.
    """
    floor = floor or Floor(ground.asterisk, ground.hotline)
    try:
        yield floor
        await floor.hang_up_all()
        await check_aftermath(floor)
    finally:
        await floor.close()
        log = floor.log()
        (tmp_path / "hotline.log").write_text(log)
        await clear(ground.asterisk)
    await check_nobody_left(floor)
    assert "Traceback" not in log, log[log.index("Traceback") - 300 :][:3000]


_session = pytest_asyncio.fixture(scope="session", loop_scope="session")
_shared_loop = pytest_asyncio.fixture(loop_scope="session")


@_session
async def plain_ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    async with running_ground(tmp_path_factory.mktemp("plain")) as ground:
        yield ground


@_session
async def served_ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    folder = tmp_path_factory.mktemp("served")
    redis = RedisServer(find_program("redis-server"), folder)
    redis.start()
    try:
        with OwnPostgresql.running() as postgresql:
            async with running_ground(
                folder,
                postgresql=postgresql,
                redis=redis,
                lease_grace_seconds=GRACE_SECONDS,
                wrap_up_seconds=WRAP_UP_SECONDS,
            ) as ground:
                yield ground
    finally:
        redis.stop()


@_shared_loop
async def floor(plain_ground: Ground, tmp_path: Path) -> AsyncIterator[Floor]:
    """A floor on the plain ground."""
    async with floor_on(plain_ground, tmp_path) as floor:
        yield floor


@_shared_loop
async def served_floor(served_ground: Ground, tmp_path: Path) -> AsyncIterator[Floor]:
    """A floor on PostgreSQL and Redis."""
    async with floor_on(served_ground, tmp_path) as floor:
        yield floor
