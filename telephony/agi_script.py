"""Existing synchronous AGI scripts, written for pyst2's `asterisk.agi.AGI`, run on a call of our server."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from asterisk.agi import AGI, AGIAppError, AGIHangup, AGIInvalidCommand, AGIUnknownError

from telephony.agi import AgiSession
from telephony.agi_wire import AgiError, AgiHangup, AgiInjection, AgiRefused, quote

T = TypeVar("T")

DEAD_CHANNEL = 511
_PROBE = "CHANNEL STATUS"


class SafeAgi(AGI):  # type: ignore[misc]  # pyst2 has no types
    """pyst2's vocabulary over a session: no signals, safe quoting, the end of the call is AGIHangup.

    pyst2 itself installs a SIGHUP handler (impossible in a thread), lets a line break in a value begin
    another command, loops for ever on a 520 cut short, and dies of ValueError when the caller hangs up.
    """

    def __init__(self, stream: "_Stream", env: dict[str, str]) -> None:
        # Not AGI.__init__: it takes the process's signal handler and reads the header, which we have read.
        self.stdin = self.stdout = stream
        self.stderr = _Nowhere()
        self._got_sighup = False
        self.env = env

    def test_hangup(self) -> None:
        if self.stdin.hung_up:
            raise AGIHangup("caller gone")

    def execute(self, command: str, *args: object) -> dict[str, tuple[str, str]]:
        """Asterisk says -1 for a failure and for a hang-up, and HANGUP only afterwards: so ask again."""
        try:
            result: dict[str, tuple[str, str]] = super().execute(command, *args)
        except AGIHangup:
            raise
        except AGIAppError:
            if command != _PROBE:
                super().execute(_PROBE)
            raise
        return result

    def get_result(self, stdin: object = None) -> dict[str, tuple[str, str]]:
        try:
            result: dict[str, tuple[str, str]] = super().get_result()
        except ValueError as not_a_code:
            raise AGIHangup("no reply") from not_a_code
        except AGIUnknownError as unknown:
            if unknown.args[0] == DEAD_CHANNEL:
                raise AGIHangup("caller gone") from unknown
            raise
        finally:
            self.test_hangup()
        return result

    def _quote(self, string: object) -> str:
        try:
            return quote(str(string))
        except AgiInjection as injection:
            raise AGIInvalidCommand("line break or NUL in a value") from injection


Script = Callable[[SafeAgi], None]


class ScriptPool:
    """Runs scripts in at most `threads` worker threads; a script beyond that is refused, not queued.

    A thread cannot be killed: a script that never asks Asterisk anything keeps its place.
    """

    def __init__(self, threads: int = 50) -> None:
        self._free = threading.Semaphore(threads)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="agi-script")

    def node(self, script: Script) -> Callable[[AgiSession], Awaitable[None]]:
        """Return `script` as a handler: AgiHangup if the caller goes, AgiRefused if no thread is free."""

        async def run(session: AgiSession) -> None:
            await self.run(script, session)

        return run

    async def run(self, script: Script, session: AgiSession) -> None:
        """Run a script to its end; its own exceptions are raised here."""
        if not self._free.acquire(blocking=False):
            raise AgiRefused("no thread is free for the script")
        stream = _Stream(session, asyncio.get_running_loop())
        env = {f"agi_{name}": value for name, value in session.headers.items()}
        work = self._executor.submit(script, SafeAgi(stream, env))
        work.add_done_callback(lambda _: self._free.release())
        try:
            await asyncio.wrap_future(work)
        except AGIHangup as gone:
            raise AgiHangup("caller gone") from gone
        finally:
            stream.close()

    def close(self) -> None:
        """Let no new script begin; threads end with their calls."""
        self._executor.shutdown(wait=False, cancel_futures=True)


class _Nowhere:
    """pyst2 writes every line of the dialogue, numbers and all, to stderr: it goes nowhere."""

    def write(self, text: str) -> None:
        pass


class _Stream:
    """Text streams for a worker thread over a session that lives on the loop."""

    def __init__(self, session: AgiSession, loop: asyncio.AbstractEventLoop) -> None:
        self._session, self._loop = session, loop
        self._written = ""
        self._closed = False
        self._wake: Callable[[], object] = lambda: None

    @property
    def hung_up(self) -> bool:
        return self._closed or self._session.hung_up

    def write(self, text: str) -> None:
        self._written += text

    def flush(self) -> None:
        line, self._written = self._written.removesuffix("\n"), ""
        self._on_loop(self._send(line))

    def readline(self) -> str:
        """Return the next line; AGIHangup when there is none. HANGUP lines are noted, not handed on."""
        while (line := self._on_loop(self._session.read_line())) == "HANGUP":
            self._session.hung_up = True
        return line

    def close(self) -> None:
        """Wake the thread, if it still waits, with a hang-up."""
        self._closed = True
        self._wake()

    async def _send(self, line: str) -> None:
        self._session.send_line(line)

    def _on_loop(self, work: Coroutine[object, object, T]) -> T:
        try:
            waiting = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError as no_loop:
            work.close()
            raise AGIHangup("shutting down") from no_loop
        self._wake = waiting.cancel
        if self._closed:
            waiting.cancel()
        try:
            return waiting.result()
        except AgiInjection as injection:
            raise AGIInvalidCommand("line break or NUL in a command") from injection
        except (AgiError, concurrent.futures.CancelledError) as gone:
            raise AGIHangup("caller gone") from gone
