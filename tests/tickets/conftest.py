"""Fixtures of the tickets: a world on SQLite, and the same on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from ticket_world import World


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/tickets.db"
    found: str = request.getfixturevalue("postgresql_url")
    return found


@pytest.fixture
async def world(tmp_path: Path, url: str) -> AsyncIterator[World]:
    """The ticket room with two operators, a shift leader, an Office clerk, an auditor and outsiders."""
    world = World(tmp_path, url)
    await world.open()
    yield world
    await world.close()
