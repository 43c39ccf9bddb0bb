"""Who sits where: contention for a seat, all seats taken, a second tab, leaving."""

import asyncio

import pytest
from playwright.async_api import Route, expect
from support.desk import Desk
from support.hotline import until
from support.shift import Shift

from telephony.sip_media import tone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("desk"),
]


async def test_of_two_agents_who_want_one_seat_at_the_same_moment_one_is_told_who_sits_there(
    shift: Shift,
) -> None:
    names = {"op01": "林小雨", "op02": "赵海宁"}
    desks = {username: await at_the_seats(shift, username) for username in names}
    both_asked = asyncio.Barrier(2)

    async def hold(route: Route) -> None:
        """Let the two requests go together: neither page has seen the other's seat."""
        await both_asked.wait()
        await route.continue_()

    for desk in desks.values():
        await desk.page.route("**/api/seats/mine", hold)
        await desk.part("seat-07").click(no_wait_after=True)
    winner = await first_with(desks, "check-network")
    (loser,) = desks.keys() - {winner}
    await expect(desks[loser].part("seats-refusal")).to_contain_text(f"由{names[winner]}使用")
    await expect(desks[loser].part("seat-07")).to_contain_text(names[winner])
    assert await shift.members() == {"seat07"}


async def test_with_all_ten_seats_taken_the_eleventh_agent_is_refused_with_the_figures(
    shift: Shift,
) -> None:
    """B04: 10 seats, never more, also for who saw a free one a moment ago."""
    for number in range(1, 10):
        operator = await shift.operator(f"op{number:02}")
        assert (await operator.take_seat(f"{number:02}")).status_code == 200
    late = await at_the_seats(shift, "op11")
    tenth = await shift.operator("op10")

    async def be_overtaken(route: Route) -> None:
        assert (await tenth.take_seat("10")).status_code == 200
        await route.continue_()

    await late.page.route("**/api/seats/mine", be_overtaken)
    await late.part("seat-11").click()
    await expect(late.part("seats-refusal")).to_contain_text("10/10")
    await expect(late.part("seats-plan")).to_contain_text("10 / 开放 10")
    assert len(await shift.members()) == 10


async def test_a_second_tab_is_passive_until_it_takes_over_and_takes_the_call_along(
    shift: Shift,
) -> None:
    desk = await shift.staffed("op01", "01")
    call = await shift.queued("13900000301")
    await desk.answer()
    call.media.playing = tone(440)
    second = await shift.second_tab(desk)
    await second.page.goto(second.base)
    await expect(second.part("passive-tab")).to_be_visible()
    await desk.until_hears(440)
    await desk.in_state("talking")

    await second.part("passive-takeover").click()
    await expect(desk.part("passive-tab")).to_be_visible()
    await second.in_state("talking")
    await second.until_hears(440)
    assert not call.ended.is_set()
    await second.press("F4")
    await call.until_ended()
    await second.ready()
    await shift.queued("13900000302")
    await second.answer()


async def test_who_signs_out_is_no_member_of_the_queue_any_more(shift: Shift) -> None:
    desk = await shift.tab()
    await desk.sign_in("op12")
    await desk.take_seat("05")
    await desk.ready()
    assert await shift.members() == {"seat05"}
    await desk.part("signout").click()
    await expect(desk.part("signin-submit")).to_be_visible()
    assert await shift.members() == set()
    board = await (await shift.operator("op01")).get("/api/seats")
    assert {seat["state"] for seat in board["seats"] if seat["number"] == "05"} == {"free"}


async def at_the_seats(shift: Shift, username: str) -> Desk:
    """Return a tab in which `username` looks at the seats to choose from."""
    desk = await shift.tab(username)
    await desk.page.goto(f"{desk.base}/seats")
    await expect(desk.part("seat-11")).to_be_enabled(timeout=20_000)
    return desk


async def first_with(desks: dict[str, Desk], part: str) -> str:
    """Return whose page is the first that has `part`."""

    async def found() -> str:
        for username, desk in desks.items():
            if await desk.part(part).count():
                return username
        return ""

    username: str = await until(found, within=20, what=f"a page with {part}")
    return username
