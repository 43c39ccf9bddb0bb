"""Foreign peers at the AGI port (spec/telephony.md 10): closed by a limit, and calls go on meanwhile."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.agi_peer import AgiPeer, head

from telephony.agi import AgiLimits, AgiServer, AgiSession

LIMITS = AgiLimits(greet_seconds=0.3, silent_peers=50, sessions=20, call_seconds=5)


async def greet(session: AgiSession) -> None:
    await session.answer()
    await session.press(["greeting"], 1.0)


@asynccontextmanager
async def serving(limits: AgiLimits = LIMITS) -> AsyncIterator[AgiServer]:
    server = AgiServer(greet, "127.0.0.1", 0, limits)
    await server.start()
    try:
        yield server
    finally:
        await server.close(grace=0)


async def closed_after(port: int, said: bytes) -> bytes:
    """Say something foreign, keep the connection open, and return what came until the server closed it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(5):
            try:
                writer.write(said)
                await writer.drain()
                return await reader.read()
            except ConnectionError:
                return b""
    finally:
        writer.close()


@pytest.fixture(autouse=True)
def _quiet_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level("CRITICAL"):
        yield


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "silent"),
        (b"agi_network: yes\nagi_chan", "silent"),
        (head()[:-1], "silent"),
        (head(), "silent"),  # a whole header, but no reply to the first command
        (b"x" * 10_000_000, "garbage"),
        (b"agi_x: y\n" * 1_000_000, "garbage"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\n\n", "garbage"),
        (b"\n\n", "garbage"),
        (head() + b"HTTP/1.1 400\n", "garbage"),
        (head() + b"520-" + b"usage\n" * 100_000, "garbage"),
        (head() + b"HANGUP\n200 result=1\n", "closed"),
    ],
    ids=[
        "nothing",
        "half a header",
        "no end of header",
        "no reply",
        "10 MB without a line",
        "9 MB of headers",
        "HTTP",
        "empty header",
        "foreign reply",
        "endless usage",
        "caller gone",
    ],
)
async def test_a_foreign_peer_is_closed_by_a_limit_while_a_call_goes_on(
    said: bytes, reason: str
) -> None:
    async with serving() as server:
        _, heard = await asyncio.gather(
            closed_after(server.port, said), AgiPeer(server.port, ["1"]).call()
        )
        assert heard.prompts == ["greeting"]
        assert dict(server.refused) == {reason: 1}


async def test_a_peer_that_drips_its_header_is_closed_at_the_same_limit() -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

        async def drip() -> None:
            for byte in head() * 100:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        with suppress(ConnectionError):  # closed while it still spoke: a reset
            assert await asyncio.wait_for(reader.read(), 5) == b""
        dripping.cancel()
        writer.close()
        assert server.refused["silent"] == 1


async def test_a_peer_that_connects_and_closes_at_once_costs_nothing() -> None:
    async with serving() as server:
        for _ in range(50):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.transport.abort()
        heard = await AgiPeer(server.port, ["1"]).call()
        assert heard.prompts == ["greeting"]


async def test_thousands_of_silent_connections_do_not_keep_a_caller_out() -> None:
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))
    try:
        async with serving(AgiLimits(greet_seconds=30, silent_peers=100)) as server:
            silent = []
            for _ in range(10):
                silent += await asyncio.gather(
                    *(asyncio.open_connection("127.0.0.1", server.port) for _ in range(150))
                )
                heard = await AgiPeer(server.port, ["1"]).call()
                assert heard.prompts == ["greeting"]
            # The oldest silent ones were dropped for the new ones; the newest hundred may still speak.
            assert server.refused["closed"] >= 1300
            for _, writer in silent:
                writer.transport.abort()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))


async def test_more_calls_than_sessions_are_handed_back_to_the_dialplan_at_once() -> None:
    held = asyncio.Event()

    async def hold(session: AgiSession) -> None:
        await session.answer()
        await held.wait()

    server = AgiServer(hold, "127.0.0.1", 0, AgiLimits(sessions=3))
    await server.start()
    calls = [asyncio.create_task(AgiPeer(server.port).call()) for _ in range(3)]
    while server.sessions < 3:
        await asyncio.wait(calls, timeout=0.01)
    refused = await AgiPeer(server.port).call(limit=5)
    assert refused.commands == []
    held.set()
    heard = await asyncio.gather(*calls)
    await server.close()
    assert all(call.answered for call in heard)
    assert server.refused["busy"] == 1


foreign = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.sampled_from(
            [
                head(),
                b"agi_channel: x\nagi_request: y\n\n",
                b"agi_: \n",
                b"HANGUP\n",
                b"200 result=0\n",
                b"200 result=-1 endpos=0\n",
                b"200 result=300\n",
                b"200 result=1 (",
                b"100 Trying\n",
                b"511 result=-1\n",
                b"520-usage\n",
                b"520 end\n",
                b"\n",
                b"\r\n",
                b"\0",
                "王".encode()[:2],
            ]
        ),
        max_size=12,
    ).map(b"".join),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(foreign, min_size=1, max_size=5))
@example([head() + b"200 result=1\n200 result=0\n200 result=49 endpos=1\n"])
@example([head() + b"200 result=1\n200 result=0\n200 result=999999999999999\n"])
def test_whatever_bytes_come_the_next_call_is_served(peers: list[bytes]) -> None:
    async def attack() -> None:
        async with serving(AgiLimits(greet_seconds=0.05, call_seconds=0.2)) as server:
            await asyncio.gather(*(closed_after(server.port, said) for said in peers))
            heard = await AgiPeer(server.port, ["1"]).call()
            assert heard.prompts == ["greeting"]
            assert server.sessions == 0

    asyncio.run(attack())
