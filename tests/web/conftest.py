"""Fixtures of the outermost ring."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from web_world import WebWorld, web_world


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[WebWorld]:
    async with web_world(tmp_path) as made:
        yield made
