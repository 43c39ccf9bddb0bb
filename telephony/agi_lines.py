"""The bytes of one AGI connection: a bounded buffer that is read up to an end mark.

asyncio's streams do the same for everybody; for six short lines a call their layers cost a third more.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from telephony.agi_wire import AgiGarbage, AgiHangup


class AgiLines(asyncio.Protocol):
    """One connection; `limit` bytes are kept at most, then the peer waits until they were read.

    `on_open` is called once, when the connection stands.
    """

    transport: asyncio.Transport

    def __init__(self, on_open: Callable[["AgiLines"], None], limit: int) -> None:
        self._on_open = on_open
        self._limit = limit
        self._buffer = bytearray()
        self._searched = 0
        self._over = False
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(
            asyncio.Transport, transport
        )  # uvloop's has the methods, not the type
        self._on_open(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > self._limit:
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._over = True
        self._wake()
        return True  # what we still have to say may be said

    def connection_lost(self, exc: Exception | None) -> None:
        self._over = True
        self._wake()

    async def until(self, end: bytes) -> bytes:
        """Return what comes before `end`; AgiHangup when the peer closes first, AgiGarbage beyond the limit."""
        while (found := self._buffer.find(end, self._searched)) < 0:
            self._searched = max(0, len(self._buffer) - len(end) + 1)
            if len(self._buffer) > self._limit:
                raise AgiGarbage("line too long")
            if self._over:
                raise AgiHangup("connection closed")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        taken = bytes(self._buffer[:found])
        was_full = len(self._buffer) > self._limit
        del self._buffer[: found + len(end)]
        self._searched = 0
        if was_full and len(self._buffer) <= self._limit and not self._over:
            self.transport.resume_reading()
        return taken

    def send(self, line: bytes) -> None:
        """Send at once; AgiHangup when the connection is closed."""
        if self.transport.is_closing():
            raise AgiHangup("connection closed")
        self.transport.write(line)

    def close(self) -> None:
        """Close after what was sent has gone out."""
        self.transport.close()

    def abort(self) -> None:
        """Close at once."""
        self.transport.abort()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
