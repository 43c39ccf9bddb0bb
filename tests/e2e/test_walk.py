"""The first whole walk: a citizen dials 12345, an operator answers in the browser, a ticket exists."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from support.browser import chromium, write_tone
from support.desk import staffed_desk
from support.hotline import HotlineProcess, running_hotline, signed_in
from support.phones import citizen
from telephony.own_asterisk import OwnAsterisk
from telephony.sip_media import tone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

CITIZEN_HERTZ, OPERATOR_HERTZ = 440.0, 1000.0


@pytest.fixture
async def hotline(browser_asterisk: OwnAsterisk, tmp_path: Path) -> AsyncIterator[HotlineProcess]:
    async with running_hotline(browser_asterisk, tmp_path / "hotline.log") as hotline:
        yield hotline


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with chromium(write_tone(tmp_path / "voice.wav", OPERATOR_HERTZ)) as browser:
        yield browser


async def test_a_citizen_dials_12345_an_operator_answers_and_a_ticket_exists(
    hotline: HotlineProcess, browser: Browser, browser_asterisk: OwnAsterisk
) -> None:
    async with (
        staffed_desk(browser, hotline, "op01", "03") as desk,
        citizen(browser_asterisk, "13900000001", "王小明") as caller,
    ):
        call = await caller.dial("12345")
        await desk.in_state("ringing", within=40)
        await expect(desk.part("pop")).to_contain_text("12345")
        await desk.part("call-answer").click()
        await desk.in_state("talking")
        call.media.playing = tone(CITIZEN_HERTZ)
        hertz, level = await desk.hears()
        assert abs(hertz - CITIZEN_HERTZ) < 10
        assert level > 0.02
        assert desk.problems == []
