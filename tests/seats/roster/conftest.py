"""Fixtures of the roster: a world with fifteen operators and an empty month."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from roster_world import RosterWorld


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[RosterWorld]:
    world = RosterWorld(tmp_path)
    await world.open()
    yield world
    await world.close()
