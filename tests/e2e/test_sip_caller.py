"""`hotline call` without the command line: a citizen who dials, presses, plays, hangs up."""

from __future__ import annotations

import asyncio
import wave
from array import array
from pathlib import Path

from support.ami_line import ami_line, value
from support.audio import is_tone
from support.phones import seat_phone

from telephony.own_asterisk import OwnAsterisk
from telephony.sip_caller import CallPlan, place_call
from telephony.sip_media import RATE, decoded, save, tone


async def test_a_planned_call_presses_plays_and_keeps_what_it_heard(
    asterisk: OwnAsterisk, tmp_path: Path
) -> None:
    speech, heard = tmp_path / "speech.wav", tmp_path / "heard.wav"
    save(speech, decoded(b"".join(frame for frame, _ in zip(tone(440), range(300), strict=False))))
    plan = CallPlan(caller="13900000001", press="9", play=speech, hangup_after=4, record=heard)
    steps: list[str] = []
    async with ami_line(asterisk) as ami, seat_phone(asterisk, "seat03", hertz=650) as seat:
        await asterisk.console("queue add member PJSIP/seat03 to hotline")
        report = await place_call(asterisk.settings, plan, steps.append)
        offered = await seat.next_call()
        assert value(await ami.until("UserEvent: CallMenu"), "Menu") == "emergency"
    assert steps == ["calling 12345", "answered", "pressed 9", "hanging up"]
    assert report.connected
    assert 3.5 < report.seconds < 8
    assert is_tone(offered.media.heard(0.5), 440)
    assert is_tone(_samples(heard)[-RATE // 2 :], 650)


async def test_a_refused_number_is_reported_with_the_switchs_own_words(
    asterisk: OwnAsterisk,
) -> None:
    steps: list[str] = []
    report = await place_call(
        asterisk.settings, CallPlan(caller="13900000001", number="110"), steps.append
    )
    assert (report.connected, report.status) == (False, 404)
    assert steps == ["calling 110", "refused: 404 Not Found"]


async def test_a_call_that_the_hotline_ends_is_reported_so(asterisk: OwnAsterisk) -> None:
    steps: list[str] = []
    plan = CallPlan(caller="13900000001")
    async with seat_phone(asterisk, "seat03") as seat, asyncio.TaskGroup() as group:
        await asterisk.console("queue add member PJSIP/seat03 to hotline")
        placing = group.create_task(place_call(asterisk.settings, plan, steps.append))
        offered = await seat.next_call(within=20)
        await offered.until_answered()
        await offered.hang_up()
        report = await placing
    assert steps[-1] == "the hotline ended the call: the far side hung up"
    assert (report.connected, report.status) == (True, 200)


def _samples(path: Path) -> array[int]:
    with wave.open(str(path), "rb") as file:
        return array("h", file.readframes(file.getnframes()))
