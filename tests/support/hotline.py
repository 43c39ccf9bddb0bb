"""The hotline as a process of its own beside a test's Asterisk, and operators who use it over HTTP."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from core.config import Settings
from telephony.own_asterisk import OwnAsterisk
from web.demo import DEMO_PASSWORD

START_WITHIN = 90.0
GIVEN_BACK = (204, 401, 403, 404)
"""Answers to leaving a seat: done, or nobody sits there."""


class HotlineProcess:
    """`hotline serve --demo` over the data folder and ports of `settings`; may be killed and started again."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.settings = settings
        self.log = log
        self.base = f"http://127.0.0.1:{settings.port}"
        # What every request that changes something must carry.
        self.headers = {"X-Requested-With": "hotline", "Origin": self.base}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return when /readyz says that all parts are there."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "from web.cli import app; app()", "serve", "--demo",
                env=environment(self.settings), stdout=log, stderr=log,
            )  # fmt: skip
        async with httpx.AsyncClient() as client:
            await until(lambda: self._is_ready(client), within=START_WITHIN, what="hotline ready")

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End the process as a power cut would."""
        await self._end(signal.SIGKILL)

    async def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()

    async def _is_ready(self, client: httpx.AsyncClient) -> bool:
        assert self._process is not None
        if self._process.returncode is not None:
            raise RuntimeError(f"the hotline ended at once:\n{self.log.read_text()[-3000:]}")
        try:
            return (await client.get(f"{self.base}/readyz")).status_code == 200
        except httpx.HTTPError:
            return False


class Operator:
    """A signed-in person over HTTP, as the desktop does it but without a browser."""

    def __init__(self, client: httpx.AsyncClient, me: dict[str, Any]) -> None:
        self.client, self.me = client, me

    async def take_seat(self, seat: str) -> httpx.Response:
        return await self.client.put("/api/seats/mine", json={"seat": seat})

    async def leave(self) -> bool:
        """Give the seat back, if there is one; False while it rings or talks."""
        return (await self.client.delete("/api/seats/mine")).status_code in GIVEN_BACK

    async def ready(self) -> None:
        """Press ready and wait until the server says so: it believes Asterisk's event."""
        response = await self.client.put("/api/seats/mine/state", json={"state": "ready"})
        assert response.status_code == 200, response.text
        await self.in_state("ready")

    async def session(self) -> dict[str, Any]:
        response = await self.client.get("/api/seats/mine")
        session: dict[str, Any] = response.json()["session"] if response.status_code == 200 else {}
        return session

    async def in_state(self, *states: str, within: float = 10.0) -> dict[str, Any]:
        """Return the session as soon as its state is one of `states`."""
        return await until(
            lambda: self._session_if(states),
            within=within,
            what=f"{self.me['username']} in {states}",
        )

    async def get(self, path: str, **query: Any) -> Any:
        response = await self.client.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def _session_if(self, states: tuple[str, ...]) -> dict[str, Any] | None:
        session = await self.session()
        return session if session.get("state") in states else None


@asynccontextmanager
async def running_hotline(asterisk: OwnAsterisk, log: Path) -> AsyncIterator[HotlineProcess]:
    """Run the hotline over the settings of a running Asterisk."""
    hotline = HotlineProcess(asterisk.settings, log)
    try:
        await hotline.start()
        yield hotline
    finally:
        await hotline.stop()


@asynccontextmanager
async def signed_in(hotline: HotlineProcess, username: str) -> AsyncIterator[Operator]:
    """Sign a demo account in."""
    async with httpx.AsyncClient(
        base_url=hotline.base, headers=hotline.headers, timeout=15
    ) as client:
        response = await client.post(
            "/api/session", json={"username": username, "password": DEMO_PASSWORD}
        )
        assert response.status_code == 200, response.text
        yield Operator(client, response.json())


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment that gives another process the same settings."""
    chosen = settings.model_dump(mode="json", exclude_unset=True, exclude={"demo", "secret_key"})
    ours = {f"HOTLINE_{name.upper()}": _as_text(value) for name, value in chosen.items()}
    return {**os.environ, **ours}


def _as_text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, list) else str(value)


async def until(
    condition: Callable[[], Awaitable[Any]],
    *,
    within: float = 10.0,
    what: str = "condition",
    every: float = 0.03,
) -> Any:
    """Return the first true value of `condition`; AssertionError naming `what` after `within` seconds."""
    try:
        async with asyncio.timeout(within):
            while not (value := await condition()):
                await asyncio.sleep(every)
            return value
    except TimeoutError:
        raise AssertionError(f"not within {within:g} s: {what}") from None
