"""The wallboard's figures among 10,000 and among a million stored calls: the archive must not slow them down.

    python tests/bench/bench_figures.py [size ...]

SQLite; in both, the last 24 hours hold the same 1,000 calls. A question is what the live figures ask every five
seconds, and what a report over those 24 hours asks.
"""

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench.table import Row  # noqa: E402
from support.bridges import ledger  # noqa: E402
from support.ledger_rows import past_call  # noqa: E402

from core.clock import FixedClock  # noqa: E402
from core.db import Database  # noqa: E402
from telephony.figure_rows import By  # noqa: E402
from web.figures_report import FiguresDesk  # noqa: E402
from web.live_figures import LiveFigures  # noqa: E402

SIZES = (10_000, 1_000_000)
A_DAY = 1_000
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WARM_UP, ROUNDS = 5, 100
Question = Callable[[], Awaitable[object]]


async def run(sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """Return one row a question: p50 in ms among the most calls, beside that among the fewest."""
    with tempfile.TemporaryDirectory() as folder:
        opened = {size: await _filled(Path(folder) / str(size), size) for size in sizes}
        try:
            asked = {size: _questions(database) for size, database in opened.items()}
            return [
                await _row(name, {size: asked[size][name] for size in sizes})
                for name in asked[sizes[0]]
            ]
        finally:
            for database in opened.values():
                await database.close()


def _questions(database: Database) -> dict[str, Question]:
    clock = FixedClock(NOW)
    live, desk = LiveFigures(database, clock, ()), FiguresDesk(database, clock, ())
    return {
        "live figures": live.now,
        "report of 24 h": lambda: desk.report(NOW - DAY, NOW, By.HOUR),
    }


async def _row(name: str, asked: dict[int, Question]) -> Row:
    """The sizes take turns, so that whatever else the machine does falls on all alike."""
    took: dict[int, list[float]] = {size: [] for size in asked}
    for _ in range(WARM_UP + ROUNDS):
        for size, question in asked.items():
            began = time.perf_counter()
            await question()
            took[size].append(time.perf_counter() - began)
    p50 = {size: statistics.median(times[WARM_UP:]) * 1000 for size, times in took.items()}
    few, many = min(p50), max(p50)
    return Row(part="figures, p50", what=name, value=p50[many], unit=f"ms of {many:,}",
               baseline=p50[few], against=f"of {few:,}", target="≤ 1.3 ×",
               met=p50[many] <= 1.3 * p50[few])  # fmt: skip


async def _filled(folder: Path, size: int) -> Database:
    await asyncio.to_thread(folder.mkdir)
    database = await ledger(folder)
    await asyncio.to_thread(_fill, folder / "ledger.db", size)
    return database


def _fill(path: Path, size: int) -> None:
    """Write ended calls in bulk, a thousand a day, the newest a minute ago."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    columns = list(past_call(NOW))
    marks = ", ".join("?" * len(columns))
    connection.executemany(
        f"INSERT INTO call ({', '.join(columns)}) VALUES ({marks})", _rows(columns, size)
    )
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


def _rows(columns: list[str], size: int) -> Iterator[list[object]]:
    usual = past_call(NOW, waited=8.0)
    gap = DAY / A_DAY
    for number in range(size):
        at = NOW - timedelta(minutes=1) - gap * (size - 1 - number)
        times = {
            "started_at": at,
            "queued_at": at,
            "answered_at": at + timedelta(seconds=8),
            "ended_at": at + timedelta(seconds=68),
        }
        written = {name: f"{when:%Y-%m-%d %H:%M:%S.%f}" for name, when in times.items()}
        row = {**usual, **written, "id": f"past-{number}", "evidence": "[]"}
        yield [row[column] for column in columns]


if __name__ == "__main__":
    wanted = tuple(int(size) for size in sys.argv[1:]) or SIZES
    for row in asyncio.run(run(wanted)):
        print(f"{row.what:<16} {row.value:8.2f} {row.unit}, {row.baseline:8.2f} {row.against}")
