"""The bus of several processes: listeners in the publishing process, watchers everywhere through a Redis stream.

Redis is no truth: an event is delivered in its own process first and without it. What could not be sent while
Redis was away is sent when it is back, up to a bound; more than that is dropped and counted, and the desktops of
the other processes see it at their next snapshot.
"""

import asyncio
import json
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.events import Event, Listener, LocalBus
from core.ids import new_id

log = structlog.get_logger(__name__)

STREAM = "hotline:events"
STREAM_LENGTH = 10_000
UNSENT_LIMIT = 10_000
READ_BLOCK_MS = 5_000
ANSWER_WITHIN = 10.0  # longer than a read may block
REMEMBERED = 2_000
RETRY_FIRST, RETRY_MOST = 0.1, 5.0
START_WITHIN = 2.0

LOST = (RedisError, OSError, TimeoutError)


class RedisBus:
    """Like LocalBus, and `watch` also hears what other processes with the same stream publish.

    Each process hears its own events once, at once, in order; those of another process once, in that one's
    order, from `start` on.
    """

    def __init__(self, url: str, *, stream: str = STREAM) -> None:
        self.dropped = 0
        self._stream = stream
        self._origin = new_id()
        self._redis = Redis.from_url(
            url, decode_responses=True, socket_connect_timeout=2, socket_timeout=ANSWER_WITHIN
        )
        self._local = LocalBus()
        self._remote = LocalBus()  # the same watchers, for what comes from the stream
        self._unsent: deque[str] = deque()
        self._heard: deque[str] = deque(maxlen=REMEMBERED)
        self._to_send = asyncio.Event()
        self._position_known = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def listen(self, kind: type[Event], listener: Listener) -> None:
        self._local.listen(kind, listener)

    def watch(self, kind: type[Event], watcher: Listener) -> None:
        self._local.watch(kind, watcher)
        self._remote.watch(kind, watcher)

    async def publish(self, events: Iterable[Event]) -> None:
        """Deliver here as LocalBus does, and hand each event to the stream; never waits for Redis."""
        for event in events:
            self._queue(json.dumps(event.to_json(), ensure_ascii=False))
            await self._local.publish([event])

    async def start(self) -> None:
        """Begin to send and to hear; returns when the place in the stream is known, or Redis is away."""
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._hear())]
        with suppress(TimeoutError):
            async with asyncio.timeout(START_WITHIN):
                await self._position_known.wait()

    async def close(self) -> None:
        """Stop; what Redis has not taken yet is given up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._local.close()
        await self._redis.aclose()

    def _queue(self, body: str) -> None:
        if len(self._unsent) >= UNSENT_LIMIT:
            self._unsent.popleft()
            self.dropped += 1
        self._unsent.append(body)
        self._to_send.set()

    async def _send(self) -> None:
        delay = RETRY_FIRST
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            try:
                await self._send_waiting()
                delay = RETRY_FIRST
            except LOST as error:
                log.warning("events wait for Redis", waiting=len(self._unsent), error=repr(error))
                await asyncio.sleep(delay)
                delay = min(delay * 2, RETRY_MOST)
                self._to_send.set()

    async def _send_waiting(self) -> None:
        while self._unsent:
            body = self._unsent.popleft()
            fields: Any = {"origin": self._origin, "event": body}
            try:
                await self._redis.xadd(self._stream, fields, maxlen=STREAM_LENGTH, approximate=True)
            except LOST:
                # Perhaps Redis has it and only the answer was lost: hearers know events by their id.
                self._unsent.appendleft(body)
                raise

    async def _hear(self) -> None:
        delay, position = RETRY_FIRST, ""
        while True:
            try:
                position = position or await self._end_of_stream()
                self._position_known.set()
                position = await self._read(position)
                delay = RETRY_FIRST
            except LOST as error:
                log.warning("other processes not heard", error=repr(error))
                await asyncio.sleep(delay)
                delay = min(delay * 2, RETRY_MOST)

    async def _end_of_stream(self) -> str:
        """Return the id of the newest entry: what `$` means once, without losing what comes between reads."""
        newest: Any = await self._redis.xrevrange(self._stream, count=1)
        return str(newest[0][0]) if newest else "0-0"

    async def _read(self, position: str) -> str:
        """Deliver what came after `position` and return the new position."""
        answer: Any = await self._redis.xread(
            {self._stream: position}, count=500, block=READ_BLOCK_MS
        )
        for _stream, entries in answer or ():
            for entry, fields in entries:
                position = str(entry)
                if fields.get("origin") != self._origin:
                    await self._deliver(fields.get("event", ""))
        return position

    async def _deliver(self, body: str) -> None:
        try:
            event = Event.from_json(json.loads(body))
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            # A newer process may publish kinds that this one does not know yet.
            log.warning("event of another process skipped", error=repr(error))
            return
        if event.id not in self._heard:
            self._heard.append(event.id)
            await self._remote.publish([event])
