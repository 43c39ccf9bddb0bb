"""Between the link and those who read it: the one ordered queue, and those who wait for one event."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from telephony.ami_frames import AmiEvent


@dataclass(frozen=True)
class LinkUp:
    """Events that follow are of a new connection; ask Asterisk for the present state first.

    `restarted`: this is another run of Asterisk than the one seen before by this process.
    """

    at: datetime
    restarted: bool
    asterisk_version: str


@dataclass(frozen=True)
class LinkDown:
    """Nothing is known from here to the next LinkUp."""

    at: datetime
    reason: str


Incoming = AmiEvent | LinkUp | LinkDown


class Intake:
    """A queue in order of arrival that refuses events beyond `limit`, but always takes the link's own marks."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._queue: asyncio.Queue[Incoming] = asyncio.Queue()
        self._has_room = asyncio.Event()
        self._has_room.set()

    def __len__(self) -> int:
        return self._queue.qsize()

    def offer(self, event: AmiEvent) -> bool:
        """Append an event; False, with nothing appended, when the queue is full."""
        if self._queue.qsize() >= self._limit:
            self._has_room.clear()
            return False
        self._queue.put_nowait(event)
        return True

    def mark(self, mark: LinkUp | LinkDown) -> None:
        self._queue.put_nowait(mark)

    async def get(self) -> Incoming:
        return self._taken(await self._queue.get())

    def get_nowait(self) -> Incoming | None:
        return None if self._queue.empty() else self._taken(self._queue.get_nowait())

    async def room(self) -> None:
        """Return once a full queue has been read down to half: before that a new link would overflow again."""
        await self._has_room.wait()

    def _taken(self, item: Incoming) -> Incoming:
        if self._queue.qsize() <= self._limit // 2:
            self._has_room.set()
        return item


@dataclass(eq=False)
class _Expectation:
    headers: dict[str, str]
    seen: asyncio.Future[AmiEvent] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def matches(self, event: AmiEvent) -> bool:
        return not self.seen.done() and all(
            event.get(key) == value for key, value in self.headers.items()
        )


class Expectations:
    """Who waits for which event; looked at before the intake, so that a command needs no reader."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, list[_Expectation]] = defaultdict(list)

    @contextmanager
    def expect(self, name: str, headers: dict[str, str]) -> Iterator[asyncio.Future[AmiEvent]]:
        """Within the block, the future given is set by the first event `name` with these headers."""
        expectation = _Expectation(headers)
        self._waiting[name].append(expectation)
        try:
            yield expectation.seen
        finally:
            self._waiting[name].remove(expectation)
            if not self._waiting[name]:
                del self._waiting[name]
            if not expectation.seen.cancel() and not expectation.seen.cancelled():
                expectation.seen.exception()  # looked at, so that an unread failure is not reported

    def show(self, event: AmiEvent) -> None:
        for expectation in self._waiting.get(event.name, ()):
            if expectation.matches(event):
                expectation.seen.set_result(event)

    def fail(self, error: Exception) -> None:
        for expectations in self._waiting.values():
            for expectation in expectations:
                if not expectation.seen.done():
                    expectation.seen.set_exception(error)
