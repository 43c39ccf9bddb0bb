"""An Asterisk that we run ourselves: start, stop, restart, speak to its console, apply new settings."""

import asyncio
import os
import subprocess
from typing import IO

import structlog

from core.config import Settings
from core.errors import HotlineError
from telephony.install import AsteriskInstall, find_or_build_asterisk
from telephony.instance import InstancePaths
from telephony.own_process import (
    STOP_WITHIN,
    AsteriskFailed,
    LeftOver,
    end_left_over,
    left_over,
    refuse_taken_ports,
    take_folder,
    without_privileges,
)
from telephony.provision import render

log = structlog.get_logger(__name__)

START_WITHIN = 30.0
TAKE_OVER_WITHIN = 5.0

# Which console command takes over a changed file; what is not named here needs a restart.
RELOADS = {
    "extensions": "dialplan reload",
    "pjsip": "module reload res_pjsip.so",
    "queues": "queue reload all",
    "queuerules": "queue reload rules",
    "manager": "manager reload",
    "logger": "logger reload",
    "musiconhold": "moh reload",
    "rtp": "module reload res_rtp_asterisk.so",
    "features": "module reload features",
    "indications": "module reload indications",
}


class ConsoleFailed(HotlineError):
    code, status = "ASTERISK_CONSOLE_FAILED", 503
    zh = "Asterisk 控制台没有回答:{reason}"
    en = "Asterisk's console did not answer: {reason}"


class OwnAsterisk:
    """One instance in its own folder (`data_dir/asterisk`), with its own ports; several may run at once.

    It is no child in spirit: when our process is killed, calls go on. The next start over the same folder finds
    the left-over by its pid file and takes it over, calls and all; it starts anew only where it must.
    """

    def __init__(
        self,
        settings: Settings,
        install: AsteriskInstall | None = None,
        *,
        plain_seats: bool = False,
    ) -> None:
        self.settings = settings
        self.paths = InstancePaths((settings.data_dir / "asterisk").resolve())
        self._install = install
        self._plain_seats = plain_seats
        self._process: subprocess.Popen[bytes] | LeftOver | None = None
        self._lock: IO[str] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self.running else None

    async def start(self) -> None:
        """Render, start, and return when AMI listens and everything is loaded; AsteriskFailed otherwise."""
        if self.running:
            return
        install = await self._installed()
        self._lock = take_folder(self.paths)
        try:
            changed = render(
                self.settings, self.paths.folder, install, plain_seats=self._plain_seats
            )
            if await self._took_over(changed):
                return
            await end_left_over(self.paths)
            refuse_taken_ports(self.settings)
            self._spawn(install)
            async with asyncio.timeout(START_WITHIN):
                await self._wait_until_ready()
        except TimeoutError:
            await self.stop()
            raise AsteriskFailed(
                reason=f"not ready within {START_WITHIN:g} s; {self._last_words()}"
            ) from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the instance, calls and all; waits until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                await asyncio.to_thread(process.wait, STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def kill(self) -> None:
        """End the instance as a power cut would: no farewell on any line."""
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)

    async def restart(self) -> None:
        """Stop and start; every call ends."""
        await self.stop()
        await self.start()

    async def wait(self) -> int:
        """Return the exit code when the instance ends, whoever ends it."""
        if self._process is None:
            return 0
        return await asyncio.to_thread(self._process.wait)

    async def console(self, command: str, *, timeout: float = 10.0) -> str:
        """Return what Asterisk's own console answers to `command`; ConsoleFailed when it does not."""
        if "\n" in command or "\r" in command:
            raise ConsoleFailed(reason="a command is one line")
        install = await self._installed()
        call = (*install.command, "-C", str(self.paths.etc / "asterisk.conf"), "-rx", command)
        try:
            answer = await asyncio.to_thread(
                subprocess.run,
                call,
                env=_environment(install),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ConsoleFailed(reason=f"nothing within {timeout:g} s") from None
        text = answer.stdout.decode(errors="replace")
        if answer.returncode:
            raise ConsoleFailed(reason=text.strip()[:200])
        return text

    async def apply(self, settings: Settings) -> list[str]:
        """Take over changed settings without cutting calls; returns the changed files.

        Raises AsteriskFailed when a changed file needs a restart, after everything else was reloaded.
        """
        self.settings = settings
        install = await self._installed()
        changed = render(settings, self.paths.folder, install, plain_seats=self._plain_seats)
        await self._reload(changed)
        if needing_restart := _need_restart(changed):
            raise AsteriskFailed(reason=f"{', '.join(needing_restart)} changed: restart needed")
        return changed

    async def _reload(self, changed: list[str]) -> None:
        for kind, command in RELOADS.items():
            if kind in _kinds(changed):
                await self.console(command)

    async def _took_over(self, changed: list[str]) -> bool:
        """Take over the Asterisk that a killed process of ours left behind, if it is sound and may stay."""
        pid = left_over(self.paths)
        if pid is None or _need_restart(changed):
            return False
        self._process = LeftOver(pid)
        try:
            async with asyncio.timeout(TAKE_OVER_WITHIN):
                await self._wait_until_ready()
                await self._reload(changed)
        except (TimeoutError, HotlineError) as error:
            log.warning("the asterisk left behind is not sound", pid=pid, error=repr(error))
            self._process = None
            return False
        log.warning("took over the asterisk that a killed process left behind", pid=pid)
        return True

    def _spawn(self, install: AsteriskInstall) -> None:
        with (self.paths.log / "console.log").open("wb") as console:
            self._process = subprocess.Popen(
                (
                    *without_privileges(),
                    *install.command,
                    "-f",
                    "-C",
                    self.paths.etc / "asterisk.conf",
                ),
                env=_environment(install),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                # Ctrl-C in our terminal is for us; we stop Asterisk ourselves.
                start_new_session=True,
            )

    async def _wait_until_ready(self) -> None:
        while not await self._ami_greets():
            if not self.running:
                raise AsteriskFailed(reason=self._last_words())
            await asyncio.sleep(0.05)
        await self.console("core waitfullybooted", timeout=START_WITHIN)

    async def _ami_greets(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.settings.ami_port)
        except OSError:
            return False
        try:
            return (await reader.readline()).startswith(b"Asterisk Call Manager/")
        finally:
            writer.close()

    async def _installed(self) -> AsteriskInstall:
        if self._install is None:
            self._install = await asyncio.to_thread(find_or_build_asterisk)
        return self._install

    def _last_words(self) -> str:
        try:
            said = (self.paths.log / "console.log").read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return " | ".join(said[-5:])


def _kinds(changed: list[str]) -> set[str]:
    return {name.split(".")[0] for name in changed}


def _need_restart(changed: list[str]) -> list[str]:
    """Return the kinds of changed files that no reload takes over."""
    return sorted(_kinds(changed) - RELOADS.keys())


def _environment(install: AsteriskInstall) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TZ") if name in os.environ}
    return {**kept, **install.environment}
