"""A seat's browser and telephone go away, and desktops that fall behind (spec/telephony.md 4, 8 and 10)."""

import pytest
from support.floor import Floor
from support.ground import GRACE_SECONDS
from support.hotline import until
from support.live_screen import Screen, live

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("faults-served"),
    pytest.mark.postgresql,
    pytest.mark.redis,
    pytest.mark.timeout(120),
]


async def test_a_seat_whose_browser_and_telephone_are_gone_is_released_without_a_ghost(
    served_floor: Floor,
) -> None:
    """X97: the lease ends and the member goes; the seat is free for another agent, who gets the call."""
    floor = served_floor
    gone = await floor.ready("op01", "01")
    sees = await floor.seated("op02", "02")
    await gone.screen.leave()
    await gone.phone.register(expires=0)
    await sees.screen.until(
        lambda: sees.screen.state["seats"]["01"]["state"] == "free",
        within=GRACE_SECONDS + 10,
        what="seat 01 free again",
    )

    async def no_ghost() -> bool:
        return (await floor.members()).keys() == {"seat02"}

    await until(no_ghost, what="no member without an agent")
    assert (await gone.operator.client.get("/api/seats/mine")).status_code == 404
    another = await floor.ready("op03", "01")
    await floor.dialled("13900000601")
    await another.screen.in_state("talking")


async def test_a_seat_that_is_back_within_the_grace_keeps_its_lease(served_floor: Floor) -> None:
    """A reload, a network that was gone for a moment: nobody has to sign in again."""
    floor = served_floor
    agent = await floor.ready("op01", "01")
    since = agent.screen.session["since"]
    await agent.screen.leave()
    await agent.phone.register(expires=0)
    sees = await floor.seated("op02", "02")
    await sees.screen.until(
        lambda: not sees.screen.state["seats"]["01"]["reachable"], what="the telephone gone"
    )
    await agent.phone.register()
    again = await floor.screen(agent.operator)
    await again.until(lambda: again.session["device_reachable"], what="the telephone back")
    await floor.past_the_grace(GRACE_SECONDS)
    assert (again.session["state"], again.session["since"]) == ("ready", since)
    await floor.dialled("13900000611")
    await again.in_state("talking")


async def test_a_telephone_that_is_gone_while_the_browser_lives_pauses_the_seat_and_keeps_it(
    served_floor: Floor,
) -> None:
    """The agent is there and may repair the headset: not ready, but the seat is not taken away."""
    floor = served_floor
    agent = await floor.ready("op01", "01")
    heartbeat = floor.heartbeat(agent)
    await agent.phone.register(expires=0)
    session = await agent.screen.in_state("not_ready", within=GRACE_SECONDS + 10)
    assert session["reason"] == "system"
    await floor.past_the_grace(GRACE_SECONDS)
    assert agent.screen.session["state"] == "not_ready"
    await agent.phone.register()
    await agent.screen.until(lambda: agent.screen.session["device_reachable"], what="telephone")
    await agent.operator.ready()
    heartbeat.cancel()


async def test_the_one_who_acts_sees_the_same_events_in_the_same_order_as_all_others(
    served_floor: Floor,
) -> None:
    floor = served_floor
    actor = await floor.seated("op01", "01")
    other = await floor.seated("op02", "02")
    leader = await floor.watching("shift01")
    screens = (actor.screen, other.screen, leader)
    for screen in screens:
        screen.frames.clear()
    await actor.operator.ready()
    for screen in screens:
        await screen.until(lambda s=screen: seat_01(s)[-1:] == ["ready"], what="ready")
    await floor.dialled("13900000621")
    for screen in screens:
        await screen.until(lambda s=screen: seat_01(s)[-1:] == ["talking"], what="talk")
    await floor.hang_up_all()
    for screen in screens:
        await screen.until(lambda s=screen: seat_01(s)[-1:] == ["wrap_up"], what="wrap-up")
    shared = [
        [(f["name"], f["data"]) for f in screen.events() if f["name"] in ("seat", "queue", "plan")]
        for screen in screens
    ]
    assert shared[0] == shared[1] == shared[2]


async def test_a_desktop_that_comes_back_resumes_and_one_that_was_away_too_long_gets_a_snapshot(
    served_floor: Floor,
) -> None:
    floor = served_floor
    agent = await floor.seated("op01", "01")
    first = agent.screen
    await first.leave()
    await agent.operator.ready()
    query = f"?stream={first.stream}&after={first.seq}"
    async with live(agent.operator, query) as resumed:
        resumed.resume(first)
        await resumed.in_state("ready")
        assert "snapshot" not in {frame["type"] for frame in resumed.frames}
    async with live(agent.operator, "?stream=gone&after=5") as fresh:
        await fresh.in_state("ready")
        assert fresh.frames[0]["type"] == "snapshot"
        assert fresh.stream == first.stream


def seat_01(screen: Screen) -> list[str]:
    """Return the states of seat 01 that this screen was told, in order."""
    return [f["data"]["state"] for f in screen.events("seat") if f["data"]["number"] == "01"]
