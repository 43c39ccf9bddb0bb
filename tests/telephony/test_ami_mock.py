"""The fake by hand: its command plays, misbehaves, records and calls, as its README says."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from asterisk_ami_mock import Misbehaviour, MockAsterisk
from asterisk_ami_mock.agi import call_agi
from asterisk_ami_mock.misbehave import NAMED, named
from asterisk_ami_mock.record import LoginRefused, recording
from support.links import linked, next_event, until

from telephony.agi import AgiServer, AgiSession
from telephony.ami import AmiLink
from telephony.ami_frames import events_in

TESTS = Path(__file__).parents[1]


@asynccontextmanager
async def command(*words: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run a module of the fake as a person would; yields it and its first line."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-m", *words),
        cwd=TESTS,
        env={**os.environ, "AMI_SECRET": "mock-secret"},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 20)
        yield process, line.decode()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def test_the_command_plays_a_recording_to_the_first_client() -> None:
    file = "recordings/abandoned_in_queue.ami"
    async with command(
        "asterisk_ami_mock", "--port", "0", "--play", file, "--speed", "0", "--after", "0.5"
    ) as (
        _,
        line,
    ):
        port = int(line.split("127.0.0.1:")[1].split()[0])
        link = AmiLink(host="127.0.0.1", port=port, user="hotline", secret="mock-secret")
        await link.start()
        joined = await next_event(link, "QueueCallerJoin", limit=10)
        assert joined["CallerIDNum"].startswith("1390000")
        await link.close()


async def test_the_recorder_writes_a_masked_session_when_its_time_is_up(tmp_path: Path) -> None:
    async with MockAsterisk() as mock:
        out = tmp_path / "session.ami"
        where = ["--port", str(mock.port), "--seconds", "0.5", "--out", str(out)]
        async with command("asterisk_ami_mock.record", *where) as (process, _):
            await until(lambda: mock.connections, limit=20)
            mock.say("Newchannel", CallerIDNum="13811112222", CallerIDName="欧阳某某")
            assert await asyncio.wait_for(process.wait(), 10) == 0
        (event,) = [e for e in events_in(out.read_bytes()) if e.name == "Newchannel"]
        assert (event["CallerIDNum"], event["CallerIDName"]) == ("13900000001", "王小明")


async def test_the_recorder_goes_on_after_a_restart(tmp_path: Path) -> None:
    out = tmp_path / "session.ami"
    async with MockAsterisk() as mock, recording(mock.host, mock.port, *mock.account, out):
        mock.say("Hangup", Uniqueid="1")
        await mock.restart()
        mock.signed_in.clear()
        await asyncio.wait_for(mock.signed_in.wait(), 5)
        mock.say("Hangup", Uniqueid="2")
    names = [event.name for event in events_in(out.read_bytes())]
    assert names == ["FullyBooted", "Hangup", "Shutdown", "FullyBooted", "Hangup"]


async def test_the_recorder_says_when_the_password_is_wrong(tmp_path: Path) -> None:
    async with MockAsterisk() as mock:
        with pytest.raises(LoginRefused, match="Authentication failed"):
            async with recording(mock.host, mock.port, "hotline", "wrong", tmp_path / "x.ami"):
                pass
    assert not (tmp_path / "x.ami").exists()


async def test_a_call_of_the_fake_reaches_a_fastagi_server_and_is_hung_up() -> None:
    async def handler(session: AgiSession) -> None:
        key = await session.press(["welcome"], 1.0)
        await session.set_variable("IVR_NEXT", f"key {key}")

    server = AgiServer(handler, "127.0.0.1", 0)
    await server.start()
    try:
        async with MockAsterisk() as mock, linked(mock) as link:
            heard = await call_agi(mock, server.port, keys="2")
            begun, ended = await next_event(link, "Newchannel"), await next_event(link, "Hangup")
    finally:
        await server.close(grace=0)
    assert heard.variables["IVR_NEXT"] == "key 2"
    assert begun.variables["CALL_UUID"] == ended.variables["CALL_UUID"] != ""


def test_a_named_misbehaviour_is_a_fresh_one_each_time() -> None:
    for name in NAMED:
        assert named(name) == NAMED[name] != Misbehaviour()
    named("mute").ignore.clear()
    assert NAMED["mute"].ignore
