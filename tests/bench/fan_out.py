"""The floor of one event to many: a bare `websockets` server that broadcasts a frame whenever a client speaks."""

import asyncio
import resource
from contextlib import suppress

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

DATA = '{"open_seats":10,"physical_seats":12}'
EVENT = f'{{"type":"event","seq":1,"name":"plan","data":{DATA},"at":"2026-11-23T01:00:00Z"}}'
clients: set[ServerConnection] = set()


async def _client(socket: ServerConnection) -> None:
    clients.add(socket)
    try:
        with suppress(ConnectionClosed):
            async for _ in socket:
                broadcast(clients, EVENT)
    finally:
        clients.discard(socket)


async def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, most), most))
    async with serve(_client, "127.0.0.1", 0, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
