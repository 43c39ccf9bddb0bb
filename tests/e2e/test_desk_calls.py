"""How a call can go at the desk: given up, ended, refused, waiting its turn, urgent, with keys pressed in it."""

import pytest
from playwright.async_api import expect
from support.ami_line import ami_line, value
from support.desk import first_to_ring
from support.hotline import until
from support.shift import Shift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


async def test_a_caller_who_gives_up_in_the_queue_is_abandoned_and_no_seat_rings(
    shift: Shift,
) -> None:
    desk = await shift.tab("op01")
    await desk.come_back("01")
    call = await shift.queued("13900000201")
    await expect(desk.part("queue-count")).to_contain_text("1")
    await call.hang_up()
    await expect(desk.part("queue-count")).to_contain_text("0")
    row = await shift.ended_call("13900000201")
    assert (row.outcome, row.offers) == ("abandoned_in_queue", [])


async def test_a_caller_who_gives_up_while_a_seat_rings_leaves_it_ready(shift: Shift) -> None:
    desk = await shift.staffed("op01", "01")
    call = await shift.queued("13900000202")
    await desk.rings_from("13900000202")
    await expect(desk.part("call-answer")).to_be_enabled()
    await call.hang_up()
    await desk.in_state("ready")
    await desk.call_is("")
    await expect(desk.part("call-answer")).to_be_disabled()
    row = await shift.ended_call("13900000202")
    assert row.outcome == "abandoned_in_queue"
    assert [offer.state for offer in row.offers] == ["caller_gone"]


async def test_a_caller_who_hangs_up_in_the_talk_leaves_the_operator_to_wrap_up(
    shift: Shift,
) -> None:
    desk = await shift.staffed("op01", "01")
    call = await shift.queued("13900000203")
    await desk.answer()
    await call.hang_up()
    await desk.in_state("wrap_up")
    await desk.call_is("ended")
    row = await shift.ended_call("13900000203")
    assert (row.outcome, [part.reason for part in row.segments]) == ("answered", ["caller"])


async def test_an_operator_who_hangs_up_ends_the_call_for_the_citizen(shift: Shift) -> None:
    desk = await shift.staffed("op01", "01")
    call = await shift.queued("13900000204")
    await desk.answer()
    await desk.press("F4")
    await call.until_ended()
    await desk.in_state("wrap_up")
    row = await shift.ended_call("13900000204")
    assert (row.outcome, [part.reason for part in row.segments]) == ("answered", ["agent"])


async def test_a_call_refused_at_one_desk_rings_at_the_next(shift: Shift) -> None:
    """The refusal is about this one call: who refused stays ready."""
    desks = [await shift.staffed("op01", "01"), await shift.staffed("op02", "02")]
    await shift.queued("13900000205")
    first = await first_to_ring(*desks)
    second = desks[1 - desks.index(first)]
    await expect(first.part("call-answer")).to_be_enabled()
    await first.press("F4")
    await second.rings_from("13900000205")
    await first.in_state("ready")
    await second.answer()
    await first.call_is("")
    await shift.hang_up()
    row = await shift.ended_call("13900000205")
    assert [offer.state for offer in row.offers] == ["rejected", "answered"]


async def test_two_callers_and_one_seat_are_answered_in_their_order_after_the_wrap_up(
    shift: Shift,
) -> None:
    desk = await shift.tab("op01")
    await desk.come_back("01")
    early, late = await shift.queued("13900000206"), await shift.queued("13900000207")
    await expect(desk.part("queue-count")).to_contain_text("2")
    await desk.press("F9")
    await desk.rings_from("13900000206")
    await desk.answer()
    await early.hang_up()
    await desk.in_state("wrap_up")
    await expect(desk.part("queue-count")).to_contain_text("1")
    assert not late.ended.is_set()
    await desk.press("F9")
    await desk.rings_from("13900000207")
    await desk.answer()
    assert [len((await shift.ended_call("13900000206")).offers)] == [1]


async def test_keys_pressed_at_the_desk_reach_the_citizen(shift: Shift) -> None:
    desk = await shift.staffed("op01", "01")
    call = await shift.queued("13900000208")
    await desk.answer()
    await desk.press("Alt+p")
    await desk.page.keyboard.type("12#")
    await expect(desk.part("keypad-sent")).to_have_text("12#")

    async def heard_all() -> bool:
        return call.media.keys_heard == "12#"

    await until(heard_all, what="the citizen hears 1, 2, #")


async def test_key_9_is_answered_before_those_who_waited_longer_and_shown_in_red(
    shift: Shift,
) -> None:
    desk = await shift.tab("op01")
    await desk.come_back("01")
    await shift.queued("13900000209")
    await expect(desk.part("queue-count")).to_contain_text("1")
    await shift.queued("13900000210", key="9")
    await expect(desk.part("queue-count")).to_contain_text("2")
    await desk.press("F9")
    await desk.rings_from("13900000210")
    await expect(desk.part("pop-emergency")).to_be_visible()
    await expect(desk.part("pop-menu")).to_have_text("9 紧急")
    for part in (desk.part("pop-emergency"), desk.part("call-panel").locator(".head")):
        assert is_red(await part.evaluate("it => getComputedStyle(it).backgroundColor"))
    await desk.answer()
    await shift.hang_up()
    row = await shift.ended_call("13900000210")
    assert (row.outcome, row.emergency, row.menu) == ("answered", True, "emergency")


async def test_a_chinese_name_is_intact_in_asterisk_ledger_and_page(shift: Shift) -> None:
    """Three-byte and four-byte characters, from the trunk to the screen-pop."""
    name = "欧阳𠮷芃"
    desk = await shift.staffed("op01", "01")
    async with ami_line(shift.asterisk) as ami:
        await shift.queued("13900000211", name)
        said = await ami.until("UserEvent: CallInbound")
        assert value(said, "CallerName") == name
    await desk.rings_from("13900000211")
    await expect(desk.part("pop-name")).to_have_text(name)
    await desk.answer()
    await shift.hang_up()
    assert (await shift.ended_call("13900000211")).caller_name == name


def is_red(colour: str) -> bool:
    """Tell whether a computed colour, rgb(r, g, b), is a strong red."""
    red, green, blue = (int(part) for part in colour.strip("rgb()").split(","))
    return red > 150 and max(green, blue) < 90
