"""The advice over HTTP, and what a migration makes of calls that were there before (telephony spec 4; B07)."""

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.engine import Connection
from web_world import WebWorld

from core.db import Database, alembic_config
from core.events import LocalBus
from core.security import Role

BEFORE = (
    "INSERT INTO call (id, linkedid, phase, caller, caller_name, dnid, menu, emergency, queue, started_at,"
    " queued_at, answered_at, ended_at, outcome, evidence, waited_seconds, talk_seconds, segment_count,"
    " recording, facts, divergences) VALUES ('{id}', '', 'ended', '', '', '', '', false, '', '{day} 01:00:00.000000',"
    " '{day} 01:00:05.000000', '{day} 01:00:20.500000', '{day} 01:01:00.000000', 'answered', '[]', 15.5, 40, 1,"
    " '', 0, 0)"
)
SEGMENT = (
    "INSERT INTO segment (call_id, number, endpoint, uniqueid, attempt, started_at, ended_at, talk_seconds)"
    " VALUES ('{id}', 1, 'seat01', 'u', 1, '{day} 01:00:20.500000', '{day} {ended}', 1)"
)
LEG = (
    "INSERT INTO leg (call_id, uniqueid, role, channel, endpoint, state, started_at, answered_at, ended_at, cause)"
    " VALUES ('{id}', 'u', 'agent', '', '', 'gone', '{day} 01:00:15.000000', '{day} 01:00:20.000000',"
    " '{day} {gone}', 16)"
)
DAY = "2026-09-01"


async def test_the_advice_for_a_day_without_a_past_says_that_there_is_none(web: WebWorld) -> None:
    async with await web.client_of(Role.SHIFT_LEADER) as client:
        advice = (await client.get("/api/staffing?day=2026-10-01")).json()
        assert (await client.get("/api/staffing?day=9999-12-31")).status_code == 422
        assert (await client.get("/api/staffing?day=yesterday")).status_code == 422
    assert (advice["kind"], advice["holiday"]) == ("holiday", "国庆节")
    assert (advice["forecast"]["basis"], advice["forecast"]["enough"]) == ("none", False)
    assert advice["handling"]["assumed"] == ["talk", "wrap_up", "patience"]
    assert len(advice["half_hours"]) == 48
    first = advice["half_hours"][0]
    assert first["start"] == "2026-10-01T00:00:00+08:00"
    assert (first["recommended"], first["planned"]) == (1, web.hotline.settings.night_seats)


async def test_operators_are_not_advised(web: WebWorld) -> None:
    async with await web.client_of(Role.OPERATOR) as client:
        assert (await client.get("/api/staffing?day=2026-10-01")).status_code == 403


async def test_old_calls_learn_when_they_were_answered_on_sqlite(tmp_path: object) -> None:
    await check_old_calls(f"sqlite+aiosqlite:///{tmp_path}/old.db")


@pytest.mark.postgresql
async def test_old_calls_learn_when_they_were_answered_on_postgresql(postgresql_url: str) -> None:
    await check_old_calls(postgresql_url)


async def check_old_calls(url: str) -> None:
    """A talk whose leg was up for a second is an answer, a shorter one is none (S03)."""
    database = Database(url, LocalBus())
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(_upgrade, "0001")
            for call_id, gone in (("long", "01:00:21.000000"), ("short", "01:00:20.999000")):
                values = {"id": call_id, "day": DAY, "gone": gone, "ended": gone}
                for statement in (BEFORE, SEGMENT, LEG):
                    await connection.execute(text(statement.format(**values).replace(":", "\\:")))
        async with database.engine.begin() as connection:
            await connection.run_sync(_upgrade, "head")
            found = await connection.execute(text("SELECT id, served_after FROM call ORDER BY id"))
            assert [tuple(row) for row in found] == [("long", 15.5), ("short", None)]
    finally:
        await database.close()


def _upgrade(connection: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
