"""The fake Asterisk itself: a listening socket, its sessions, and what a test tells it to do."""

import asyncio
import time
from typing import Self

from asterisk_ami_mock.misbehave import Misbehaviour
from asterisk_ami_mock.session import Session, uptime
from asterisk_ami_mock.wire import Frame, frames_of, parse
from asterisk_ami_mock.world import World, event


class MockAsterisk:
    """Use as `async with MockAsterisk() as mock`; `mock.port` is where AMI is spoken.

    `world` is what it holds, `received` every action that it got, `misbehaviour` what it does wrong.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        user: str = "hotline",
        secret: str = "mock-secret",
        queues: tuple[str, ...] = ("hotline",),
    ) -> None:
        self.host, self.port = host, port
        self.account = (user, secret)
        self.queues = queues
        self.world = self._new_world()
        self.received: list[Frame] = []
        self.heard = asyncio.Event()  # set at every action; a test may clear it
        self.signed_in = asyncio.Event()
        self.booted = True
        self.hearing = asyncio.Event()
        self.hearing.set()
        self._misbehaviour = Misbehaviour()
        self._sessions: dict[Session, asyncio.Task[None]] = {}
        self._server: asyncio.Server | None = None

    @property
    def misbehaviour(self) -> Misbehaviour:
        return self._misbehaviour

    @misbehaviour.setter
    def misbehaviour(self, wanted: Misbehaviour) -> None:
        """Throw switches; `silent` stops sessions at once, and new ones do not even get a banner."""
        self._misbehaviour = wanted
        if wanted.silent:
            self.hearing.clear()
        else:
            self.hearing.set()

    @property
    def connections(self) -> int:
        return len(self._sessions)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Listen; a port of 0 becomes a free one, and stays the same for later starts."""
        self._server = await asyncio.start_server(
            self._connected, self.host, self.port, limit=2**20
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end all sessions."""
        if self._server is not None:
            self._server.close()
            self._server = None
        tasks = list(self._sessions.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def restart(self) -> None:
        """Do what a restart of Asterisk does: say Shutdown, end all, forget members and calls."""
        self.emit(event("Shutdown", "system", [("Shutdown", "Cleanly"), ("Restart", "True")]))
        await asyncio.gather(*(session.flushed() for session in self._sessions))
        contacts = self.world.contacts
        await self.close()
        self.world = self._new_world()
        self.world.contacts = contacts
        await self.start()

    def drop_all(self) -> None:
        """Close every connection and go on listening: a link that blinks."""
        for session in list(self._sessions):
            session.abort()

    def emit(self, happened: Frame) -> None:
        """Make an event true here and tell every session that hears events."""
        self.world.observe(happened)
        self.send_raw(happened.render())

    def say(self, name: str, privilege: str = "call", **headers: str) -> None:
        """Emit an event from keywords, with Asterisk's heading."""
        self.emit(event(name, privilege, list(headers.items())))

    def send_raw(self, data: bytes) -> None:
        """Write any bytes to every session that hears events: huge frames, garbage, half an event."""
        for session in self._sessions:
            if session.events:
                session.put(data)

    def finish_booting(self) -> None:
        """End a slow start (`booted = False` before it): FullyBooted to all."""
        self.booted = True
        self.send_raw(self.fully_booted().render())

    def fully_booted(self) -> Frame:
        since = uptime(self.world.started)
        head = [("Event", "FullyBooted"), ("Privilege", "system,all"), ("Uptime", since)]
        return Frame([*head, ("LastReload", since), ("Status", "Fully Booted")])

    async def play(self, recording: bytes, *, speed: float = 0.0) -> int:
        """Send a recorded session's events in order and return how many; `speed` 1 keeps its pace, 0 hurries."""
        heard = [parse(frame) for frame in frames_of(recording)]
        events = [frame for frame in heard if "Event" in frame and not _is_row(frame)]
        before: float | None = None
        for frame in events:
            at = float(frame.get("Timestamp") or before or 0)
            if speed > 0 and before is not None:
                await asyncio.sleep(max(0.0, at - before) / speed)
            before = at or before
            self.emit(frame)
            await asyncio.sleep(0)
        return len(events)

    async def flood(self, rate: float, count: int, **headers: str) -> None:
        """Emit `count` events at `rate` a second; each has its number as header Number."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for number in range(count):
            await asyncio.sleep(max(0.0, begin + number / rate - loop.time()))
            self.say("DeviceStateChange", Device="flood", Number=str(number), **headers)

    def _new_world(self) -> World:
        return World(queues={queue: {} for queue in self.queues}, started=time.time())

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self, reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._sessions[session] = task
        try:
            await session.serve()
        except asyncio.CancelledError:
            pass  # by `close`: nobody awaits this task, and asyncio.streams would report it
        finally:
            del self._sessions[session]


def _is_row(frame: Frame) -> bool:
    """Whether an event is part of the recorder's own question."""
    return frame.get("Event") == "FullyBooted" or (
        "ActionID" in frame and frame.get("Event") not in ("OriginateResponse", "UserEvent")
    )
