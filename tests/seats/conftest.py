"""Fixtures of the seats: a world on SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from seat_world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A call centre with the operators 王, 赵 and 李, nobody at a seat yet."""
    world = World(tmp_path)
    await world.open("王", "赵", "李")
    yield world
    await world.close()
