"""An Asterisk of our own: several at once, ends cleanly, survives our death and is found again."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.ami_line import ami_line
from support.asterisk import running_asterisk, settings_for
from support.phones import citizen
from support.ports import free_ports

from core.config import Settings
from telephony.own_asterisk import ConsoleFailed, OwnAsterisk
from telephony.own_process import AsteriskFailed, left_over

ROOT = Path(__file__).resolve().parents[2]


def alive(pid: int | None) -> bool:
    """Tell whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


@contextmanager
def another_process(settings: Settings) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start an Asterisk from a process of its own; gives that process and the pid of its Asterisk."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        process.stdin.write(settings.model_dump_json(exclude={"secret_key", "ami_secret"}) + "\n")
        process.stdin.flush()
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()
            process.wait()


PROGRAM = """
import asyncio, sys
from core.config import Settings
from telephony.own_asterisk import OwnAsterisk

async def main():
    asterisk = OwnAsterisk(Settings.model_validate_json(sys.stdin.readline()), plain_seats=True)
    await asterisk.start()
    print(asterisk.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_two_instances_run_side_by_side_and_stop_without_a_trace(tmp_path: Path) -> None:
    async with (
        running_asterisk(tmp_path / "a", queue="one") as one,
        running_asterisk(tmp_path / "b", queue="two") as two,
    ):
        assert one.pid != two.pid
        assert "one has 0 calls" in await one.console("queue show")
        assert "two has 0 calls" in await two.console("queue show")
        pid = one.pid
    assert not alive(pid)
    assert not one.running


async def test_a_start_takes_seconds_and_nothing_in_the_log_is_an_error(tmp_path: Path) -> None:
    began = asyncio.get_running_loop().time()
    async with running_asterisk(tmp_path, plain_seats=False) as asterisk:
        assert asyncio.get_running_loop().time() - began < 10
        lines = asterisk.paths.log_file.read_text().splitlines()
    assert [line for line in lines if "ERROR" in line or "WARNING" in line] == []


async def test_a_console_command_is_one_line_and_an_ended_instance_says_so(tmp_path: Path) -> None:
    async with running_asterisk(tmp_path) as asterisk:
        with pytest.raises(ConsoleFailed):
            await asterisk.console("core show uptime\ncore stop now")
        assert asterisk.running
    with pytest.raises(ConsoleFailed):
        await asterisk.console("core show uptime")


async def test_a_folder_belongs_to_one_living_process(tmp_path: Path) -> None:
    async with running_asterisk(tmp_path) as asterisk:
        with pytest.raises(AsteriskFailed, match="another process"):
            await OwnAsterisk(asterisk.settings).start()
        assert asterisk.running


async def test_a_taken_port_is_named_instead_of_a_strangers_asterisk_greeted(
    tmp_path: Path,
) -> None:
    (port,) = free_ports(1)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        with pytest.raises(AsteriskFailed, match=f"127.0.0.1:{port} is not free"):
            await OwnAsterisk(settings_for(tmp_path, ami_port=port)).start()


async def test_a_configuration_that_asterisk_cannot_use_fails_the_start_with_its_last_words(
    tmp_path: Path,
) -> None:
    with pytest.raises(AsteriskFailed):
        await OwnAsterisk(settings_for(tmp_path, sip_host="192.0.2.1")).start()


async def test_after_our_sudden_death_calls_go_on_and_the_next_start_takes_them_over(
    tmp_path: Path,
) -> None:
    """Spec telephony 10: our process killed during calls; no second Asterisk, no port held for ever."""
    settings = settings_for(tmp_path)
    next_start = OwnAsterisk(settings, plain_seats=True)
    with another_process(settings) as (ours, orphan):
        async with citizen(next_start) as caller:
            call = await caller.dial("12345")
            await call.until_answered()
            ours.kill()
            ours.wait()
            await (await caller.dial("8890")).until_answered()
            assert left_over(next_start.paths) == orphan
            await next_start.start()
            assert (next_start.pid, next_start.running) == (orphan, True)
            assert "active calls" in await next_start.console("core show channels count")
            assert not call.ended.is_set()
    await next_start.stop()
    assert not alive(orphan)
    assert left_over(next_start.paths) is None


async def test_a_left_over_that_could_not_take_the_new_settings_is_replaced(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    (another_port,) = free_ports(1)
    changed = settings.model_copy(update={"sip_ws_port": another_port})
    next_start = OwnAsterisk(changed, plain_seats=True)
    with another_process(settings) as (ours, orphan):
        ours.kill()
        ours.wait()
        await next_start.start()
    try:
        assert next_start.pid != orphan
        assert not alive(orphan)
    finally:
        await next_start.stop()


async def test_a_pid_file_that_names_a_stranger_harms_nobody(tmp_path: Path) -> None:
    asterisk = OwnAsterisk(settings_for(tmp_path))
    asterisk.paths.make()
    (asterisk.paths.run / "asterisk.pid").write_text(str(os.getpid()))
    assert left_over(asterisk.paths) is None


async def test_a_killed_instance_starts_again_and_its_queue_holds_no_ghosts(tmp_path: Path) -> None:
    async with running_asterisk(tmp_path) as asterisk:
        await asterisk.console("queue add member PJSIP/seat01 to hotline")
        await asterisk.kill()
        assert not asterisk.running
        await asterisk.restart()
        assert "No Members" in await asterisk.console("queue show hotline")


async def test_applying_a_setting_reloads_what_changed_and_cuts_no_call(tmp_path: Path) -> None:
    async with (
        running_asterisk(tmp_path) as asterisk,
        ami_line(asterisk) as ami,
        citizen(asterisk) as caller,
    ):
        call = await caller.dial("12345")
        await call.until_answered()
        changes = {
            "ring_seconds": 44,
            "numbers": [*asterisk.settings.numbers, "96111"],
            "physical_seats": 14,
        }
        changed = await asterisk.apply(asterisk.settings.model_copy(update=changes))
        assert changed == ["extensions.d/10-inbound.conf", "pjsip.conf", "queues.conf"]
        assert "'96111'" in await asterisk.console("dialplan show from-trunk")
        assert "seat14" in await asterisk.console("pjsip show endpoint seat14")
        await ami.say("Ping", ActionID="still-here")
        await ami.until("ActionID: still-here")
        assert not call.ended.is_set()
        await call.hang_up()
        with pytest.raises(AsteriskFailed, match="restart"):
            await asterisk.apply(
                asterisk.settings.model_copy(update={"sip_ws_port": free_ports(1)[0]})
            )
