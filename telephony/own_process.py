"""What must be true around an Asterisk process of ours: one a folder, no left-over, free ports, no privileges."""

import asyncio
import fcntl
import os
import select
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import IO

import structlog

from core.config import Settings
from core.errors import HotlineError
from telephony.instance import InstancePaths

log = structlog.get_logger(__name__)

STOP_WITHIN = 10.0
LONGEST_SOCKET_PATH = 107  # sockaddr_un


class AsteriskFailed(HotlineError):
    code, status = "ASTERISK_FAILED", 503
    zh = "Asterisk 没有启动:{reason}"
    en = "Asterisk did not start: {reason}"


def take_folder(paths: InstancePaths) -> IO[str]:
    """Return the open lock that keeps other living processes of ours off this folder; close it to let go."""
    paths.folder.mkdir(parents=True, exist_ok=True)
    if len(str(paths.run / "asterisk.ctl")) > LONGEST_SOCKET_PATH:
        raise AsteriskFailed(reason=f"the path {paths.run} is too long for a socket; move data_dir")
    lock = (paths.folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise AsteriskFailed(
            reason=f"another process runs the instance in {paths.folder}"
        ) from None
    return lock


async def end_left_over(paths: InstancePaths) -> None:
    """End the Asterisk that a killed process of ours left running over this very folder."""
    pid = left_over(paths)
    if pid is None:
        return
    log.warning("ending an Asterisk that a killed process left behind", pid=pid)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        os.kill(pid, sign)
        try:
            async with asyncio.timeout(STOP_WITHIN):
                while left_over(paths) is not None:  # noqa: ASYNC110 -- no child of ours, so no event
                    await asyncio.sleep(0.05)
            return
        except TimeoutError:
            continue
    raise AsteriskFailed(reason=f"the left-over process {pid} does not end")


class LeftOver:
    """An Asterisk of a killed process of ours, to be treated as Popen treats a child; its exit code is unknown."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._fd = os.pidfd_open(pid)

    def poll(self) -> int | None:
        return 0 if self._ended_within(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Return 0 when it has ended; subprocess.TimeoutExpired after `timeout` seconds."""
        if not self._ended_within(timeout):
            raise subprocess.TimeoutExpired("asterisk", timeout or 0)
        return 0

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._fd, number)

    def _ended_within(self, timeout: float | None) -> bool:
        end = select.poll()  # one for each thread that waits
        end.register(self._fd, select.POLLIN)
        return bool(end.poll(None if timeout is None else timeout * 1000))


def left_over(paths: InstancePaths) -> int | None:
    """Return the pid of a living Asterisk over this folder: the pid file and the command line agree."""
    try:
        pid = int((paths.run / "asterisk.pid").read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if str(paths.etc / "asterisk.conf").encode() in words else None


def refuse_taken_ports(settings: Settings) -> None:
    """Raise AsteriskFailed when somebody else holds a port: we would greet a stranger's Asterisk."""
    for kind, host, port in (
        (socket.SOCK_STREAM, "127.0.0.1", settings.ami_port),
        (socket.SOCK_STREAM, settings.sip_host, settings.sip_ws_port),
        (socket.SOCK_DGRAM, settings.sip_host, settings.sip_port),
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


def without_privileges() -> tuple[str, ...]:
    """Return the words that make a program of root lose every capability; () for other users.

    The user stays root's, because the tree and the data folder may lie in root's own home.
    """
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return ()
    return ("setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all")
