"""Fixtures of the outermost ring."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from web_world import WebWorld, web_world


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer's shell sets for his own installation is no part of a test."""
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[WebWorld]:
    async with web_world(tmp_path) as made:
        yield made
