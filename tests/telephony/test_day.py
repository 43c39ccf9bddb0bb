"""Counts by time for boards and alarms (D-22): offered is who asked for a person, over a rolling day."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db import Database
from core.events import LocalBus
from telephony.day import Served, by_interval, served
from telephony.models import CallRow

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
DAY = timedelta(hours=24)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/calls.db", LocalBus())
    await database.create_all()
    yield database
    await database.close()


async def call(
    database: Database,
    at: datetime,
    outcome: str | None = "answered",
    *,
    waited: float = 10,
    queued: bool = True,
) -> None:
    talked = outcome == "answered" or (outcome is None and waited == 0)
    async with database.unit_of_work() as uow:
        uow.session.add(
            CallRow(
                id=f"{at.timestamp()} {outcome} {waited}", linkedid="", phase="ended",
                caller="13900000001", caller_name="", dnid="", menu="", emergency=False, queue="",
                started_at=at - timedelta(seconds=20), queued_at=at if queued else None,
                answered_at=at if talked else None, ended_at=at if outcome else None,
                outcome=outcome, evidence=[], waited_seconds=waited, talk_seconds=0,
                segment_count=0, recording="", facts=0, divergences=0,
            )
        )  # fmt: skip


async def counted(database: Database, since: datetime = NOON - DAY) -> Served:
    async with database.reading() as session:
        return await served(session, since, NOON)


async def test_a_call_that_nobody_could_serve_is_offered_although_it_never_queued(
    database: Database,
) -> None:
    at = NOON - timedelta(hours=1)
    await call(database, at)
    await call(database, at, "left_empty", queued=False, waited=0)
    await call(database, at, "abandoned_in_queue", waited=3)
    await call(database, at, "abandoned_in_ivr", queued=False, waited=0)
    await call(database, at, "rejected", queued=False, waited=0)
    assert await counted(database) == Served(offered=3, answered=1, in_time=1)


async def test_who_still_waits_is_not_counted_and_who_talks_already_is(database: Database) -> None:
    await call(database, NOON - timedelta(minutes=1), None, waited=5)
    await call(database, NOON - timedelta(minutes=2), None, waited=0)
    assert await counted(database) == Served(offered=1, answered=1, in_time=1)


async def test_fifteen_seconds_are_in_time_and_more_are_not(database: Database) -> None:
    for waited in (15.0, 15.1):
        await call(database, NOON - timedelta(minutes=3), waited=waited)
    found = await counted(database)
    assert (found.in_time, found.in_time_rate, found.connect_rate) == (1, 0.5, 1)


async def test_the_day_rolls_and_midnight_means_nothing(database: Database) -> None:
    await call(database, NOON - DAY)
    await call(database, NOON - DAY - timedelta(seconds=1))
    await call(database, NOON)
    assert (await counted(database)).offered == 1


async def test_without_calls_there_is_no_rate(database: Database) -> None:
    found = await counted(database)
    assert (found.connect_rate, found.in_time_rate) == (None, None)


async def test_half_hours_add_up_to_the_whole(database: Database) -> None:
    begin = NOON - DAY
    for minutes in (0, 29, 30, 719, 1439):
        await call(database, begin + timedelta(minutes=minutes), waited=minutes)
    async with database.reading() as session:
        slots = await by_interval(session, begin, timedelta(minutes=30), 48)
    assert [(n, slot.offered) for n, slot in enumerate(slots) if slot.offered] == [
        (0, 2), (1, 1), (23, 1), (47, 1),
    ]  # fmt: skip
    whole = await counted(database, begin)
    assert sum(slot.offered for slot in slots) == whole.offered
    assert sum(slot.in_time for slot in slots) == whole.in_time


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_a_rate_is_a_share(offered: int, answered: int, in_time: int) -> None:
    answered = min(answered, offered)
    in_time = min(in_time, answered)
    found = Served(offered=offered, answered=answered, in_time=in_time)
    if found.connect_rate is not None and found.in_time_rate is not None:
        assert 0 <= found.in_time_rate <= found.connect_rate <= 1
