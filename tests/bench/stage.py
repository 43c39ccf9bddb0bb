"""A whole hotline under load: real Asterisk, the hotline as its own process, staffed seats with open desktops."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from bench.listener import Heard, Listener, listen_live
from bench.sipp import register, seat_telephones
from sqlalchemy import select
from support.asterisk import running_asterisk
from support.hotline import HotlineProcess, running_hotline
from support.ports import free_ports

from core.clock import utc_now
from core.config import Settings
from core.db import Database
from core.events import LocalBus
from core.security import Account, Role, open_session
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import ami_secret

TICKS = os.sysconf("SC_CLK_TCK")
RELAY = Path(__file__).with_name("relay.py")


@dataclass
class Stage:
    asterisk: OwnAsterisk
    hotline: HotlineProcess
    folder: Path
    desktops: list[Listener]

    @property
    def hotline_pid(self) -> int:
        return pid_of(self.hotline)

    @property
    def asterisk_pid(self) -> int:
        assert self.asterisk.pid is not None
        return self.asterisk.pid


def cpu(pid: int) -> float:
    """Return the CPU seconds that a process has used so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def pid_of(hotline: HotlineProcess) -> int:
    process = hotline._process
    assert process is not None
    return process.pid


@asynccontextmanager
async def staffed(folder: Path, seats: int, heard: Heard) -> AsyncIterator[Stage]:
    """Run everything with `seats` agents ready; `heard` gets what each desktop receives."""
    limits = {
        "physical_seats": seats,
        "open_seats": seats,
        "night_seats": seats,
        "wrap_up_seconds": 1,
    }
    (port,) = free_ports(1, socket.SOCK_DGRAM)
    async with running_asterisk(folder / "data", **limits, lease_grace_seconds=600) as asterisk:
        await register(asterisk, seats, port, folder)
        async with (
            seat_telephones(asterisk, port, folder),
            running_hotline(asterisk, folder / "hotline.log") as hotline,
        ):
            tokens = await people(asterisk.settings, seats)
            desktops = [await listen_live(asterisk.settings.port, token, heard) for token in tokens]
            await asyncio.gather(*(desktop.opened for desktop in desktops))
            await _staff(hotline, tokens)
            try:
                yield Stage(asterisk, hotline, folder, desktops)
            finally:
                for desktop in desktops:
                    desktop.transport.close()


async def people(settings: Settings, count: int, role: Role = Role.OPERATOR) -> list[str]:
    """Add `count` people of one role to a hotline's database and return the tokens of their sign-ins."""
    database = Database(settings.database, LocalBus())
    try:
        async with database.unit_of_work() as uow:
            password = await uow.session.scalar(select(Account.password_hash).limit(1)) or ""
            accounts = [
                Account(
                    username=f"bench{number:04d}",
                    display_name=f"话务员{number}",
                    password_hash=password,
                    roles=[role.value],
                    created_at=utc_now(),
                )
                for number in range(count)
            ]
            uow.session.add_all(accounts)
            await uow.session.flush()
            return [await open_session(uow.session, one, utc_now(), 12) for one in accounts]
    finally:
        await database.close()


@asynccontextmanager
async def relay(kind: str, settings: Settings) -> AsyncIterator[tuple[int, int]]:
    """Run a peer of the screen-pop; gives its port and process id."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, RELAY, kind, str(settings.ami_port), settings.ami_user,
        env={**os.environ, "AMI_SECRET": ami_secret(settings)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline()), process.pid
    finally:
        process.kill()
        await process.wait()


async def _staff(hotline: HotlineProcess, tokens: list[str]) -> None:
    headers = {"X-Requested-With": "hotline", "Origin": hotline.base}
    turns = asyncio.Semaphore(8)
    async with httpx.AsyncClient(base_url=hotline.base, headers=headers, timeout=30) as client:

        async def arrive(number: int, token: str) -> None:
            cookie = {"Cookie": f"hotline_session={token}"}
            async with turns:
                for path, body in (
                    ("/api/seats/mine", {"seat": f"{number:02d}"}),
                    ("/api/seats/mine/state", {"state": "ready"}),
                ):
                    answer = await client.put(path, json=body, headers=cookie)
                    if answer.status_code != 200:
                        raise RuntimeError(answer.text)
                while (await client.get("/api/seats/mine", headers=cookie)).json()["session"][
                    "state"
                ] != "ready":
                    await asyncio.sleep(0.05)

        await asyncio.gather(*(arrive(n, token) for n, token in enumerate(tokens, 1)))


async def until(condition: Callable[[], bool], limit: float) -> bool:
    """Return whether the condition came true within `limit` seconds."""
    for _ in range(int(limit / 0.02)):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False
