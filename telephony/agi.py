"""The FastAGI server: one bounded session per call, and what can be said to Asterisk in it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from telephony.agi_lines import AgiLines
from telephony.agi_wire import (
    AgiError,
    AgiGarbage,
    AgiHangup,
    AgiRefused,
    Reply,
    Request,
    command_line,
    parse_reply,
    parse_request,
    raw_line,
    reply_continues,
)

log = structlog.get_logger(__name__)

ALL_KEYS = "0123456789*#"
MAX_REPLY = 65_536
WATCH_MARGIN = 5


@dataclass(frozen=True, kw_only=True)
class AgiLimits:
    """What one peer may use; `greet_seconds` is for header and first reply together."""

    greet_seconds: float = 5.0
    silent_peers: int = 200
    sessions: int = 500
    headers: int = 128
    line_bytes: int = 32_768
    call_seconds: float = 300.0


class AgiSession:
    """One caller at the AGI port; commands are awaited one after the other.

    Every command raises AgiHangup once the caller is gone and AgiRefused when Asterisk did not do it.
    Times are seconds; prompts are file names as Asterisk finds them, without extension.
    """

    def __init__(self, lines: AgiLines, request: Request) -> None:
        self._lines = lines
        self.headers: Mapping[str, str] = request.headers
        self.script = request.script
        self.query: Mapping[str, str] = request.query
        self.hung_up = False

    @property
    def channel(self) -> str:
        return self.headers["channel"]

    @property
    def caller(self) -> str:
        """The calling number as Asterisk tells it, '' when withheld."""
        number = self.headers.get("callerid", "")
        return "" if number == "unknown" else number

    async def answer(self) -> None:
        self._worked(await self._command("ANSWER"))

    async def noop(self) -> None:
        await self._command("NOOP")

    async def hangup(self) -> None:
        await self._command("HANGUP")

    async def verbose(self, message: str, level: int = 3) -> None:
        await self._command("VERBOSE", message, str(level))

    async def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable or write a dialplan function; `__NAME` is inherited by later channels."""
        await self._command("SET VARIABLE", name, value)

    async def get_variable(self, name: str) -> str:
        """Return a variable's or function's value, '' when it is not set."""
        return (await self._command("GET VARIABLE", name)).data or ""

    async def get_full_variable(self, expression: str) -> str:
        """Return `expression` after the dialplan's own substitution; never give it a caller's text."""
        return (await self._command("GET FULL VARIABLE", expression)).data or ""

    async def execute(self, application: str, arguments: str = "") -> str:
        """Run a dialplan application and return its result; AgiRefused (-2) if there is none of that name."""
        reply = await self._command("EXEC", application, arguments)
        if reply.result == "-2":
            raise AgiRefused(f"no application {application}")
        return reply.result

    async def stream_file(self, prompt: str, keys: str = "") -> str:
        """Play one prompt; one of `keys` stops it. Return the key, or '' when it was heard to the end."""
        return await self._key(await self._command("STREAM FILE", prompt, keys))

    async def get_option(self, prompt: str, keys: str, seconds: float) -> str:
        """Play one prompt, then wait for one of `keys`; return '' when none came in time."""
        wait = str(round(seconds * 1000))
        return await self._key(await self._command("GET OPTION", prompt, keys, wait))

    async def wait_for_digit(self, seconds: float) -> str:
        return await self._key(await self._command("WAIT FOR DIGIT", str(round(seconds * 1000))))

    async def get_data(self, prompt: str, digits: int, seconds: float) -> str:
        """Play one prompt and collect up to `digits` keys; `#` ends, as do `seconds` without a key.

        Asterisk collects them itself: a loop of single digits loses keys between two commands.
        """
        reply = await self._command("GET DATA", prompt, str(round(seconds * 1000)), str(digits))
        if reply.result == "-1":
            await self._raise_lost(reply)
        return reply.result

    async def play(self, prompts: Sequence[str], keys: str = "") -> str:
        """Play prompts one after the other until one of `keys`; return it, or ''."""
        for prompt in prompts:
            if key := await self.stream_file(prompt, keys):
                return key
        return ""

    async def press(self, prompts: Sequence[str], seconds: float, keys: str = ALL_KEYS) -> str:
        """Play prompts, any of `keys` interrupts; then wait. Return the key or ''."""
        if not prompts:
            return await self.wait_for_digit(seconds)
        return await self.play(prompts[:-1], keys) or await self.get_option(
            prompts[-1], keys, seconds
        )

    async def collect(
        self, prompts: Sequence[str], digits: int, seconds: float, *, silence: str
    ) -> str:
        """Play prompts and collect digits, from the first key on; `#` ends. Return them, '' for none.

        `silence` is a prompt of no sound: what is played while the rest is typed after an interruption.
        """
        *first, last = prompts or (silence,)
        key = await self.play(first, ALL_KEYS)
        if key == "#":
            return ""
        if key:
            return key + (await self.get_data(silence, digits - 1, seconds) if digits > 1 else "")
        return await self.get_data(last, digits, seconds)

    async def read_line(self) -> str:
        """Return the next line of the peer, without its end; AgiHangup at the end of the connection."""
        try:
            line = await self._lines.until(b"\n")
        except AgiHangup:
            self.hung_up = True
            raise
        return line.decode("utf-8", "replace")

    def send_line(self, line: str) -> None:
        """Send an already quoted command; AgiInjection unless it is exactly one short line."""
        self._lines.send(raw_line(line))

    async def _command(self, verb: str, *words: str) -> Reply:
        if self.hung_up:
            raise AgiHangup("caller gone")
        self._lines.send(command_line(verb, *words))
        reply = await self._reply()
        if self.hung_up or reply.code == 511:
            self.hung_up = True
            raise AgiHangup("caller gone")
        if reply.code != 200:
            raise AgiRefused(f"{verb}: {reply.code}")
        return reply

    async def _reply(self) -> Reply:
        """Read one reply: HANGUP lines are noted, 1xx passed over, several lines joined, all of it bounded."""
        lines: list[str] = []
        size = 0
        while True:
            line = await self.read_line()
            if line == "HANGUP" and not lines:
                self.hung_up = True
                continue
            lines.append(line)
            size += len(line) + 1
            if size > MAX_REPLY:
                raise AgiGarbage("reply too long")
            if reply_continues(lines[0], line):
                continue
            reply = parse_reply("\n".join(lines))
            if reply.code >= 200:
                return reply
            lines.clear()

    async def _key(self, reply: Reply) -> str:
        if reply.result == "-1":
            await self._raise_lost(reply)
        if not reply.result.isdecimal() or int(reply.result) > 126:
            raise AgiGarbage("a key that is none")
        return chr(int(reply.result)) if int(reply.result) else ""

    async def _raise_lost(self, reply: Reply) -> None:
        """Tell a caller who hung up from a prompt that is missing: both are result -1."""
        await self._command("CHANNEL STATUS")
        raise AgiRefused(reply.text)

    def _worked(self, reply: Reply) -> None:
        if reply.result == "-1":
            self.hung_up = True
            raise AgiHangup("caller gone")


