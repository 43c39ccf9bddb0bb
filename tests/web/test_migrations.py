"""The migrations make what the rooms' tables say, on both databases."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection

from core.db import Base, Database
from core.events import LocalBus
from web import wiring  # every room's tables are known through it

assert wiring


async def test_migrations_and_tables_agree_on_sqlite(tmp_path: Path) -> None:
    assert await differences(f"sqlite+aiosqlite:///{tmp_path}/migrated.db") == []


@pytest.mark.postgresql
async def test_migrations_and_tables_agree_on_postgresql(postgresql_url: str) -> None:
    assert await differences(postgresql_url) == []


async def differences(url: str) -> list[Any]:
    """Migrate an empty database, twice, and return how it differs from the tables in the code."""
    database = Database(url, LocalBus())
    try:
        await database.migrate()
        await database.migrate()
        async with database.engine.connect() as connection:
            return await connection.run_sync(_compare)
    finally:
        await database.close()


def _compare(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))
