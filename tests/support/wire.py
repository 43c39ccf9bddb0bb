"""A wire between a client and a server that a test can hold, cut and slice."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Self

# Close without a farewell: whatever is under way is lost and the peer gets a reset.
_RESET = struct.pack("ii", 1, 0)


class Wire:
    """A TCP relay on a free loopback port: `async with Wire(host, port) as wire`, then use `wire.port`.

    `hold()` makes it half-open: bytes vanish into it, nobody is told. `cut()` breaks all connections, with
    `reset=True` by RST. `refuse()` closes the port as if the server were gone, `accept()` opens it again.
    `slice_bytes` cuts what the server says into segments of that size. `accepted` counts connections,
    `upstream` the bytes that clients sent.
    """

    def __init__(self, host: str, port: int, *, slice_bytes: int = 0) -> None:
        self._target = (host, port)
        self._slice = slice_bytes
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._reset = False
        self.host, self.port = "127.0.0.1", 0
        self.accepted = 0
        self.upstream = 0

    @property
    def open(self) -> int:
        """How many connections there are now."""
        return len(self._tasks)

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()

    async def accept(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._relay, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Listen no more, and break every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.cut()

    def hold(self) -> None:
        self._flowing.clear()

    def release(self) -> None:
        self._flowing.set()

    async def cut(self, *, reset: bool = False) -> None:
        """Break every connection, and lose what is in it."""
        tasks, self._reset = list(self._tasks), reset
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.accepted += 1
        writers = [writer]
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            writers.append(far_writer)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._up(reader, far_writer))
                both.create_task(self._down(far_reader, writer))
        # Cancelled by `cut`: the task ends here like any other, or asyncio logs it as an error.
        except* (OSError, _Ended, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            # All are let go before any is waited for: another cut may end this waiting.
            for each in writers:
                self._break(each)
            await asyncio.gather(*(each.wait_closed() for each in writers), return_exceptions=True)

    def _break(self, writer: asyncio.StreamWriter) -> None:
        if self._reset:
            end: socket.socket = writer.get_extra_info("socket")
            with suppress(OSError):  # closed by its peer already
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._flowing.wait()
            self.upstream += len(data)
            writer.write(data)
            await writer.drain()
        raise _Ended

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._flowing.wait()
            size = self._slice or len(data)
            for at in range(0, len(data), size):
                writer.write(data[at : at + size])
                await writer.drain()
                await asyncio.sleep(0)  # the reader in the same loop sees each segment by itself
        raise _Ended


class _Ended(Exception):
    """One side closed: the other is closed too."""
