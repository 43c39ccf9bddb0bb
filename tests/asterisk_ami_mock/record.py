"""Records a session of a real Asterisk: `python -m asterisk_ami_mock.record --port 5038 --user … --out FILE`.

What Asterisk says is kept byte for byte, except that every number and name is replaced by an invented
one (see `mask`). What is sent, the password among it, is not recorded.
"""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from asterisk_ami_mock.mask import masked
from asterisk_ami_mock.wire import END, Frame


class LoginRefused(Exception):
    """Asterisk does not accept the user or the password."""


@asynccontextmanager
async def recording(host: str, port: int, user: str, secret: str, out: Path) -> AsyncIterator[None]:
    """Record what Asterisk says while the block runs, across its restarts, then write it, masked, to `out`."""
    recorder = Recorder(host, port, user, secret)
    await recorder.start()
    try:
        yield
    finally:
        heard = await recorder.stop()
        out.write_bytes(masked(heard))  # noqa: ASYNC240  once, at the end


class Recorder:
    """Listens, unmasked and in memory, from `start` to `stop`."""

    def __init__(self, host: str, port: int, user: str, secret: str) -> None:
        self._address = (host, port)
        self._login = [("Action", "Login"), ("Username", user), ("Secret", secret)]
        self._heard: list[bytes] = []
        self._listening = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when Asterisk has accepted the login; LoginRefused, or TimeoutError after 10 s."""
        self._task = asyncio.create_task(self._listen())
        ready = asyncio.create_task(self._listening.wait())
        await asyncio.wait([self._task, ready], timeout=10, return_when="FIRST_COMPLETED")
        ready.cancel()
        if not self._listening.is_set():
            self._task.cancel()
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.result()
            raise TimeoutError("Asterisk does not answer")

    async def stop(self) -> bytes:
        """Say goodbye, so that nothing said before it is missed, and return all that was heard."""
        assert self._task is not None
        self._stopping = True
        if self._writer is not None:
            self._writer.write(Frame([("Action", "Logoff")]).render())
        await asyncio.wait([self._task], timeout=2)
        self._task.cancel()
        await asyncio.wait([self._task])
        return b"".join(self._heard)

    async def _listen(self) -> None:
        while not self._stopping:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._listen_once()
            await asyncio.sleep(0 if self._stopping else 0.1)

    async def _listen_once(self) -> None:
        reader, self._writer = await asyncio.open_connection(*self._address, limit=2**20)
        try:
            banner = await reader.readline()
            if not self._heard:
                self._heard.append(banner)
            self._writer.write(Frame(self._login).render())
            while True:
                frame = await reader.readuntil(END)
                if frame.startswith(b"Response: Error"):
                    raise LoginRefused(frame.decode().strip())
                # Answers are to our own login and goodbye.
                if frame.startswith(b"Event:"):
                    self._heard.append(frame)
                self._listening.set()
        finally:
            writer, self._writer = self._writer, None
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def main() -> None:
    options = argparse.ArgumentParser(prog="asterisk_ami_mock.record", description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=5038)
    options.add_argument("--user", default="hotline")
    options.add_argument(
        "--secret-env", default="AMI_SECRET", help="environment variable of the password"
    )
    options.add_argument(
        "--seconds", type=float, default=0, help="stop after so long (default: Ctrl-C)"
    )
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    secret = os.environ.get(chosen.secret_env, "")

    async def run() -> None:
        async with recording(chosen.host, chosen.port, chosen.user, secret, chosen.out):
            print(f"recording to {chosen.out}; Ctrl-C ends it")
            with suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), chosen.seconds or None)

    asyncio.run(run())


if __name__ == "__main__":
    main()
