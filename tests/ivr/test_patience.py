"""A question of the menu never holds a caller up for long, and nobody asks again at once when no answer came."""

import asyncio

import pytest

from ivr import patience
from ivr.patience import Patience


async def test_the_answer_comes_through() -> None:
    async def seven() -> int:
        return 7

    assert await Patience(1).ask("seven", seven, 0) == 7


async def test_a_failure_gives_the_other_answer_and_the_next_question_is_asked() -> None:
    asked = 0

    async def fails() -> int:
        nonlocal asked
        asked += 1
        raise OSError("away")

    asker = Patience(1)
    assert [await asker.ask("fails", fails, 3) for _ in range(2)] == [3, 3]
    assert asked == 2


async def test_an_answer_that_takes_too_long_is_given_up_without_waiting_for_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A query that hangs may need seconds to be cancelled; others are not asked meanwhile."""
    asked, over = 0, asyncio.Event()

    async def hangs() -> int:
        nonlocal asked
        asked += 1
        try:
            await asyncio.Event().wait()
        finally:
            await over.wait()
        return 1

    asker = Patience(0.05)
    async with asyncio.timeout(2):
        assert await asker.ask("hangs", hangs, 3) == 3
        assert await asker.ask("hangs", hangs, 3) == 3
    assert asked == 1
    monkeypatch.setattr(patience, "REST", 0.0)
    asker = Patience(0.05)
    assert [await asker.ask("hangs", hangs, 3) for _ in range(2)] == [3, 3]
    assert asked == 3
    over.set()
    await asyncio.sleep(0)
