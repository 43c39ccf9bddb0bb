"""SQLite in one trip per statement behaves as aiosqlite does: rows, streams, returned rows, errors, no loose ends."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from core.db import Database
from core.events import LocalBus

MANY = 2_500


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/rows.db", LocalBus())
    async with database.unit_of_work() as uow:
        await uow.session.execute(text("CREATE TABLE number (n INTEGER PRIMARY KEY, word TEXT)"))
        rows = [{"n": n, "word": f"第{n}"} for n in range(MANY)]
        await uow.session.execute(text("INSERT INTO number VALUES (:n, :word)"), rows)
    yield database
    await database.close()


async def test_all_rows_of_a_long_answer_come(database: Database) -> None:
    async with database.reading() as session:
        rows = (await session.execute(text("SELECT n FROM number ORDER BY n"))).scalars().all()
    assert rows == list(range(MANY))


@pytest.mark.parametrize("size", [7, 1000, 4000])
async def test_a_stream_gives_every_row_once(database: Database, size: int) -> None:
    async with database.reading() as session:
        options = {"yield_per": size}
        query = text("SELECT n FROM number ORDER BY n")
        stream = await session.stream_scalars(query, execution_options=options)
        assert [n async for n in stream] == list(range(MANY))


async def test_a_stream_that_is_left_early_leaves_the_connection_usable(database: Database) -> None:
    async with database.reading() as session:
        stream = await session.stream(text("SELECT n FROM number"))
        assert (await stream.fetchone()) is not None
        await stream.close()
    async with database.unit_of_work() as uow:
        await uow.session.execute(text("DROP TABLE number"))


async def test_returned_rows_and_counts(database: Database) -> None:
    async with database.unit_of_work() as uow:
        update = text("UPDATE number SET word = 'x' WHERE n < 3 RETURNING n")
        assert sorted((await uow.session.execute(update)).scalars()) == [0, 1, 2]
        deleted = await uow.session.execute(text("DELETE FROM number WHERE n > 4"))
        assert deleted.rowcount == MANY - 5  # type: ignore[attr-defined]


async def test_a_refused_statement_rolls_its_transaction_back(database: Database) -> None:
    async def refused() -> None:
        async with database.unit_of_work() as uow:
            await uow.session.execute(text("DELETE FROM number WHERE n > 0"))
            await uow.session.execute(text("INSERT INTO number VALUES (0, 'again')"))

    with pytest.raises(IntegrityError):
        await refused()
    async with database.reading() as session:
        with pytest.raises(OperationalError):
            await session.execute(text("SELECT nothing FROM nowhere"))
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM number")) == MANY


async def test_writers_take_turns_in_the_order_in_which_they_came(database: Database) -> None:
    order: list[int] = []

    async def write(number: int) -> None:
        async with database.unit_of_work() as uow:
            order.append(number)
            await uow.session.execute(text("UPDATE number SET word = 'y' WHERE n = 1"))

    await asyncio.gather(*(write(number) for number in range(30)))
    assert order == list(range(30))
