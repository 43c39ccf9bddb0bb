"""An Asterisk that we run ourselves: start, stop, restart, speak to its console, apply new settings."""

import asyncio
import fcntl
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import IO

import structlog

from core.config import Settings
from core.errors import HotlineError
from telephony.install import AsteriskInstall, find_or_build_asterisk
from telephony.provision import InstancePaths, render

log = structlog.get_logger(__name__)

START_WITHIN = 30.0
STOP_WITHIN = 10.0
LONGEST_SOCKET_PATH = 107  # sockaddr_un

# Which console command takes over a changed file; what is not named here needs a restart.
RELOADS = {
    "extensions": "dialplan reload",
    "pjsip": "module reload res_pjsip.so",
    "queues": "queue reload all",
    "manager": "manager reload",
    "logger": "logger reload",
    "musiconhold": "moh reload",
    "rtp": "module reload res_rtp_asterisk.so",
    "features": "module reload features",
    "indications": "module reload indications",
}


class AsteriskFailed(HotlineError):
    code, status = "ASTERISK_FAILED", 503
    zh = "Asterisk 没有启动:{reason}"
    en = "Asterisk did not start: {reason}"


class ConsoleFailed(HotlineError):
    code, status = "ASTERISK_CONSOLE_FAILED", 503
    zh = "Asterisk 控制台没有回答:{reason}"
    en = "Asterisk's console did not answer: {reason}"


class OwnAsterisk:
    """One instance in its own folder (`data_dir/asterisk`), with its own ports; several may run at once.

    It is no child in spirit: when our process is killed, calls go on. The next start over the same
    folder finds the left-over by its pid file and ends it before it starts anew.
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
        self._process: subprocess.Popen[bytes] | None = None
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
        self._install = self._install or await asyncio.to_thread(find_or_build_asterisk)
        self._take_folder()
        try:
            render(self.settings, self.paths.folder, self._install, plain_seats=self._plain_seats)
            await self._end_left_over()
            self._refuse_taken_ports()
            self._spawn()
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
        self._install = self._install or await asyncio.to_thread(find_or_build_asterisk)
        call = (*self._install.command, "-C", str(self.paths.etc / "asterisk.conf"), "-rx", command)
        try:
            answer = await asyncio.to_thread(
                subprocess.run,
                call,
                env=self._environment(),
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
        changed = render(settings, self.paths.folder, self._install, plain_seats=self._plain_seats)
        kinds = {name.split(".")[0] for name in changed}
        for kind, command in RELOADS.items():
            if kind in kinds:
                await self.console(command)
        if needing_restart := sorted(kinds - RELOADS.keys()):
            raise AsteriskFailed(reason=f"{', '.join(needing_restart)} changed: restart needed")
        return changed

    def _take_folder(self) -> None:
        """Hold the folder against another process of ours that is alive."""
        self.paths.folder.mkdir(parents=True, exist_ok=True)
        if len(str(self.paths.run / "asterisk.ctl")) > LONGEST_SOCKET_PATH:
            raise AsteriskFailed(
                reason=f"the path {self.paths.run} is too long for a socket; move data_dir"
            )
        lock = (self.paths.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise AsteriskFailed(
                reason=f"another process runs the instance in {self.paths.folder}"
            ) from None
        self._lock = lock

    async def _end_left_over(self) -> None:
        pid = self._left_over()
        if pid is None:
            return
        log.warning("ending an Asterisk that a killed process left behind", pid=pid)
        for sign in (signal.SIGTERM, signal.SIGKILL):
            os.kill(pid, sign)
            try:
                async with asyncio.timeout(STOP_WITHIN):
                    while self._left_over() is not None:
                        await asyncio.sleep(0.05)
                return
            except TimeoutError:
                continue

    def _left_over(self) -> int | None:
        """Return the pid of a living Asterisk over this very folder: pid file and command line agree."""
        try:
            pid = int((self.paths.run / "asterisk.pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        ours = str(self.paths.etc / "asterisk.conf").encode() in words
        return pid if ours else None

    def _refuse_taken_ports(self) -> None:
        s = self.settings
        for kind, host, port in (
            (socket.SOCK_STREAM, "127.0.0.1", s.ami_port),
            (socket.SOCK_STREAM, s.sip_host, s.sip_ws_port),
            (socket.SOCK_DGRAM, s.sip_host, s.sip_port),
        ):
            with socket.socket(socket.AF_INET, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, port))
                except OSError as refusal:
                    raise AsteriskFailed(
                        reason=f"{host}:{port} is not free: {refusal.strerror}"
                    ) from None

    def _spawn(self) -> None:
        assert self._install is not None
        with (self.paths.log / "console.log").open("wb") as console:
            self._process = subprocess.Popen(
                (
                    *_without_privileges(),
                    *self._install.command,
                    "-f",
                    "-C",
                    self.paths.etc / "asterisk.conf",
                ),
                env=self._environment(),
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

    def _environment(self) -> dict[str, str]:
        assert self._install is not None
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TZ") if name in os.environ}
        return kept | dict(self._install.environment)

    def _last_words(self) -> str:
        try:
            said = (self.paths.log / "console.log").read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return " | ".join(said[-5:])


def _without_privileges() -> tuple[str, ...]:
    """Return the words that make a program of root lose every capability; () for other users.

    The user stays root's, because the tree and the data folder may lie in root's own home.
    """
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return ()
    return ("setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all")
