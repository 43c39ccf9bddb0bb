"""A WebSocket client with as little work as possible, so that what is measured is the server."""

import asyncio
import base64
import os
import time
from collections.abc import Callable
from typing import cast

Heard = Callable[[bytes, float], None]
"""(payload, seconds since 1970 when it was read)."""


class Listener(asyncio.Protocol):
    """Calls `heard` with every text frame; `opened` is done at the first one."""

    def __init__(self, path: str, headers: dict[str, str], heard: Heard) -> None:
        lines = {
            "Host": "127.0.0.1",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._request = f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
        self._heard = heard
        self._rest = b""
        self.upgraded = False
        self.opened: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's by class.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        data = self._rest + data
        if not self.upgraded:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self._fail(RuntimeError(head.decode(errors="replace")))
                return
            self.upgraded = True
        self._rest = self._frames(data, now)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._fail(exc or ConnectionError("closed"))

    def say(self, text: str) -> None:
        """Send a short text frame (a client's frames are masked; a mask of zeros leaves the text as it is)."""
        body = text.encode()
        head = (
            bytes([0x81, 0x80 | len(body)])
            if len(body) < 126
            else b"\x81\xfe" + len(body).to_bytes(2, "big")
        )
        self.transport.write(head + b"\0\0\0\0" + body)

    def _frames(self, data: bytes, now: float) -> bytes:
        at = 0
        while len(data) - at >= 2:
            size, start = data[at + 1], at + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                size = int.from_bytes(data[start : start + width], "big")
                start += width
            if len(data) < start + size:
                break
            if data[at] & 0x0F == 9:  # a ping: without its answer the server hangs up
                self.transport.write(
                    bytes([0x8A, 0x80 | size]) + b"\0\0\0\0" + data[start : start + size]
                )
            elif data[at] & 0x0F == 1:
                self._take(data[start : start + size], now)
            at = start + size
        return data[at:]

    def _take(self, payload: bytes, now: float) -> None:
        if not self.opened.done():
            self.opened.set_result(payload)
        self._heard(payload, now)

    def _fail(self, error: Exception) -> None:
        if not self.opened.done():
            self.opened.set_exception(error)


async def listen(
    port: int, path: str, heard: Heard, headers: dict[str, str] | None = None
) -> Listener:
    """Connect to a server on the loopback."""
    loop = asyncio.get_running_loop()
    _, listener = await loop.create_connection(
        lambda: Listener(path, headers or {}, heard), "127.0.0.1", port
    )
    return listener


async def listen_live(port: int, token: str, heard: Heard, query: str = "") -> Listener:
    """Connect to /live of the hotline as the holder of a session."""
    headers = {"Origin": f"http://127.0.0.1:{port}", "Cookie": f"hotline_session={token}"}
    return await listen(port, f"/live{query}", heard, headers)
