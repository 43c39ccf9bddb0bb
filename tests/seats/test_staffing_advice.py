"""The advice for a day out of a ledger: forecast, recommended, planned and actual seats (telephony spec 4; B07)."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from support.bridges import ledger
from support.ledger_rows import past_call, store

from core.calendar import DayKind, WorkCalendar, shipped_calendar
from core.clock import SHANGHAI, FixedClock
from core.db import Database
from core.security import Account
from seats.models import AgentSession, Seat
from seats.staffing.advice import StaffingDesk
from seats.staffing.erlang import Goal, seats_needed
from seats.staffing.history import half_hours, midnight, staffed, wrap_up_lengths

MONDAY = date(2026, 9, 14)
NOON = datetime(2026, 9, 14, 12, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await ledger(tmp_path)
    yield opened
    await opened.close()


def desk_of(database: Database, clock: FixedClock) -> StaffingDesk:
    async def planned(_session: AsyncSession) -> Callable[[datetime], int]:
        return lambda at: 10 if 8 <= at.astimezone(SHANGHAI).hour < 18 else 2

    async def calendar(_session: AsyncSession) -> WorkCalendar:
        return shipped_calendar()

    return StaffingDesk(database, clock, planned, calendar)


async def six_weeks(database: Database) -> None:
    """Forty calls between nine and ten on every working day, and a first one before all."""
    nine = midnight(MONDAY) + timedelta(hours=9)
    calls = [past_call(nine - 43 * DAY, waited=1.0)]
    for back in range(1, 43):
        if shipped_calendar().is_workday(MONDAY - back * DAY):
            calls += [
                past_call(
                    nine - back * DAY + timedelta(seconds=90 * number), waited=5.0, talked=200
                )
                for number in range(40)
            ]
    calls += [
        past_call(nine + timedelta(seconds=number), waited=5.0, talked=200) for number in range(7)
    ]
    async with database.unit_of_work() as uow:
        await store(uow.session, calls)


async def test_a_monday_is_advised_from_the_mondays_before(database: Database) -> None:
    await six_weeks(database)
    advice = await desk_of(database, FixedClock(NOON)).advice(MONDAY)
    assert (advice.kind, advice.forecast.basis, advice.forecast.days) == (
        DayKind.WORK, "same_weekday", 6,
    )  # fmt: skip
    assert sum(half.calls for half in advice.half_hours) == pytest.approx(40, abs=0.1)
    assert advice.handling.talk_seconds == 200.0
    assert advice.handling.assumed == ("wrap_up", "patience")
    nine = advice.half_hours[18]
    assert nine.start == midnight(MONDAY) + timedelta(hours=9)
    assert nine.calls == pytest.approx(15, abs=0.1)  # the edges of the busy hour are smoothed
    assert nine.recommended == seats_needed(nine.calls, 1800, 260, Goal())
    assert (nine.planned, nine.came, nine.actual) == (10, 7, 0.0)
    assert (advice.half_hours[0].planned, advice.half_hours[0].recommended) == (2, 1)
    late = advice.half_hours[24]
    assert (late.came, late.actual) == (None, None)  # from noon on nothing has come yet


async def test_an_empty_ledger_gives_no_forecast_and_says_so(database: Database) -> None:
    advice = await desk_of(database, FixedClock(NOON)).advice(MONDAY)
    assert (advice.forecast.basis, advice.forecast.enough) == ("none", False)
    assert advice.handling.assumed == ("talk", "wrap_up", "patience")
    assert {half.recommended for half in advice.half_hours} == {1}


async def test_the_past_is_read_once_a_day_and_anew_on_the_next(database: Database) -> None:
    await six_weeks(database)
    clock = FixedClock(NOON)
    desk = desk_of(database, clock)
    tuesday = MONDAY + DAY
    before = await desk.advice(tuesday)
    clock.advance(hours=24)
    after = await desk.advice(tuesday)
    assert (before.forecast.basis, before.forecast.days) == ("same_weekday", 6)
    assert (
        after.forecast.calls != before.forecast.calls
    )  # Monday, with its seven calls, is history now


async def test_actual_seats_are_the_mean_of_a_half_hour_across_midnight(database: Database) -> None:
    at = midnight(MONDAY)
    async with database.unit_of_work() as uow:
        uow.session.add(Seat(id=1, number="01", endpoint="seat01"))
        uow.session.add(
            Account(username="op", display_name="op", password_hash="", roles=[], created_at=at)
        )
        await uow.session.flush()
        for start, end in (
            (at - timedelta(hours=3), at + timedelta(minutes=45)),
            (at + timedelta(minutes=15), at + timedelta(minutes=30)),
            (at + timedelta(hours=2), None),
        ):
            uow.session.add(
                AgentSession(
                    seat_id=1, seat_number="01", endpoint="seat01", account_id=1, agent_name="op",
                    signed_in_at=start, ended_at=end, since=start, browser_seen_at=start,
                )
            )  # fmt: skip
    async with database.reading() as session:
        today = await staffed(session, MONDAY, at + timedelta(hours=3))
        yesterday = await staffed(session, MONDAY - DAY, at + timedelta(hours=3))
    assert today[:7] == [1.5, 0.5, 0.0, 0.0, 1.0, 1.0, None]
    assert yesterday[-7:] == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]


def test_wrap_ups_are_measured_from_step_to_step() -> None:
    """The list is cut at both ends; an extension is a step within the same wrap-up."""
    steps = [
        (1, "wrap_up", "ready", NOON),
        (1, "talking", "wrap_up", NOON + timedelta(seconds=10)),
        (2, "talking", "wrap_up", NOON + timedelta(seconds=20)),
        (1, "wrap_up", "wrap_up", NOON + timedelta(seconds=30)),
        (1, "wrap_up", "ready", NOON + timedelta(seconds=70)),
    ]
    assert wrap_up_lengths(steps) == [60.0]


def test_a_day_has_forty_eight_half_hours() -> None:
    halves = half_hours(MONDAY)
    assert (len(halves), halves[0].hour, halves[-1].hour) == (48, 0, 23)
