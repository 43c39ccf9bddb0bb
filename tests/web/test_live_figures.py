"""The rates that every screen carries: three windows that end now, counted from the ledger (telephony spec 9, 10)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from live_facts import AT
from live_world import live_world
from support.bridges import ledger
from support.ledger_rows import past_call, store

from core.clock import SHANGHAI, FixedClock
from core.config import Settings
from core.db import Database
from core.security import Principal, Role
from telephony.figures import Tally
from web.live_figures import LiveFigures, figures_of, rates
from web.live_stream import Connection
from web.wiring import Hotline

LATE = datetime(2026, 11, 23, 23, 50, tzinfo=SHANGHAI)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await ledger(tmp_path)
    yield opened
    await opened.close()


async def test_the_rolling_windows_do_not_begin_anew_at_midnight(database: Database) -> None:
    """Telephony spec 10: no state derived from "today"; the day's own counts are those of the day."""
    clock = FixedClock(LATE)
    figures = LiveFigures(database, clock, ())
    async with database.unit_of_work() as uow:
        await store(
            uow.session,
            [
                past_call(LATE - timedelta(hours=20), waited=3.0),
                past_call(LATE - timedelta(minutes=5), waited=20.0),
                past_call(LATE - timedelta(minutes=4), "abandoned_in_queue", waited=30.0),
            ],
        )
    before = await figures.now()
    assert (before.last_24h.queued, before.today.queued, before.last_hour.queued) == (3, 3, 2)
    assert (before.last_24h.connect_percent, before.last_hour.within_15_percent) == (66.67, 0.0)
    assert before.last_hour.mean_wait_seconds == 20.0
    assert before.alarm
    clock.advance(minutes=20)
    after = await figures.now()
    assert (after.last_24h, after.last_hour) == (before.last_24h, before.last_hour)
    assert after.today == rates(Tally())
    clock.advance(hours=4)
    assert (await figures.now()).last_24h.queued == 2
    clock.advance(hours=20)
    gone = await figures.now()
    assert (gone.last_24h.queued, gone.last_24h.connect_percent, gone.alarm) == (0, None, False)


async def test_a_test_number_is_left_out_however_it_is_written(tmp_path: Path) -> None:
    """X77."""
    hotline = Hotline(Settings(demo=True, data_dir=tmp_path, test_numbers=["288 1234", "１2345"]))
    assert hotline.tests == {"04172881234", "12345"}
    await hotline.database.close()


async def test_calls_of_test_numbers_are_not_counted(database: Database) -> None:
    """X77."""
    async with database.unit_of_work() as uow:
        await store(uow.session, [past_call(LATE, waited=3.0, caller="04172881234")])
    clock = FixedClock(LATE + timedelta(minutes=1))
    assert (await LiveFigures(database, clock, ()).now()).today.offered == 1
    assert (await LiveFigures(database, clock, {"04172881234"}).now()).today.offered == 0


async def test_figures_are_sent_when_they_differ_and_only_then(tmp_path: Path) -> None:
    async with live_world(tmp_path, FixedClock(AT)) as world:
        account_id, token = await world.person(Role.SHIFT_LEADER)
        who = Principal(account_id, "op1", "测试员", frozenset({Role.SHIFT_LEADER}))
        frame = world.hub.attach(Connection(principal=who, token=token), "", -1)
        assert '"figures":{"last_hour":{"offered":0' in (frame or "")
        stream = world.hub.streams[account_id]
        for offered, sent in ((0, 0), (7, 1), (7, 1)):
            world.rooms.rates = figures_of(Tally(), Tally(), Tally(offered=offered))
            world.feed.refresh()
            await world.feed.flush()
            assert stream.seq == sent
        assert '"last_hour":{"offered":7' in world.hub.snapshot(account_id)
