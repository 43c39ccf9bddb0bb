"""`hotline up --demo` as a newcomer runs it, and the commands beside it (README, spec/telephony.md 10)."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from support.asterisk import settings_for
from support.hotline import environment, until
from support.phones import citizen
from support.sounds import give_prompts

from core.config import Settings
from telephony.instance import InstancePaths
from telephony.own_asterisk import OwnAsterisk
from telephony.own_process import left_over
from telephony.sip_media import tone

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(150)]

COMMAND = (sys.executable, "-c", "from web.cli import app; app()")


class Installation:
    """One data folder, and the process that runs over it."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.settings, self.log = settings, log
        self.paths = InstancePaths((settings.data_dir / "asterisk").resolve())
        self._up: asyncio.subprocess.Process | None = None

    async def up(self) -> float:
        """Start `hotline up --demo` and return after how many seconds all parts were ready."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._up = await asyncio.create_subprocess_exec(
                *COMMAND, "up", "--demo", env=environment(self.settings), stdout=log, stderr=log
            )
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.settings.port}") as client:

            async def ready() -> bool:
                try:
                    return (await client.get("/readyz")).status_code == 200
                except httpx.HTTPError:
                    return False

            await until(ready, within=60, what="hotline up ready")
        return time.monotonic() - began

    async def end(self, number: signal.Signals) -> tuple[int, float]:
        """Send a signal; return the exit code and how many seconds the end took."""
        assert self._up is not None
        began = time.monotonic()
        self._up.send_signal(number)
        code = await asyncio.wait_for(self._up.wait(), 30)
        return code, time.monotonic() - began

    async def run(self, *arguments: str) -> tuple[int, str]:
        """Run another `hotline` command beside it; return exit code and output."""
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *arguments, env=environment(self.settings),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode is not None
        return process.returncode, said.decode()


@asynccontextmanager
async def installation(folder: Path) -> AsyncIterator[Installation]:
    made = Installation(settings_for(folder), folder / "hotline.log")
    try:
        yield made
    finally:
        if made._up is not None and made._up.returncode is None:
            made._up.kill()
            await made._up.wait()
        if (pid := left_over(made.paths)) is not None:
            os.kill(pid, signal.SIGKILL)


async def test_up_runs_stops_cleanly_starts_quickly_and_survives_its_own_death(
    tmp_path: Path,
) -> None:
    """One installation from its first start on, as the README describes it."""
    async with installation(tmp_path) as hotline:
        await asyncio.to_thread(give_prompts, OwnAsterisk(hotline.settings))
        first = await hotline.up()
        code, said = await hotline.run("doctor")
        assert code == 0, said
        assert "✘" not in said
        code, said = await hotline.run(
            "call", "--from", "13900000001", "--press", "2", "--hangup-after", "1"
        )
        assert code == 0, said
        code, said = await hotline.run("reconcile")
        assert code == 0, said
        assert "everything is explained" in said

        code, stopped = await hotline.end(signal.SIGINT)
        assert (code, left_over(hotline.paths)) == (0, None)

        second = await hotline.up()
        async with citizen(OwnAsterisk(hotline.settings)) as phone:
            call = await phone.dial("12345")
            call.media.playing = tone(440)
            await call.until_answered()
            await hotline.end(signal.SIGKILL)
            carries = left_over(hotline.paths)
            assert carries is not None
            third = await hotline.up()
            assert left_over(hotline.paths) == carries
            assert not call.ended.is_set()
        code, terminated = await hotline.end(signal.SIGTERM)
        assert (code, left_over(hotline.paths)) == (0, None)
        log = hotline.log.read_text()
        assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]
        print(
            f"first start {first:.1f} s, second {second:.1f} s, after SIGKILL {third:.1f} s; "
            f"Ctrl-C {stopped:.1f} s, SIGTERM {terminated:.1f} s"
        )
