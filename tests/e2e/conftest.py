"""End to end: every test here meets the real Asterisk."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.asterisk)
