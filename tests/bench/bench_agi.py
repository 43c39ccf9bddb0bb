"""FastAGI sessions per second: ours, panoramisk's and bare asyncio, the same conversation in one run.

    python tests/bench/bench_agi.py [sessions]

Every server runs in a process of its own; one client plays Asterisk. The conversation is that of a
caller who presses 2: six commands. `server cpu` is the server process alone, so the client's share of
the machine does not blur it. Bare asyncio is the floor: it reads and writes lines and looks at nothing.
"""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.agi_peer import head  # noqa: E402

KINDS = ("ours", "ours uvloop", "panoramisk", "panoramisk uvloop", "bare", "bare uvloop")
CONVERSATION = (
    'SET VARIABLE "TIMEOUT(absolute)" "305"',
    'GET VARIABLE "CALL_UUID"',
    "ANSWER",
    'GET OPTION "hotline/greeting" "0123456789*#" "4000"',
    'SET VARIABLE "__CALL_MENU" "complaint"',
    'SET VARIABLE "IVR_NEXT" "queue"',
)
REPLIES = {b"GET VARI": b"200 result=1 (c0ffee)\n", b"GET OPTI": b"200 result=50 endpos=900\n"}
TICKS = os.sysconf("SC_CLK_TCK")
Figures = dict[str, dict[str, float]]


def run(sessions: int = 1500, at_once: tuple[int, ...] = (50, 500), rounds: int = 5) -> Figures:
    """Return kind and concurrency -> sessions_per_second, us_per_session, server_cpu_us: the best of all rounds,
    because whatever else the machine does only adds."""
    seen: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        for kind in KINDS:
            with subprocess.Popen(
                [sys.executable, __file__, "--serve", kind], stdout=subprocess.PIPE, text=True
            ) as server:
                assert server.stdout
                port = int(server.stdout.readline())
                try:
                    asyncio.run(_crowd(port, 200, 50))  # warm up
                    for many in at_once:
                        before, began = _cpu(server.pid), time.perf_counter()
                        asyncio.run(_crowd(port, sessions, many))
                        took, used = time.perf_counter() - began, _cpu(server.pid) - before
                        seen.setdefault(f"{kind} @{many}", []).append((took, used))
                finally:
                    server.kill()
    return {name: _figures(pairs, sessions) for name, pairs in sorted(seen.items())}


def table(figures: Figures) -> str:
    """Return the figures as text, with the ratio to panoramisk at the same concurrency."""
    lines = [
        f"{'server @at once':<24}{'sessions/s':>12}{'µs/session':>12}{'server cpu µs':>15}{'ratio':>8}"
    ]
    for name, row in figures.items():
        peer = figures[f"panoramisk @{name.split('@')[1]}"]["server_cpu_us"]
        ratio = row["server_cpu_us"] / peer if peer else float("nan")
        lines.append(
            f"{name:<24}{row['sessions_per_second']:>12.0f}{row['us_per_session']:>12.0f}"
            f"{row['server_cpu_us']:>15.0f}{ratio:>8.2f}"
        )
    return "\n".join(lines)


def _figures(pairs: list[tuple[float, float]], sessions: int) -> dict[str, float]:
    took = min(pair[0] for pair in pairs)
    used = min(pair[1] for pair in pairs)
    return {
        "sessions_per_second": sessions / took,
        "us_per_session": took / sessions * 1e6,
        "server_cpu_us": used / sessions * 1e6,
    }


class _Caller(asyncio.Protocol):
    """Asterisk's part of the conversation, with as little work as possible."""

    HEAD = head()

    def __init__(self, done: "asyncio.Future[None]") -> None:
        self._done = done
        self._answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self.HEAD)

    def data_received(self, data: bytes) -> None:
        for line in data.splitlines():
            self._answered += 1
            self._transport.write(REPLIES.get(line[:8], b"200 result=0\n"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done.done():
            return
        if self._answered == len(CONVERSATION):
            self._done.set_result(None)
        else:
            self._done.set_exception(RuntimeError(f"only {self._answered} commands came"))


async def _crowd(port: int, sessions: int, at_once: int) -> None:
    loop = asyncio.get_running_loop()
    left = iter(range(sessions))

    async def caller() -> None:
        for _ in left:
            done = loop.create_future()
            await loop.create_connection(lambda done=done: _Caller(done), "127.0.0.1", port)
            await done

    await asyncio.gather(*(caller() for _ in range(at_once)))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def _serve_ours() -> int:
    from telephony.agi import AgiLimits, AgiServer, AgiSession

    async def handler(session: AgiSession) -> None:
        await session.get_variable("CALL_UUID")
        await session.answer()
        await session.get_option("hotline/greeting", "0123456789*#", 4)
        await session.set_variable("__CALL_MENU", "complaint")
        await session.set_variable("IVR_NEXT", "queue")

    server = AgiServer(handler, "127.0.0.1", 0, AgiLimits(sessions=1000, silent_peers=1000))
    await server.start()
    _keep.append(server)
    return server.port


async def _serve_panoramisk() -> int:
    from panoramisk import fast_agi

    async def handler(request: fast_agi.Request) -> None:
        for command in CONVERSATION:
            await request.send_command(command)

    app = fast_agi.Application(loop=asyncio.get_running_loop())
    app.add_route("inbound", handler)
    return await _listen(app.handler)


async def _serve_bare() -> int:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\n\n")
        for command in CONVERSATION:
            writer.write(command.encode() + b"\n")
            await reader.readline()
        writer.close()

    return await _listen(handler)


async def _listen(handler: object) -> int:
    server = await asyncio.start_server(handler, "127.0.0.1", 0, backlog=512)  # type: ignore[arg-type]
    _keep.append(server)
    port: int = server.sockets[0].getsockname()[1]
    return port


_keep: list[object] = []


async def _serve(kind: str) -> None:
    serve = {"ours": _serve_ours, "panoramisk": _serve_panoramisk, "bare": _serve_bare}
    print(await serve[kind.split()[0]](), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    if "--serve" in sys.argv:
        if sys.argv[2].endswith("uvloop"):
            import uvloop

            uvloop.run(_serve(sys.argv[2]))
        else:
            asyncio.run(_serve(sys.argv[2]))
    else:
        print(table(run(*map(int, sys.argv[1:]))))
