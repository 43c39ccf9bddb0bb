"""The default flow with a real Asterisk, a telephone and the keys that it really sends."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from support.audio import until_sound
from support.links import next_event
from support.phones import citizen

from ivr.load import DEFAULT, load_flow
from ivr.progress import TicketProgress
from ivr.prompts import build_prompts, catalogue
from ivr.runner import Questions, Runner, TicketQuestion
from telephony import sound
from telephony.agi import AgiServer, AgiSession
from telephony.agi_script import SafeAgi, ScriptPool
from telephony.agi_wire import AgiHangup, AgiRefused
from telephony.ami import AmiEvent, AmiLink
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import ami_secret
from telephony.switch import Switch

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("all-prompts")
    assert build_prompts(folder).problems == ()
    return folder


@pytest.fixture
async def switch(asterisk: OwnAsterisk, prompts: Path) -> AsyncIterator[OwnAsterisk]:
    """The switch with our prompts (three seconds of the greeting) and one member: its queue takes callers."""
    sounds = asterisk.paths.sounds / "hotline"
    shutil.copytree(prompts, sounds, dirs_exist_ok=True)
    greeting, rate = sound.read_wav(sounds / "greeting.wav")
    sound.write_wav(sounds / "greeting.wav", greeting[: 3 * rate])
    await asterisk.console("queue add member PJSIP/seat03 to hotline")
    return asterisk


@pytest.fixture
async def link(switch: OwnAsterisk) -> AsyncIterator[AmiLink]:
    settings = switch.settings
    link = AmiLink(
        host=settings.ami_host,
        port=settings.ami_port,
        user=settings.ami_user,
        secret=ami_secret(settings),
    )
    await link.start()
    await link.wait_connected(10)
    yield link
    await link.close()


def runner(ticket_status: TicketQuestion | None = None) -> Runner:
    flow = load_flow(DEFAULT, catalogue())
    return Runner(Questions(flow_for=lambda dnid: flow, ticket_status=ticket_status))


@asynccontextmanager
async def serving(switch: OwnAsterisk, handler: object = None) -> AsyncIterator[AgiServer]:
    server = AgiServer(
        handler or runner().call,  # type: ignore[arg-type]
        switch.settings.agi_host,
        switch.settings.agi_port,
    )
    await server.start()
    try:
        yield server
    finally:
        await server.close(grace=0)


async def user_event(link: AmiLink, name: str, limit: float = 25) -> AmiEvent:
    async with asyncio.timeout(limit):
        while True:
            event = await next_event(link, "UserEvent", limit)
            if event["UserEvent"] == name:
                return event


async def queued_menu(link: AmiLink) -> AmiEvent:
    """Return the announcement with which the dialplan brings a caller into the queue."""
    async with asyncio.timeout(30):
        while True:
            event = await user_event(link, "CallMenu", 30)
            if "Emergency" in event:
                await next_event(link, "QueueCallerJoin", 10)
                return event


@pytest.mark.parametrize(
    ("keys", "menu"),
    [("2", "complaint"), ("1", "consultation"), ("0", "person"), ("", "none"), ("7,,,8", "none")],
)
async def test_a_caller_comes_to_the_queue_with_what_he_chose(
    switch: OwnAsterisk, link: AmiLink, keys: str, menu: str
) -> None:
    async with serving(switch) as server, citizen(switch) as caller:
        call = await caller.dial("12345")
        await call.until_answered()
        await until_sound(call.media)
        await call.press(keys)
        queued = await queued_menu(link)
        assert queued["Menu"] == menu
        assert queued["CallID"]
        assert server.sessions == 0
        await call.hang_up()


async def test_key_9_in_the_greeting_goes_to_the_head_of_the_queue(
    switch: OwnAsterisk, link: AmiLink
) -> None:
    async with serving(switch), citizen(switch) as citizens, citizen(switch) as other:
        ordinary = await citizens.dial("12345")
        await ordinary.until_answered()
        await ordinary.press("1")
        await queued_menu(link)
        urgent = await other.dial("12345")
        await urgent.until_answered()
        await urgent.press("9")
        queued = await queued_menu(link)
        assert (queued["Menu"], queued["Emergency"]) == ("emergency", "1")
        waiting = await Switch(link).queue_entries()
        assert [(entry.position, entry.priority) for entry in waiting] == [(1, 100), (2, 0)]
        await ordinary.hang_up()
        await urgent.hang_up()


async def test_a_caller_hears_his_tickets_progress_and_then_gets_a_person(
    switch: OwnAsterisk, link: AmiLink
) -> None:
    asked: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    async def status(number: str, code: str) -> TicketProgress | None:
        asked.put_nowait((number, code))
        return TicketProgress("closed")

    async with serving(switch, runner(status).call), citizen(switch) as caller:
        call = await caller.dial("12345")
        await call.until_answered()
        await call.press("3,20261122000001#,0001")
        assert (await user_event(link, "CallMenu"))["Menu"] == "progress"
        assert await asyncio.wait_for(asked.get(), 10) == ("20261122000001", "0001")
        queued = await queued_menu(link)
        assert queued["Menu"] == "progress"
        await call.hang_up()


async def test_a_hang_up_in_the_greeting_ends_the_session_and_queues_nobody(
    switch: OwnAsterisk, link: AmiLink
) -> None:
    ended: asyncio.Queue[str] = asyncio.Queue()

    async def handler(session: AgiSession) -> None:
        await runner().call(session)
        ended.put_nowait("cleanly")

    async with serving(switch, handler) as server, citizen(switch) as caller:
        call = await caller.dial("12345")
        await call.until_answered()
        await until_sound(call.media)
        await call.hang_up()
        assert await asyncio.wait_for(ended.get(), 5) == "cleanly"
        assert server.refused == {}
        assert await Switch(link).queue_entries() == []


SERVER = """
import asyncio
from ivr.load import DEFAULT, load_flow
from ivr.prompts import catalogue
from ivr.runner import Questions, Runner
from telephony.agi import AgiLimits, AgiServer

