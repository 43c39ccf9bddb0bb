"""A wire between a client and a server that a test can hold, cut and slice."""

import asyncio
from contextlib import suppress
from typing import Self


class Wire:
    """A TCP relay on a free loopback port: `async with Wire(host, port) as wire`, then use `wire.port`.

    `hold()` makes it half-open: bytes vanish into it, nobody is told. `cut()` breaks all connections.
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
        self.host, self.port = "127.0.0.1", 0
        self.accepted = 0
        self.upstream = 0

    @property
    def open(self) -> int:
        """How many connections there are now."""
        return len(self._tasks)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._relay, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self.cut()

    def hold(self) -> None:
        self._flowing.clear()

    def release(self) -> None:
        self._flowing.set()

    async def cut(self) -> None:
        """Break every connection, and lose what is in it."""
        tasks = list(self._tasks)
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
        except* (OSError, _Ended):
            pass
        finally:
            self._tasks.discard(task)
            for each in writers:
                each.transport.abort()
                with suppress(OSError):
                    await each.wait_closed()

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
