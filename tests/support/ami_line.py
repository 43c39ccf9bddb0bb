"""AMI as plain bytes on a socket: for tests that must see what Asterisk really says, with no library between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telephony.own_asterisk import OwnAsterisk
from telephony.provision import ami_secret


class AmiLine:
    """Everything that arrived is kept in `frames`, raw, in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.frames: list[bytes] = []
        self._reader, self._writer = reader, writer
        self._grown = asyncio.Event()

    async def say(self, action: str, **fields: str) -> None:
        lines = [
            f"Action: {action}",
            *(f"{name}: {value}" for name, value in fields.items()),
            "",
            "",
        ]
        self._writer.write("\r\n".join(lines).encode())
        await self._writer.drain()

    async def until(self, *parts: str, within: float = 15) -> bytes:
        """Return the first frame, past or coming, that holds all `parts`."""
        wanted = [part.encode() for part in parts]
        seen = 0
        try:
            async with asyncio.timeout(within):
                while True:
                    self._grown.clear()
                    for frame in self.frames[seen:]:
                        if all(part in frame for part in wanted):
                            return frame
                    seen = len(self.frames)
                    await self._grown.wait()
        except TimeoutError:
            names = [frame.split(b"\r\n")[0].decode(errors="replace") for frame in self.frames]
            raise AssertionError(f"AMI never said {parts}; it said {names}") from None

    def count(self, *parts: str) -> int:
        """Return how many frames hold all `parts`."""
        return sum(all(part.encode() in frame for part in parts) for frame in self.frames)

    async def read_for_ever(self) -> None:
        while frame := await self._reader.readuntil(b"\r\n\r\n"):
            self.frames.append(frame)
            self._grown.set()


@asynccontextmanager
async def ami_line(asterisk: OwnAsterisk) -> AsyncIterator[AmiLine]:
    """Log in to the Asterisk's AMI with the installation's own user and secret."""
    settings = asterisk.settings
    reader, writer = await asyncio.open_connection("127.0.0.1", settings.ami_port)
    await reader.readline()
    line = AmiLine(reader, writer)
    reading = asyncio.create_task(line.read_for_ever())
    try:
        await line.say("Login", Username=settings.ami_user, Secret=ami_secret(settings))
        await line.until("Event: FullyBooted")
        yield line
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def value(frame: bytes, header: str) -> str:
    """Return a header of a frame, '' when it is not there."""
    for line in frame.split(b"\r\n"):
        name, colon, text = line.partition(b": ")
        if colon and name == header.encode():
            return text.decode()
    return ""
