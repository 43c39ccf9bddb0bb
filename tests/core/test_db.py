import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.db import Base, Database
from core.events import Event, LocalBus

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class Private(DeclarativeBase):
    """A base of its own: the project's metadata must not learn a test's table."""

    type_annotation_map = Base.type_annotation_map


class Counter(Private):
    __tablename__ = "test_counter"
    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int]
    at: Mapped[datetime | None]


@dataclass(frozen=True, kw_only=True)
class Counted(Event):
    value: int


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/core.db", LocalBus())
    async with database.engine.begin() as connection:
        await connection.run_sync(Counter.__table__.create)
    async with database.unit_of_work() as uow:
        uow.session.add(Counter(id=1, value=0))
    yield database
    await database.close()


async def test_no_update_is_lost_under_concurrency(database: Database) -> None:
    async def increment() -> None:
        async with database.unit_of_work() as uow:
            counter = await uow.session.get_one(Counter, 1)
            counter.value += 1

    await asyncio.gather(*(increment() for _ in range(60)))
    async with database.reading() as session:
        assert (await session.get_one(Counter, 1)).value == 60


async def test_events_go_out_after_the_commit_and_never_after_a_rollback(
    database: Database,
) -> None:
    seen: list[int] = []

    async def look(event: Counted) -> None:
        async with database.reading() as session:
            seen.append(await session.scalar(select(Counter.value)) or -1)

    database.bus.listen(Counted, look)
    async with database.unit_of_work() as uow:
        await uow.session.execute(update(Counter).values(value=7))
        uow.publish(Counted(at=AT, value=7))
    with contextlib.suppress(RuntimeError):
        async with database.unit_of_work() as uow:
            uow.publish(Counted(at=AT, value=8))
            raise RuntimeError
    assert seen == [7]


async def test_times_come_back_aware_and_naive_ones_are_refused(database: Database) -> None:
    async with database.unit_of_work() as uow:
        (await uow.session.get_one(Counter, 1)).at = AT
    async with database.reading() as session:
        assert (await session.get_one(Counter, 1)).at == AT
    with pytest.raises(StatementError, match="naive"):
        async with database.unit_of_work() as uow:
            (await uow.session.get_one(Counter, 1)).at = datetime(2026, 1, 1)


async def test_a_reading_session_never_writes(database: Database) -> None:
    async with database.reading() as session:
        await session.execute(update(Counter).values(value=99))
    async with database.reading() as session:
        assert (await session.get_one(Counter, 1)).value == 0
