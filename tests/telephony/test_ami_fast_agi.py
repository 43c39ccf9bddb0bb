"""panoramisk's FastAGI server, which we do not use: why, and that ours does not do it (facts: panoramisk 1.4, 5)."""

import asyncio

import pytest
from panoramisk import fast_agi
from support.agi_peer import AgiPeer

from telephony.agi import AgiServer, AgiSession


class AtEnd:
    """A reader whose peer has closed; it stops a loop that would never end."""

    def __init__(self) -> None:
        self.reads = 0

    async def read(self, _size: int) -> bytes:
        self.reads += 1
        if self.reads > 1000:
            raise OverflowError
        return b""


async def test_bare_spins_for_ever_on_a_peer_that_connects_and_closes() -> None:
    """No await in that loop gives way: every call on the server stands still."""
    application = fast_agi.Application(loop=asyncio.get_running_loop())
    gave_way = asyncio.create_task(asyncio.sleep(0))
    with pytest.raises(OverflowError):
        await application.handler(AtEnd(), None)
    assert not gave_way.done()
    await gave_way


async def test_bare_breaks_on_a_plain_function_as_endpoint() -> None:
    application = fast_agi.Application(loop=asyncio.get_running_loop())
    with pytest.raises(AttributeError, match="coroutine"):
        application.add_route("inbound", print)


async def test_ours_serves_calls_beside_peers_that_connect_and_close() -> None:
    async def handler(session: AgiSession) -> None:
        await session.answer()

    server = AgiServer(handler, "127.0.0.1", 0)
    await server.start()
    try:
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.close()
        heard = await AgiPeer(server.port).call(limit=5)
    finally:
        await server.close(grace=0)
    assert ("ANSWER", []) in heard.commands
