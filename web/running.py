"""Running the hotline in the foreground: the web server, and with `up` an Asterisk of our own beside it."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI

from core.config import Settings
from core.errors import HotlineError
from ivr.prompts import build_prompts
from telephony.instance import InstancePaths
from telephony.own_asterisk import OwnAsterisk
from web.app import create_app
from web.demo_desks import demo_desks, with_desks

log = structlog.get_logger(__name__)
RESTART_AFTER = 1.0
LONGEST_SOCKET_FRAME = 4_096


class PortTaken(HotlineError):
    code, status = "PORT_TAKEN", 503
    zh = "无法监听 {host}:{port}:{reason}"
    en = "Cannot listen on {host}:{port}: {reason}"


class StartFailed(HotlineError):
    code, status = "START_FAILED", 503
    zh, en = "服务没有启动,原因见上面的日志", "The hotline did not start; the log above says why"


def run_serve(settings: Settings, started: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; `started` is called when browsers are served."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, started))


def run_up(settings: Settings, started: Callable[[], None]) -> None:
    """Start our own Asterisk (unless another is set), serve, and stop both on Ctrl-C or SIGTERM."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_up(settings, started))


def server_for(app: FastAPI, settings: Settings, started: Callable[[], None]) -> uvicorn.Server:
    """Return the web server as production runs it; `started` is called when it serves."""
    # Its own lines (each socket, each start) say nothing that ours do not.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        # Deflate would compress each event once per desktop.
        ws_per_message_deflate=False,
        ws_max_size=LONGEST_SOCKET_FRAME,
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    return _Server(config, started)


def prepare_sounds(paths: InstancePaths) -> None:
    """Make the prompts that are not there yet: some seconds the first time."""
    report = build_prompts(paths.sounds / "hotline")
    if report.made:
        log.info("prompts made", count=len(report.made))
    for problem in report.problems:
        log.warning("prompt is not right", prompt=problem.prompt, problem=problem.problem)


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again before Asterisk could be stopped."""

    def __init__(self, config: uvicorn.Config, when_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_started = when_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            # What is loaded by now stays: looking through it for garbage would stop everybody for 300 ms.
            gc.collect()
            gc.freeze()
            self._when_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _up(settings: Settings, started: Callable[[], None]) -> None:
    if not settings.own_asterisk:
        await _serve(settings, started)
        return
    settings = with_desks(settings)
    async with _asterisk(settings), demo_desks(settings):
        await _serve(settings, started)


async def _serve(settings: Settings, started: Callable[[], None]) -> None:
    server = server_for(create_app(settings), settings, started)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, server)
    await server.serve(sockets=[_bound(settings)])
    if not server.started:
        raise StartFailed()


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise PortTaken(host=settings.host, port=settings.port, reason=error.strerror) from None


def _stop(server: uvicorn.Server) -> None:
    """Ask once for an orderly end, a second time for an end at once."""
    server.force_exit = server.should_exit
    server.should_exit = True


@asynccontextmanager
async def _asterisk(settings: Settings) -> AsyncIterator[OwnAsterisk]:
    asterisk = OwnAsterisk(settings)
    await asyncio.to_thread(prepare_sounds, asterisk.paths)
    await asterisk.start()
    log.info("asterisk runs", pid=asterisk.pid)
    guard = asyncio.create_task(_keep_running(asterisk))
    try:
        yield asterisk
    finally:
        guard.cancel()
        await asyncio.gather(guard, return_exceptions=True)
        await asterisk.stop()
        log.info("asterisk stopped")


async def _keep_running(asterisk: OwnAsterisk) -> None:
    """Start Asterisk again whenever it ends by itself."""
    while True:
        code = await asterisk.wait()
        log.error("asterisk ended by itself, starting it again", code=code)
        await asyncio.sleep(RESTART_AFTER)
        try:
            await asterisk.restart()
        except HotlineError as error:
            log.error("asterisk did not start again", reason=str(error))
