"""An existing pyst2 script runs on a call of our server, and cannot harm it."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from asterisk.agi import AGI, AGIHangup, AGIInvalidCommand
from support.agi_peer import HANG_UP, AgiPeer, Heard

from telephony.agi import AgiLimits, AgiServer, AgiSession
from telephony.agi_script import ScriptPool
from telephony.agi_wire import AgiHangup, AgiRefused


@pytest.fixture
def pool() -> Iterator[ScriptPool]:
    pool = ScriptPool(threads=4)
    yield pool
    pool.close()


async def run(
    pool: ScriptPool,
    script: Callable[[AGI], None],
    *inputs: str,
    limits: AgiLimits | None = None,
    then: Callable[[str], None] = lambda ending: None,
) -> Heard:
    """Serve one call with `script`; `then` gets how it ended."""

    async def handler(session: AgiSession) -> None:
        try:
            await pool.run(script, session)
        except BaseException as error:
            then(type(error).__name__)
            raise
        then("done")
        await session.set_variable("AFTER", "1")

    server = AgiServer(handler, "127.0.0.1", 0, limits)
    await server.start()
    try:
        return await AgiPeer(server.port, inputs).call()
    finally:
        await server.close(grace=1)


async def test_an_existing_script_runs_unchanged_and_the_session_goes_on_after_it(
    pool: ScriptPool,
) -> None:
    def heating_hotline(agi: AGI) -> None:
        agi.answer()
        agi.verbose("from " + agi.env["agi_callerid"])
        key = agi.stream_file("welcome", "12")
        agi.set_variable(
            "DISTRICT", "鲅鱼圈" if agi.get_option("district", "12", 3000) == "1" else ""
        )
        agi.set_variable("SAID", agi.get_variable("DISTRICT") + key)
        agi.appexec("UserEvent", "Heating,District: 1")

    heard = await run(pool, heating_hotline, "1")
    assert heard.answered
    assert heard.prompts == ["welcome", "district"]
    assert heard.variables["SAID"] == "鲅鱼圈"
    assert heard.user_events == ["Heating,District: 1"]
    assert heard.variables["AFTER"] == "1"


async def test_a_hang_up_reaches_the_script_as_pyst2s_own_exception(pool: ScriptPool) -> None:
    seen: list[str] = []

    def script(agi: AGI) -> None:
        try:
            while True:
                agi.stream_file("waiting")
        except AGIHangup:
            seen.append("script hung up")
            raise

    heard = await run(pool, script, HANG_UP, then=seen.append)
    assert seen == ["script hung up", AgiHangup.__name__]
    assert "AFTER" not in heard.variables


async def test_a_line_break_in_a_scripts_value_is_refused(pool: ScriptPool) -> None:
    refused: list[str] = []

    def script(agi: AGI) -> None:
        for attempt in (
            lambda: agi.set_variable("NAME", "x\nEXEC System reboot"),
            lambda: agi.stream_file("x\nHANGUP"),
        ):
            try:
                attempt()
            except AGIInvalidCommand:
                refused.append("refused")
        agi.noop()

    heard = await run(pool, script)
    assert refused == ["refused", "refused"]
    assert [verb for verb, _ in heard.commands] == ["SET VARIABLE", "NOOP", "SET VARIABLE"]


async def test_a_quote_in_a_value_stays_in_the_value(pool: ScriptPool) -> None:
    def script(agi: AGI) -> None:
        agi.set_variable("NAME", 'say "hi" \\ 王')

    heard = await run(pool, script)
    assert heard.variables["NAME"] == 'say "hi" \\ 王'


async def test_a_script_that_fails_is_told_apart_from_a_hang_up(pool: ScriptPool) -> None:
    seen: list[str] = []

    def script(agi: AGI) -> None:
        raise LookupError("its own bug")

    await run(pool, script, then=seen.append)
    assert seen == ["LookupError"]


async def test_a_script_beyond_the_pool_is_refused_and_does_not_wait() -> None:
    pool = ScriptPool(threads=1)
    release, entered = threading.Event(), threading.Event()
    seen: list[str] = []

    def slow(agi: AGI) -> None:
        entered.set()
        release.wait(10)

    async def handler(session: AgiSession) -> None:
        with pytest.raises(AgiRefused):
            await pool.run(slow, session)
        seen.append("refused")

    def first(agi: AGI) -> None:
        slow(agi)

    waiting = asyncio.create_task(run(pool, first))
    await asyncio.to_thread(entered.wait, 5)
    server = AgiServer(handler, "127.0.0.1", 0)
    await server.start()
    await AgiPeer(server.port).call()
    await server.close(grace=1)
    release.set()
    await waiting
    pool.close()
    assert seen == ["refused"]


async def test_fifty_scripts_run_at_once() -> None:
    pool = ScriptPool(threads=50)
    together = threading.Barrier(50, timeout=20)

    def script(agi: AGI) -> None:
        agi.answer()
        together.wait()
        agi.set_variable("DONE", "1")

    async def handler(session: AgiSession) -> None:
        await pool.run(script, session)

    server = AgiServer(handler, "127.0.0.1", 0)
    await server.start()
    heard = await asyncio.gather(*(AgiPeer(server.port).call(30) for _ in range(50)))
    await server.close()
    pool.close()
    assert all(call.variables["DONE"] == "1" for call in heard)


async def test_the_time_limit_of_a_call_frees_the_thread_of_a_script_that_waits() -> None:
    pool = ScriptPool(threads=1)
    ended = threading.Event()

    def script(agi: AGI) -> None:
        try:
            while True:
                agi.noop()
        except AGIHangup:
            ended.set()
            raise

    await run(pool, script, limits=AgiLimits(call_seconds=0.1))
    assert ended.wait(5)
    pool.close()