async def main():
    flow = load_flow(DEFAULT, catalogue())
    runner = Runner(Questions(flow_for=lambda dnid: flow))
    await AgiServer(runner.call, "127.0.0.1", PORT, AgiLimits(call_seconds=1)).start()
    print("serving", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
async def test_a_server_killed_or_frozen_in_the_greeting_still_leads_to_the_queue(
    switch: OwnAsterisk, link: AmiLink, fault: signal.Signals
) -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVER.replace("PORT", str(switch.settings.agi_port)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert server.stdout
    try:
        await asyncio.wait_for(server.stdout.readline(), 20)
        async with citizen(switch) as caller:
            call = await caller.dial("12345")
            await call.until_answered()
            await until_sound(call.media)
            server.send_signal(fault)
            fallback = await user_event(link, "CallFallback")
            assert fallback["Reason"] in ("undecided", "failed", "silent")
            assert (await queued_menu(link))["Menu"] == "none"
            await call.hang_up()
    finally:
        with suppress(ProcessLookupError):
            server.kill()
        await server.wait()


async def test_what_the_session_believes_of_asterisk_is_so(switch: OwnAsterisk) -> None:
    """Missing prompts, unset and odd variables, unknown applications and a dead channel, as Asterisk tells them."""
    seen: list[object] = []
    finished = asyncio.Event()

    async def handler(session: AgiSession) -> None:
        try:
            await session.answer()
            for attempt in (
                session.stream_file("no/such/prompt"),
                session.get_data("no/such/prompt", 4, 0.1),
                session.get_option("no/such/prompt", "1", 0.1),
                session.execute("NoSuchApplication"),
            ):
                with pytest.raises(AgiRefused):
                    await attempt
            for value in ('say "hi" \\ ; , 王小明', "a (b) c)", ""):
                await session.set_variable("ODD", value)
                seen.append(await session.get_variable("ODD"))
            seen.append(await session.get_variable("NEVER_SET"))
            seen.append(await session.get_full_variable("${ODD}x${LEN(abc)}"))
            seen.append(await session.get_variable("TIMEOUT(absolute)"))
            seen.append(
                await session.collect(["hotline/silence"], 4, 0.2, silence="hotline/silence")
            )
            await session.noop()
            await session.verbose("你好")
            seen.append(await session.execute("NoOp", "x"))
            await session.hangup()
            with pytest.raises(AgiHangup):
                await session.stream_file("hotline/greeting")
            seen.append("gone")
        finally:
            finished.set()

    async with serving(switch, handler), citizen(switch) as caller:
        call = await caller.dial("12345")
        await call.until_answered()
        await asyncio.wait_for(finished.wait(), 15)
        await call.until_ended()
    watch = float(str(seen.pop(5)))
    assert 200 < watch <= 305
    assert seen == ['say "hi" \\ ; , 王小明', "a (b) c)", "", "", "x3", "", "0", "gone"]


async def test_a_pyst2_script_talks_to_a_real_caller(switch: OwnAsterisk) -> None:
    pool = ScriptPool(threads=2)
    said: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def script(agi: SafeAgi) -> None:
        agi.answer()
        key = agi.get_option("hotline/greeting", "12", 5000)
        agi.set_variable("DISTRICT", "鲅鱼圈" + key)
        loop.call_soon_threadsafe(said.put_nowait, agi.get_variable("DISTRICT"))
        try:
            while True:
                agi.stream_file("hotline/greeting")
        except Exception as error:
            loop.call_soon_threadsafe(said.put_nowait, type(error).__name__)
            raise

    async with serving(switch, pool.node(script)), citizen(switch) as caller:
        call = await caller.dial("12345")
        await call.until_answered()
        await until_sound(call.media)
        await call.press("2")
        assert await asyncio.wait_for(said.get(), 10) == "鲅鱼圈2"
        await call.hang_up()
        assert await asyncio.wait_for(said.get(), 5) == "AGIHangup"
    pool.close()
