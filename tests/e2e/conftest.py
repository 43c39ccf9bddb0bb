"""End to end: every test here meets the real Asterisk; those with a desk share one call centre a session."""

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from support.browser import chromium, write_tone
from support.emergency import on, session_emergency_switch, switch, ways  # noqa: F401  # fixtures
from support.shift import OPERATOR_HERTZ, Centre, Shift, running_centre

FAILED = pytest.StashKey[bool]()

session = pytest_asyncio.fixture(scope="session", loop_scope="session")
shared_loop = pytest_asyncio.fixture(loop_scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.asterisk)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@session
async def session_browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """One Chromium, in whose microphone the operators are heard as a tone of OPERATOR_HERTZ."""
    voice = write_tone(tmp_path_factory.mktemp("browser") / "voice.wav", OPERATOR_HERTZ)
    async with chromium(voice) as browser:
        yield browser


@session
async def centre(
    tmp_path_factory: pytest.TempPathFactory, session_browser: Browser
) -> AsyncIterator[Centre]:
    """The shared call centre, with the limits that an installation has by default."""
    folder = tmp_path_factory.mktemp("centre")
    async with running_centre(folder, session_browser, **ways()) as centre:
        yield centre


@session
async def brisk_centre(
    tmp_path_factory: pytest.TempPathFactory, session_browser: Browser
) -> AsyncIterator[Centre]:
    """A call centre where a seat rings for 5 s and the wrap-up lasts 6 s."""
    folder = tmp_path_factory.mktemp("brisk")
    async with running_centre(folder, session_browser, ring_seconds=5, wrap_up_seconds=6) as centre:
        yield centre


@shared_loop
async def shift(
    centre: Centre, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Shift]:
    """This test's shift in the shared centre; afterwards nothing may be left over."""
    shift = Shift(centre, tmp_path)
    yield shift
    await shift.end(failed=request.node.stash.get(FAILED, True))


@shared_loop
async def brisk_shift(
    brisk_centre: Centre, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Shift]:
    """A shift where limits pass quickly."""
    shift = Shift(brisk_centre, tmp_path)
    yield shift
    await shift.end(failed=request.node.stash.get(FAILED, True))
