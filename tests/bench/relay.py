"""The peers of the screen-pop: AMI in, WebSocket out, nothing else; each runs as a process of its own.

    python tests/bench/relay.py bare|panoramisk AMI_PORT USER   (secret in AMI_SECRET; prints its port)

`bare` reads the socket and forwards the raw frame; `panoramisk` forwards its parsed message as JSON.
Both run under uvloop, as the hotline does, and forward AgentCalled alone.
"""

import asyncio
import json
import os
import sys
from typing import Any

import uvloop
from websockets.asyncio.server import ServerConnection, serve

clients: set[ServerConnection] = set()


async def _client(socket: ServerConnection) -> None:
    clients.add(socket)
    try:
        await socket.wait_closed()
    finally:
        clients.discard(socket)


async def _open() -> None:
    server = await serve(_client, "127.0.0.1", 0, compression=None)
    print(next(iter(server.sockets)).getsockname()[1], flush=True)


async def _bare(port: int, user: str, secret: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"Action: Login\r\nUsername: {user}\r\nSecret: {secret}\r\n\r\n".encode())
    await _open()
    while True:
        frame = await reader.readuntil(b"\r\n\r\n")
        if frame.startswith(b"Event: AgentCalled\r\n"):
            for client in clients:
                await client.send(frame, text=True)


async def _panoramisk(port: int, user: str, secret: str) -> None:
    from panoramisk import Manager

    manager = Manager(host="127.0.0.1", port=port, username=user, secret=secret, ping_delay=30)

    async def forward(_manager: Any, message: Any) -> None:
        for client in clients:
            await client.send(json.dumps(dict(message)))

    manager.register_event("AgentCalled", forward)
    manager.connect()
    await _open()
    await asyncio.Event().wait()


if __name__ == "__main__":
    kind = {"bare": _bare, "panoramisk": _panoramisk}[sys.argv[1]]
    uvloop.run(kind(int(sys.argv[2]), sys.argv[3], os.environ["AMI_SECRET"]))
