"""A queue configuration is taken over by the real Asterisk and read back, or the old one stays (telephony spec 6)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from support.asterisk import running_asterisk, settings_for
from support.links import quick_link

from telephony.ami import AmiLink
from telephony.errors import AmiDown, QueueConfigRefused, SwitchNotOurs
from telephony.instance import InstancePaths
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import QUEUE_FILES, ami_secret
from telephony.queue_config import EVERYBODY, QueueConfig, SkillWindows, Window, stored
from telephony.queue_files import QueueFiles

pytestmark = pytest.mark.asterisk

HEATING = SkillWindows(
    skill="heating",
    windows=(
        Window(after_seconds=0, lowest=30, highest=31),
        Window(after_seconds=8, lowest=30, highest=32),
        Window(after_seconds=20, lowest=0, highest=EVERYBODY),
    ),
)
FIRST = QueueConfig(version=1, strategy="fewestcalls", ring_seconds=20, skills=(HEATING,))


@asynccontextmanager
async def linked_to(asterisk: OwnAsterisk) -> AsyncIterator[AmiLink]:
    s = asterisk.settings
    link = quick_link(host="127.0.0.1", port=s.ami_port, user=s.ami_user, secret=ami_secret(s))
    await link.start()
    try:
        await link.wait_connected(5)
        yield link
    finally:
        await link.close()


def texts(paths: InstancePaths) -> list[str]:
    return [(paths.etc / name).read_text() for name in QUEUE_FILES]


async def test_what_is_applied_is_in_force_refused_when_asterisk_differs_and_outlives_a_restart(
    tmp_path: Path,
) -> None:
    async with running_asterisk(tmp_path) as asterisk:
        async with linked_to(asterisk) as link:
            files = QueueFiles(link, asterisk.settings, asterisk.paths)
            await files.apply(FIRST)
            rules = await asterisk.console("queue show rules")
            assert "After 8 seconds, adjust QUEUE_MAX_PENALTY to 32" in rules
            assert "QUEUE_RAISE_PENALTY to 1000" in rules
            applied = texts(asterisk.paths)
            for wrong in (
                replace(FIRST, version=2, strategy="nearest"),
                replace(FIRST, version=2, skills=(replace(HEATING, skill="no ]such"),)),
            ):
                with pytest.raises(QueueConfigRefused) as refusal:
                    await files.apply(wrong)
                assert refusal.value.details["what"] in ("strategy", "skill-no ]such")
                assert texts(asterisk.paths) == applied
                assert "'fewestcalls'" in await asterisk.console("queue show hotline")
            assert stored(tmp_path) == FIRST
        await asterisk.restart()
        assert "'fewestcalls'" in await asterisk.console("queue show hotline")
        assert "HOTLINE_RULES=1" in await asterisk.console("dialplan show globals")
        assert await asterisk.console("queue show rules") == rules
        asterisk.settings.data_dir.joinpath("queue.json").unlink()


async def test_with_the_switch_away_the_files_are_as_before(tmp_path: Path) -> None:
    async with running_asterisk(tmp_path) as asterisk, linked_to(asterisk) as link:
        before = texts(asterisk.paths)
        await link.close()
        with pytest.raises(AmiDown):
            await QueueFiles(link, asterisk.settings, asterisk.paths).apply(FIRST)
        assert texts(asterisk.paths) == before
        assert stored(tmp_path) is None


async def test_the_files_of_anothers_asterisk_are_left_alone(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, asterisk_host="127.0.0.9")
    link = quick_link(host="127.0.0.9", port=1, user="x", secret="y")
    with pytest.raises(SwitchNotOurs):
        await QueueFiles(link, settings, InstancePaths(tmp_path / "asterisk")).apply(FIRST)
    assert not (tmp_path / "asterisk").exists()
