"""The FastAGI server and its session, against a peer that plays Asterisk's part on a socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
import uvloop
from support.agi_peer import HANG_UP, AgiPeer, head

from telephony.agi import AgiLimits, AgiServer, AgiSession, Handler, by_script
from telephony.agi_wire import AgiHangup, AgiInjection, AgiRefused


@asynccontextmanager
async def serving(handler: Handler, limits: AgiLimits | None = None) -> AsyncIterator[AgiServer]:
    server = AgiServer(handler, "127.0.0.1", 0, limits)
    await server.start()
    try:
        yield server
    finally:
        await server.close(grace=0)


async def test_the_dialplans_watch_is_moved_behind_the_calls_limit_before_anything_else() -> None:
    async def handler(session: AgiSession) -> None:
        await session.answer()

    async with serving(handler, AgiLimits(call_seconds=60)) as server:
        heard = await AgiPeer(server.port).call()
    assert heard.commands == [
        ("SET VARIABLE", ["TIMEOUT(absolute)", "65"]),
        ("ANSWER", []),
    ]


async def test_every_command_reaches_asterisk_and_its_answer_comes_back() -> None:
    told: list[object] = []

    async def handler(session: AgiSession) -> None:
        told.append((session.script, dict(session.query), session.caller, session.channel))
        await session.noop()
        await session.verbose("你好")
        await session.set_variable("__CALL_MENU", 'a "b" \\')
        told.append(await session.get_variable("CALL_MENU"))
        told.append(await session.get_variable("NOT_SET"))
        told.append(await session.get_full_variable("CALL_UUID"))
        told.append(await session.execute("UserEvent", "CallMenu,Menu: x"))
        told.append(await session.press(["a", "b"], 3.0))
        told.append(await session.collect(["c", "d"], 4, 3.0, silence="silence"))
        await session.hangup()

    async with serving(handler) as server:
        peer = AgiPeer(server.port, ["5", "1234"], network_script="inbound?night=1")
        heard = await peer.call()
    assert told == [
        ("inbound", {"night": "1"}, "13900000001", "PJSIP/trunk-00000001"),
        'a "b" \\',
        "",
        "c0ffee00-0000-4000-8000-000000000001",
        "0",
        "5",
        "1234",
    ]
    assert heard.prompts == ["a", "b", "c", "d"]


async def test_a_key_interrupts_the_first_of_several_prompts() -> None:
    keys: list[str] = []

    async def handler(session: AgiSession) -> None:
        keys.append(await session.press(["long", "longer"], 3.0))
        keys.append(await session.collect(["ask", "again"], 4, 3.0, silence="silence"))
        keys.append(await session.collect(["ask", "again"], 4, 3.0, silence="silence"))

    async with serving(handler) as server:
        heard = await AgiPeer(server.port, ["9", "1", "234", "#"], impatient=True).call()
    assert keys == ["9", "1234", ""]
    assert heard.prompts == ["long", "ask", "silence", "ask"]


async def test_a_hang_up_during_a_prompt_ends_the_session_and_later_commands() -> None:
    seen: list[str] = []

    async def handler(session: AgiSession) -> None:
        try:
            await session.play(["greeting", "more"])
        except AgiHangup:
            seen.append("hangup")
        try:
            await session.set_variable("A", "b")
        except AgiHangup:
            seen.append("hangup again")

    async with serving(handler) as server:
        heard = await AgiPeer(server.port, [HANG_UP]).call()
    assert seen == ["hangup", "hangup again"]
    assert heard.prompts == ["greeting"]


async def test_a_missing_prompt_is_told_from_a_hang_up() -> None:
    seen: list[str] = []

    async def handler(session: AgiSession) -> None:
        with pytest.raises(AgiRefused):
            await session.stream_file("gone")
        with pytest.raises(AgiRefused):
            await session.get_data("gone", 4, 1.0)
        seen.append(await session.press(["there"], 1.0))

    async with serving(handler) as server:
        await AgiPeer(server.port, ["1"], missing=["gone"]).call()
    assert seen == ["1"]


async def test_a_value_with_a_line_break_never_reaches_the_socket() -> None:
    async def handler(session: AgiSession) -> None:
        with pytest.raises(AgiInjection):
            await session.set_variable("NAME", "x\nEXEC System reboot")
        await session.noop()

    async with serving(handler) as server:
        heard = await AgiPeer(server.port).call()
    assert [verb for verb, _ in heard.commands] == ["SET VARIABLE", "NOOP"]


@pytest.fixture
def answers() -> Callable[..., Awaitable[list[str]]]:
    """Serve one call whose peer gives raw `lines` as the answer to NOOP; return what the handler saw."""

    async def converse(lines: bytes) -> list[str]:
        seen: list[str] = []

        async def handler(session: AgiSession) -> None:
            try:
                await session.noop()
                seen.append("fine")
                await session.noop()
            except (AgiHangup, AgiRefused) as error:
                seen.append(type(error).__name__)
                raise

        async with serving(handler) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(head() + b"200 result=1\n" + lines)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 5)
            writer.close()
        return seen

    return converse


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        (b"200 result=0\n", ["fine", "AgiHangup"]),
        (b"100 result=0 Trying...\n200 result=0\n", ["fine", "AgiHangup"]),
        (b"HANGUP\n200 result=0\n", ["AgiHangup"]),
        (b"511 result=-1 Command Not Permitted on a dead channel\n", ["AgiHangup"]),
        (b"510 Invalid or unknown command\n", ["AgiRefused"]),
        (b"520 Invalid command syntax.  Proper usage not available.\n", ["AgiRefused"]),
        (b"520-Usage:\n200 result=0\nUsage: NOOP\n520 End of proper usage.\n", ["AgiRefused"]),
        (b"520-Usage:\nUsage: NOOP\n", ["AgiHangup"]),
        (b"", ["AgiHangup"]),
        (b"HTTP/1.1 400\n", []),
        (b"200 result=1 (" + b"x\n" * 40_000, []),
        (b"x" * 100_000 + b"\n", []),
    ],
)
async def test_replies_of_all_kinds_end_the_command_rightly(
    answers: Callable[..., Awaitable[list[str]]], lines: bytes, seen: list[str]
) -> None:
    assert await answers(lines) == seen


async def test_an_unknown_route_is_closed_so_that_the_dialplan_goes_on() -> None:
    async def handler(session: AgiSession) -> None:
        await session.answer()

    async with serving(by_script({"inbound": handler})) as server:
        known = await AgiPeer(server.port).call()
        unknown = await AgiPeer(server.port, network_script="nonsense").call()
    assert known.answered
    assert not unknown.answered


async def test_a_handler_that_fails_closes_its_own_call_only() -> None:
    async def handler(session: AgiSession) -> None:
        if session.query:
            raise RuntimeError("a bug")
        await session.answer()

    async with serving(handler) as server:
        broken = await AgiPeer(server.port, network_script="inbound?bug=1").call()
        whole = await AgiPeer(server.port).call()
    assert not broken.answered
    assert whole.answered


async def test_a_call_is_ended_at_its_time_limit() -> None:
    async def handler(session: AgiSession) -> None:
        await asyncio.Event().wait()

    async with serving(handler, AgiLimits(call_seconds=0.05)) as server:
        await AgiPeer(server.port).call(limit=5)
        assert server.sessions == 0


async def test_close_lets_calls_end_and_hands_the_others_back() -> None:
    begun, finish = asyncio.Semaphore(0), asyncio.Event()
    endings: list[str] = []

    async def handler(session: AgiSession) -> None:
        begun.release()
        try:
            await (finish.wait() if session.query else asyncio.Event().wait())
            endings.append("finished")
        except asyncio.CancelledError:
            endings.append("handed back")
            raise

    async with serving(handler) as server:
        port = server.port
        calls = [
            asyncio.create_task(AgiPeer(port, network_script=script).call())
            for script in ("inbound", "inbound?polite=1")
        ]
        for _ in calls:
            await asyncio.wait_for(begun.acquire(), 5)
        closing = asyncio.create_task(server.close(grace=0.3))
        finish.set()
        await closing
        await asyncio.gather(*calls)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
    assert endings == ["finished", "handed back"]


def test_the_server_works_on_the_loop_that_uvicorn_brings() -> None:
    async def handler(session: AgiSession) -> None:
        await session.answer()
        await session.press(["greeting"], 1.0)

    async def calls() -> None:
        async with serving(handler) as server:
            _, silent = await asyncio.open_connection("127.0.0.1", server.port)
            heard = await asyncio.gather(*(AgiPeer(server.port, ["1"]).call() for _ in range(20)))
            assert all(call.prompts == ["greeting"] for call in heard)
            silent.close()

    uvloop.run(calls())


@pytest.fixture(autouse=True)
def _quiet_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level("CRITICAL"):
        yield
