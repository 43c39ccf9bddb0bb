"""The whole walk: a citizen dials 12345, an operator answers in the browser, a ticket exists, he calls again."""

import io
import wave
from array import array

import pytest
from playwright.async_api import expect
from support.audio import rms, tone_share, until_heard, until_sound
from support.desk import Desk
from support.form import CONTENT, HEATING, choose, pick, saved, write
from support.hotline import until
from support.shift import OPERATOR_HERTZ, Shift

from telephony.sip_call import SipCall
from telephony.sip_media import tone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]

CITIZEN_HERTZ = 440.0
NUMBER, NAME = "13900000101", "王小明"


async def test_a_citizen_dials_12345_an_operator_answers_and_a_ticket_exists(shift: Shift) -> None:
    """Greeting, menu, screen-pop, two-way sound, hold, draft, dispatch, recording, and the next call."""
    desk = await shift.tab()
    await desk.sign_in("op01")
    await desk.take_seat("03")
    await desk.ready()
    await desk.watch_ring()

    call = await shift.dial(NUMBER, NAME)
    await until_sound(call.media)
    await call.press("20")
    await desk.in_state("ringing")
    await the_pop_shows_the_caller(desk)
    assert (await desk.ring_order())[0] == "pop"

    await desk.page.keyboard.press("F2")
    await desk.in_state("talking")
    await both_hear_each_other(desk, call)
    await neither_hears_the_other_while_held(desk, call)
    ticket = await the_ticket_is_written_and_accepted(desk)

    await call.hang_up()
    await desk.in_state("wrap_up")
    await desk.call_is("ended")
    await the_recording_is_linked_and_audible(desk, ticket["call_id"])
    await desk.page.keyboard.press("F9")
    await desk.in_state("ready")

    await the_next_call_shows_a_known_caller(shift, desk, ticket)


async def the_pop_shows_the_caller(desk: Desk) -> None:
    await expect(desk.part("call-number")).to_have_text(NUMBER)
    await expect(desk.part("pop-name")).to_have_text(NAME)
    await expect(desk.part("pop-hotline")).to_contain_text("12345")
    await expect(desk.part("pop-menu")).to_have_text("2 投诉举报")
    await expect(desk.part("pop")).to_contain_text("第一次来电")
    await expect(desk.part("pop-repeat")).to_have_count(0)


async def both_hear_each_other(desk: Desk, call: SipCall) -> None:
    call.media.playing = tone(CITIZEN_HERTZ)
    await desk.until_hears(CITIZEN_HERTZ)
    await until_heard(call.media, OPERATOR_HERTZ)


async def neither_hears_the_other_while_held(desk: Desk, call: SipCall) -> None:
    await desk.page.keyboard.press("F8")
    await desk.call_is("held")
    await desk.until_deaf_to(CITIZEN_HERTZ)

    async def is_spared_the_operator() -> bool:
        return tone_share(call.media.heard(0.3), OPERATOR_HERTZ) < 0.05

    await until(is_spared_the_operator, what="the citizen no longer hears the operator")
    await desk.page.keyboard.press("F8")
    await desk.call_is("talking")
    await both_hear_each_other(desk, call)


async def the_ticket_is_written_and_accepted(desk: Desk) -> dict[str, str]:
    """Fill the form with the keyboard; what is typed is on the server before anything is submitted."""
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "DRAFT")
    await expect(desk.part("ticket-source")).to_have_text(NUMBER)
    ticket_id = await desk.part("ticket-form").get_attribute("data-ticket-id")
    await write(desk, **HEATING)
    await desk.page.keyboard.press("Alt+t")
    await desk.page.keyboard.type(CONTENT)
    await saved(desk)
    draft = await desk.request("GET", f"/api/tickets/{ticket_id}")
    assert (draft["content"], draft["state"], draft["number"]) == (CONTENT, "DRAFT", None)

    await choose(desk, anonymous="false", confidential="false", public_ok="true")
    await choose(desk, appeal_type="complaint", handling_class="appeal", urgency="normal")
    await pick(desk, "category", "gnbr", "供暖不热")
    await pick(desk, "area", "站前", "站前区")
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.part("ticket-form")).to_have_attribute("data-state", "TO_DISPATCH")
    ticket: dict[str, str] = await desk.request("GET", f"/api/tickets/{ticket_id}")
    await expect(desk.part("ticket-number")).to_have_text(ticket["number"])
    assert ticket["source_number"] == NUMBER
    assert ticket["recording"] is True
    return ticket


async def the_recording_is_linked_and_audible(desk: Desk, call_id: str) -> None:
    played = await desk.page.context.request.get(f"{desk.base}/api/calls/{call_id}/recording")
    assert played.status == 200
    with wave.open(io.BytesIO(await played.body())) as file:
        assert file.getframerate() == 8000
        samples = array("h", file.readframes(file.getnframes()))
    moments = [samples[start : start + 1600] for start in range(0, len(samples), 1600)]
    for hertz in (CITIZEN_HERTZ, OPERATOR_HERTZ):
        assert any(rms(sound) > 200 and tone_share(sound, hertz) > 0.2 for sound in moments)


async def the_next_call_shows_a_known_caller(
    shift: Shift, desk: Desk, ticket: dict[str, str]
) -> None:
    again = await shift.queued(NUMBER)
    await desk.in_state("ringing")
    await expect(desk.part("pop-name")).to_have_text(NAME)
    await expect(desk.part("pop-repeat")).to_be_visible()
    await expect(desk.part("pop").get_by_test_id(f"ticket-row-{ticket['id']}")).to_be_visible()
    calls = desk.part("pop").locator("[data-testid^=call-row-]")
    await expect(calls).to_have_count(1)
    await expect(calls).to_have_attribute("data-testid", f"call-row-{ticket['call_id']}")
    await again.hang_up()
    await desk.in_state("ready")
