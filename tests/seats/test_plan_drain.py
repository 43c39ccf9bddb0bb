"""Fewer seats than people: told 10 and 2 minutes before, idle first, no call cut, never nobody (telephony 4)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seat_world import MONDAY, World
from sqlalchemy import select

from core.clock import SHANGHAI
from core.security import AuditRow, Role
from seats import errors
from seats.drain import ANNOUNCED, drain_order, may_leave, serves, who_leaves
from seats.models import AgentSession
from seats.plan_changes import Moment, Window
from seats.roster.models import RosterCell, RosterVersion
from seats.roster.months import RULES, Month
from seats.roster.rules import Rules
from seats.service import SeatService
from seats.views import SeatView

NAMES = ("王", "赵", "李", "钱", "孙")


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[World]:
    """Five ready operators at seats 01 to 05, signed in a minute apart, and their shift leader."""
    world = World(tmp_path)
    await world.open(*NAMES)
    await world.hire("值班长", roles=(Role.SHIFT_LEADER,))
    for number, name in enumerate(NAMES, 1):
        await world.ready(name, f"{number:02d}")
        world.clock.advance(seconds=60)
    yield world
    await world.close()


async def lower(world: World, count: int, **more: bool) -> None:
    wish = Moment(open_seats=count, reason="收缩", **more)
    await world.service.change_plan(wish, world.people["值班长"])


async def in_minutes(world: World, minutes: float, count: int) -> None:
    starts = world.clock() + timedelta(minutes=minutes)
    wish = Window(
        open_seats=count, reason="夜班", starts_at=starts, ends_at=starts + timedelta(hours=8)
    )
    await world.service.change_plan(wish, world.people["值班长"])


async def beat(world: World, **delta: float) -> None:
    """Let time pass with all browsers there."""
    world.clock.advance(**delta)
    for name in NAMES:
        await world.service.touch(world.people[name].account_id)
    for _ in range(2):
        await world.service.sweep()
        await world.settle()


async def talk(world: World, *seats: int) -> None:
    for number in seats:
        await world.ring(f"{number:02d}", f"call-{number}")
        await world.answer(f"{number:02d}", f"call-{number}")


async def staffed(world: World) -> list[str]:
    return [session.seat for session in await world.service.sessions()]


async def board(world: World) -> dict[str, SeatView]:
    return {seat.number: seat for seat in await world.service.seat_board()}


async def test_idle_seats_leave_first_and_the_longest_signed_in_of_them(floor: World) -> None:
    await talk(floor, 1)
    await lower(floor, 2)
    assert (await floor.service.plan()).drain == ("02", "03", "04")
    await beat(floor, seconds=1)
    assert await staffed(floor) == ["01", "05"]
    assert set(floor.switch.queue) == {"seat01", "seat05"}
    assert floor.steps("02")[-1] == ("ready", "signed_out", "plan")


async def test_a_call_is_never_cut_and_its_wrap_up_is_left_to_the_agent(floor: World) -> None:
    await talk(floor, 1, 2, 3, 4, 5)
    await lower(floor, 2)
    await beat(floor, seconds=30)
    assert await staffed(floor) == ["01", "02", "03", "04", "05"]
    await floor.end_talk("01", "call-1")
    await beat(floor, seconds=1)
    assert (await floor.session("王")).state == "wrap_up"
    await floor.service.extend_wrap_up(floor.people["王"])
    await beat(floor, seconds=floor.settings.wrap_up_seconds)
    assert (await floor.session("王")).state == "wrap_up"
    await beat(floor, seconds=floor.settings.wrap_up_seconds)
    assert await staffed(floor) == ["02", "03", "04", "05"]
    assert "seat01" not in floor.switch.queue
    assert not any(said.startswith("hangup") for said in floor.switch.said)


async def test_ending_the_wrap_up_by_hand_lets_the_agent_go_without_another_call(
    floor: World,
) -> None:
    await talk(floor, 1, 2, 3, 4, 5)
    await lower(floor, 4)
    await floor.end_talk("01", "call-1")
    floor.switch.said.clear()
    await floor.service.set_ready(floor.people["王"])
    await beat(floor, seconds=1)
    assert await staffed(floor) == ["02", "03", "04", "05"]
    assert "resume seat01" not in floor.switch.said


async def test_the_last_seat_that_serves_stays_until_another_one_does(floor: World) -> None:
    """Two seats are to stay, and both are at table: whoever could still answer is not sent home."""
    for name in ("钱", "孙"):
        await floor.service.set_not_ready(floor.people[name], "meal")
    await floor.settle()
    for name in ("钱", "孙"):
        seat = (await floor.session(name)).seat
        await floor.service.set_stays(seat, True, "夜班人员", floor.people["值班长"])
    await lower(floor, 2)
    await beat(floor, seconds=1)
    assert await staffed(floor) == ["03", "04", "05"]
    assert (await board(floor))["03"].held
    await floor.service.set_ready(floor.people["孙"])
    await floor.settle()
    await beat(floor, seconds=1)
    assert await staffed(floor) == ["04", "05"]


async def test_with_an_explicit_override_everybody_goes(floor: World) -> None:
    await lower(floor, 0, override=True)
    await beat(floor, seconds=1)
    assert await staffed(floor) == []
    assert floor.switch.queue == {}


async def test_raising_the_count_lets_those_stay_who_had_to_leave(floor: World) -> None:
    await talk(floor, 1, 2, 3, 4, 5)
    await lower(floor, 1)
    assert len((await floor.service.plan()).drain) == 4
    await lower(floor, 12)
    assert (await floor.service.plan()).drain == ()
    for number in range(1, 6):
        await floor.end_talk(f"{number:02d}", f"call-{number}")
    await beat(floor, seconds=floor.settings.wrap_up_seconds)
    assert await staffed(floor) == ["01", "02", "03", "04", "05"]


async def test_those_affected_are_told_ten_and_two_minutes_before_once_each(floor: World) -> None:
    await in_minutes(floor, 15, 3)
    notices: list[tuple[int, dict[str, int]]] = []
    for minute in range(14, 0, -1):
        await beat(floor, minutes=1)
        told = {seat.number: seat.notice for seat in (await board(floor)).values() if seat.notice}
        notices.append((minute, told))
        for name in ("王", "赵"):
            await floor.service.notice_seen(floor.people[name])
    shown = [(minute, told) for minute, told in notices if told]
    assert shown == [(10, {"01": 10, "02": 10}), (2, {"01": 2, "02": 2})]
    assert await staffed(floor) == ["01", "02", "03", "04", "05"]
    await beat(floor, minutes=1)
    assert await staffed(floor) == ["03", "04", "05"]


async def test_a_notice_that_nobody_has_seen_survives_a_reload_and_a_restart(floor: World) -> None:
    await in_minutes(floor, 12, 4)
    await beat(floor, minutes=3)
    assert (await board(floor))["01"].notice == 10
    await floor.restart_us()
    assert (await board(floor))["01"].notice == 10
    await floor.service.notice_seen(floor.people["王"])
    assert (await board(floor))["01"].notice == 0
    with pytest.raises(errors.NotAtASeat):
        await floor.service.notice_seen(floor.people["值班长"])


async def test_whoever_was_told_leaves_though_another_is_idle_at_the_change(floor: World) -> None:
    """D: what was announced is kept: nobody is surprised, and who talks goes after his call."""
    await in_minutes(floor, 9, 4)
    assert (await floor.service.plan()).drain == ("01",)
    await talk(floor, 1)
    await beat(floor, minutes=9)
    assert await staffed(floor) == ["01", "02", "03", "04", "05"]
    assert (await floor.service.plan()).drain == ("01",)
    await floor.end_talk("01", "call-1")
    await beat(floor, seconds=floor.settings.wrap_up_seconds)
    assert await staffed(floor) == ["02", "03", "04", "05"]


async def test_a_manager_exempts_an_agent_and_the_next_one_leaves(floor: World) -> None:
    boss = floor.people["值班长"]
    await floor.service.set_stays("1", True, "连班", boss)
    await lower(floor, 4)
    assert (await floor.service.plan()).drain == ("02",)
    with pytest.raises(errors.NobodyAtSeat):
        await floor.service.set_stays("11", True, "x", boss)
    async with floor.database.reading() as session:
        audits = await session.scalars(select(AuditRow).where(AuditRow.action == "seats.stay"))
        assert [row.details["reason"] for row in audits] == ["连班"]


async def test_at_the_shift_change_those_of_the_next_shift_stay(floor: World) -> None:
    """Spec telephony 4: agents on the next roster stay, others drain; 王 and 赵 would be the first to leave."""
    evening = floor.clock() + timedelta(minutes=30)
    await on_shift(floor, evening, "王", "赵")
    await in_minutes(floor, 9, 2)
    await beat(floor, seconds=1)
    assert (await floor.service.plan()).drain == ("03", "04", "05")
    await beat(floor, minutes=9)
    assert await staffed(floor) == ["01", "02"]


async def on_shift(world: World, instant: datetime, *names: str) -> None:
    """Publish a roster in which these people alone work at `instant`."""
    day = instant.astimezone(SHANGHAI).date()
    shift = next(
        one for one in Rules().shifts if one.window(day)[0] <= instant < one.window(day)[1]
    )
    async with world.database.unit_of_work() as uow:
        version = RosterVersion(
            month=str(Month.of(day)),
            number=1,
            state="published",
            rules=RULES.dump_python(Rules(), mode="json"),
            created_at=world.clock(),
            created_by="system",
            published_at=world.clock(),
            published_by="system",
        )
        uow.session.add(version)
        await uow.session.flush()
        for name in names:
            person = world.people[name].account_id
            uow.session.add(
                RosterCell(version_id=version.id, account_id=person, day=day, shift=shift.code)
            )


async def test_a_restart_in_the_middle_of_a_drain_goes_on_with_it(floor: World) -> None:
    await talk(floor, 1, 2, 3, 4, 5)
    await lower(floor, 2)
    before = (await floor.service.plan()).drain
    await floor.restart_us()
    await beat(floor, seconds=1)
    assert (await floor.service.plan()).drain == before == ("01", "02", "03")
    for number in (1, 2, 3):
        await floor.end_talk(f"{number:02d}", f"call-{number}")
    await floor.restart_us()
    await beat(floor, seconds=floor.settings.wrap_up_seconds)
    assert await staffed(floor) == ["04", "05"]


async def test_a_process_that_died_while_letting_somebody_go_is_followed_by_one_that_ends_it(
    floor: World,
) -> None:
    await lower(floor, 4)
    async with floor.service._room.lease("seat01") as (_, row):
        assert row is not None
        row.wanted = "leave"  # decided and stored; then the process was killed
    await floor.restart_us()
    await beat(floor, seconds=1)
    assert await staffed(floor) == ["02", "03", "04", "05"]


@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(days=400)])
async def test_a_clock_that_jumps_over_the_change_drains_at_once(
    floor: World, jump: timedelta
) -> None:
    starts = floor.clock() + timedelta(hours=1)
    wish = Window(
        open_seats=3, reason="x", starts_at=starts, ends_at=starts + timedelta(days=1)
    )  # fmt: skip
    await floor.service.change_plan(wish, floor.people["值班长"])
    await beat(floor, seconds=jump.total_seconds())
    expected = 3 if jump < timedelta(days=1) else 5
    assert len(await staffed(floor)) == expected


async def test_a_clock_that_jumps_back_before_the_change_opens_the_seats_again(
    floor: World,
) -> None:
    await talk(floor, 1, 2, 3, 4, 5)
    await in_minutes(floor, 60, 2)
    await beat(floor, minutes=61)
    assert (await floor.service.plan()).drain == ("01", "02", "03")
    await beat(floor, minutes=-50)
    plan = await floor.service.plan()
    assert (plan.open_seats, plan.drain) == (10, ())
    await beat(floor, minutes=50)
    assert (await floor.service.plan()).drain == ("01", "02", "03")


async def test_two_processes_do_not_send_the_last_two_home(floor: World) -> None:
    """Each would see the other one still serving."""
    for name in NAMES[2:]:
        await floor.service.set_not_ready(floor.people[name], "meal")
        await floor.settle()
        await floor.service.set_stays(
            (await floor.session(name)).seat, True, "x", floor.people["值班长"]
        )
    other = SeatService(floor.database, floor.switch, floor.clock, floor.settings)
    await lower(floor, 1)
    await asyncio.gather(floor.service.sweep(), other.sweep())
    await floor.settle()
    await other.close()
    serving = [seat for seat in (await board(floor)).values() if seat.state == "ready"]
    assert len(serving) == 1
    assert set(floor.switch.queue) == {f"seat{seat}" for seat in await staffed(floor)}


STATES = ("signed_out", "not_ready", "ready", "ringing", "talking", "wrap_up")


@st.composite
def floors(draw: st.DrawFn) -> list[AgentSession]:
    rows = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        signed_in = MONDAY - timedelta(minutes=draw(st.integers(0, 9)))
        leaves = draw(st.none() | st.integers(-5, 9).map(lambda m: MONDAY + timedelta(minutes=m)))
        rows.append(
            AgentSession(
                id=number, seat_id=number, state=draw(st.sampled_from(STATES)), signed_in_at=signed_in,
                leaves_at=leaves, stays=draw(st.booleans()), wanted="",
                device_lost_at=draw(st.none() | st.just(MONDAY)),
            )
        )  # fmt: skip
    return rows


@given(
    rows=floors(),
    open_seats=st.integers(0, 13),
    count=st.integers(0, 13),
    minutes=st.integers(1, 20),
)
@settings(max_examples=300, deadline=None)
def test_the_choice_is_as_many_as_needed_stable_and_spares_the_exempted(
    rows: list[AgentSession], open_seats: int, count: int, minutes: int
) -> None:
    change = (MONDAY + timedelta(minutes=minutes), count)
    chosen = who_leaves(rows, MONDAY, open_seats, change)
    free = [row for row in rows if not row.stays]
    now = [n for n, leaves_at in chosen.items() if leaves_at <= MONDAY]
    assert len(now) == min(max(len(rows) - open_seats, 0), len(free))
    told = minutes <= ANNOUNCED.total_seconds() / 60
    most = max(len(rows) - (min(open_seats, count) if told else open_seats), 0)
    assert len(chosen) == min(most, len(free))
    assert not {row.id for row in rows if row.stays} & chosen.keys()
    for row in rows:
        row.leaves_at = chosen.get(row.id)
    assert who_leaves(rows, MONDAY, open_seats, change) == chosen


@given(rows=floors())
@settings(deadline=None)
def test_among_those_not_yet_chosen_idle_ones_come_first_then_the_longest_signed_in(
    rows: list[AgentSession],
) -> None:
    for row in rows:
        row.leaves_at = None
    ranks = {"signed_out": 0, "not_ready": 0, "ready": 1, "wrap_up": 2, "ringing": 3, "talking": 3}
    keys = [(ranks[row.state], row.signed_in_at) for row in drain_order(rows, MONDAY)]
    assert keys == sorted(keys)


@given(rows=floors(), order=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_however_they_leave_one_who_serves_is_left(rows: list[AgentSession], order: Random) -> None:
    served = any(map(serves, rows))
    order.shuffle(rows)
    for row in list(rows):
        if may_leave(row, rows, open_seats=1):
            rows.remove(row)
    assert any(map(serves, rows)) == served
