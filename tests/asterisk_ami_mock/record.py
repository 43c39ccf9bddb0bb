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
    heard: list[bytes] = []
    listening = asyncio.Event()
    task = asyncio.create_task(_listen(host, port, user, secret, heard, listening))
    ready = asyncio.create_task(listening.wait())
    try:
        await asyncio.wait([task, ready], timeout=10, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield
    finally:
        ready.cancel()
        task.cancel()
        with suppress(asyncio.CancelledError, LoginRefused):
            await task
    out.write_bytes(masked(b"".join(heard)))  # noqa: ASYNC240  once, at the end


async def _listen(
    host: str, port: int, user: str, secret: str, heard: list[bytes], listening: asyncio.Event
) -> None:
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            await _listen_once(host, port, user, secret, heard, listening)
        await asyncio.sleep(0.1)


async def _listen_once(
    host: str, port: int, user: str, secret: str, heard: list[bytes], listening: asyncio.Event
) -> None:
    reader, writer = await asyncio.open_connection(host, port, limit=2**20)
    try:
        banner = await reader.readline()
        if not heard:
            heard.append(banner)
        login = [
            ("Action", "Login"),
            ("Username", user),
            ("Secret", secret),
            ("ActionID", "record"),
        ]
        writer.write(Frame(login).render())
        while True:
            frame = await reader.readuntil(END)
            if frame.startswith(b"Response: Error"):
                raise LoginRefused(frame.decode().strip())
            # Not the answer to our login, nor what Asterisk notes about it.
            if frame.startswith(b"Event:"):
                heard.append(frame)
            listening.set()
    finally:
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
