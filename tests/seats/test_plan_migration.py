"""An installation with the one number of before: what a manager set goes on to the end of the shift."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection, Row

from core.clock import SHANGHAI, utc_now
from core.db import Database, alembic_config
from core.events import LocalBus

PLAN = "0004"
SET_AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def old(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database as it was before the plan, with the shift leader 何班长."""
    served = request.param == "postgresql"
    url = (
        request.getfixturevalue("postgresql_url")
        if served
        else f"sqlite+aiosqlite:///{tmp_path}/old.db"
    )
    database = Database(url, LocalBus())
    before = ScriptDirectory.from_config(alembic_config()).get_revision(PLAN).down_revision
    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade, str(before))
        await connection.execute(
            text(
                "INSERT INTO account (id, username, display_name, password_hash, roles, disabled, created_at)"
                " VALUES (7, 'shift01', '何班长', '-', '[]', :no, :at)"
            ),
            {"no": False, "at": SET_AT},
        )
    yield database
    await database.close()


def upgrade(connection: Connection, to: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


async def migrated(database: Database, by: str) -> list[Row[tuple[object, ...]]]:
    """Migrate a database in which `by` set the count to 7; return the plan's entries."""
    async with database.engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO seat_setting VALUES (1, 7, :at, :by, '检修')"),
            {"at": SET_AT, "by": by},
        )
        await connection.run_sync(upgrade, PLAN)
        rows = await connection.execute(
            text("SELECT kind, open_seats, made_by, author, reason FROM seat_plan_entry")
        )
        return list(rows)


async def test_what_a_manager_had_set_goes_on_to_the_end_of_the_shift(old: Database) -> None:
    rows = await migrated(old, "account:7")
    assert rows == [("now", 7, "account:7", "何班长", "检修")]
    async with old.reading() as session:
        ends = (await session.execute(text("SELECT ends_at FROM seat_plan_entry"))).scalar_one()
    ends = datetime.fromisoformat(ends).replace(tzinfo=UTC) if isinstance(ends, str) else ends
    assert utc_now() < ends <= utc_now() + timedelta(hours=14.5)
    assert ends.astimezone(SHANGHAI).strftime("%H:%M") in {"08:00", "17:30"}


async def test_a_number_that_nobody_had_set_leaves_the_default_plan(old: Database) -> None:
    assert await migrated(old, "system") == []