Handler = Callable[[AgiSession], Awaitable[None]]


def by_script(handlers: Mapping[str, Handler]) -> Handler:
    """Return a handler that chooses by the path of agi://host/PATH; an unknown path is refused."""

    async def handle(session: AgiSession) -> None:
        handler = handlers.get(session.script)
        if handler is None:
            raise AgiRefused("no such AGI script")
        await handler(session)

    return handle


class AgiServer:
    """Serves calls on `host`:`port` (0 for any free port) with `handler`, within `limits`.

    When the handler returns, fails or exceeds its time the connection closes and the dialplan goes on;
    a call that got no answer from us goes the dialplan's own way to a person.
    """

    def __init__(
        self, handler: Handler, host: str, port: int, limits: AgiLimits | None = None
    ) -> None:
        self._handler = handler
        self._address = (host, port)
        self._limits = limits or AgiLimits()
        self._server: asyncio.Server | None = None
        self._silent: dict[AgiLines, None] = {}  # in order of arrival
        self._tasks: set[asyncio.Task[None]] = set()
        self.sessions = 0
        self.refused: Counter[str] = Counter()

    async def start(self) -> None:
        host, port = self._address
        limit = self._limits.line_bytes
        self._server = await asyncio.get_running_loop().create_server(
            lambda: AgiLines(self._connected, limit), host, port, backlog=512
        )

    @property
    def listening(self) -> bool:
        return self._server is not None and self._server.is_serving()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        if self._server is None:
            return self._address[1]
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self, grace: float = 2.0) -> None:
        """Take no more calls, give those under way `grace` seconds, then hand them back to the dialplan."""
        if self._server is None:
            return
        self._server.close()
        for lines in self._silent:
            lines.abort()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _connected(self, lines: AgiLines) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(lines))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, lines: AgiLines) -> None:
        try:
            session = await self._greet(lines)
            if session:
                await self._run(session)
        finally:
            lines.close()

    async def _greet(self, lines: AgiLines) -> AgiSession | None:
        """Read the header, move the dialplan's watch to the call's limit; None (and counted) for what is no call."""
        self._make_room()
        self._silent[lines] = None
        try:
            async with asyncio.timeout(self._limits.greet_seconds):
                head = await lines.until(b"\n\n")
                session = AgiSession(lines, parse_request(head, self._limits.headers))
                if self.sessions < self._limits.sessions:
                    await session.set_variable("TIMEOUT(absolute)", self._watch())
                    return session
                reason = "busy"
        except TimeoutError:
            reason = "silent"
        except AgiHangup:
            reason = "closed"
        except AgiError:
            reason = "garbage"
        finally:
            self._silent.pop(lines, None)
        self._refuse(reason)
        return None

    def _watch(self) -> str:
        """The dialplan's few seconds are over: should we freeze later, it takes the caller back then."""
        return str(round(self._limits.call_seconds) + WATCH_MARGIN)

    def _make_room(self) -> None:
        """Drop the peer that has been silent longest: Asterisk speaks at once, so it is never that one."""
        if len(self._silent) >= self._limits.silent_peers:
            oldest = next(iter(self._silent))
            del self._silent[oldest]
            oldest.abort()

    def _refuse(self, reason: str) -> None:
        self.refused[reason] += 1
        count = self.refused[reason]
        if count & (count - 1) == 0:  # 1, 2, 4, 8 …: a flood of peers is no flood of lines
            log.warning("AGI peer refused", reason=reason, count=count)

    async def _run(self, session: AgiSession) -> None:
        self.sessions += 1
        try:
            async with asyncio.timeout(self._limits.call_seconds):
                await self._handler(session)
        except AgiHangup:
            log.info("caller hung up in the IVR", channel=session.channel)
        except TimeoutError:
            log.warning("AGI session exceeded its time", channel=session.channel)
        except AgiError as error:
            log.warning("AGI session given up", channel=session.channel, error=str(error))
        except Exception:
            log.exception("AGI handler failed", channel=session.channel)
        finally:
            self.sessions -= 1
