"""The database: one engine, one declarative base, and the only place that commits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import DateTime, Dialect, MetaData, event, types
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from core import sqlite
from core.events import Bus, Event

# A server that vanishes without a word is noticed in seconds; the kernel's own patience is a quarter of an hour.
NOTICE_LOSS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}
POOL_SECONDS = 10.0
_TIDY_EVERY = 200  # commits
MIGRATIONS = Path(__file__).parent / "migrations"

log = structlog.get_logger(__name__)


class UtcDateTime(types.TypeDecorator[datetime]):
    """Aware UTC datetimes in and out; a naive one is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every room's tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime,
        dict[str, Any]: types.JSON,
        list[str]: types.JSON,
    }


class UnitOfWork:
    """One transaction: use `session`, announce facts with `publish`; they go out after the commit."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.events: list[Event] = []

    def publish(self, *events: Event) -> None:
        """Queue events for delivery after the commit; a rollback discards them."""
        self.events.extend(events)


class Database:
    """An engine with its sessions; `url` is a SQLAlchemy URL (sqlite+aiosqlite or postgresql+psycopg)."""

    def __init__(self, url: str, bus: Bus, *, echo: bool = False) -> None:
        self.url = url
        self.bus = bus
        self.engine: AsyncEngine = _make_engine(url, echo)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._readers = {
            brief: async_sessionmaker(
                self.engine.execution_options(hotline_reading=True, hotline_brief=brief)
            )
            for brief in (False, True)
        }
        # SQLite has one writer at a time, and one that meets another sleeps and tries again, up to 100 ms later:
        # who tries most gets in, and some wait for seconds. Here writers stand in line.
        self._writing: AbstractAsyncContextManager[object] = (
            asyncio.Lock() if self.is_sqlite else nullcontext()
        )
        self._tidy = _Tidy(self.engine.url.database) if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """Begin, yield, commit, then publish what was announced; roll back on any exception."""
        async with self._writing, self._sessions() as session:
            uow = UnitOfWork(session)
            async with session.begin():
                yield uow
        if self._tidy is not None:
            self._tidy.committed()
        if uow.events:
            await self.bus.publish(uow.events)

    @asynccontextmanager
    async def reading(self, *, brief: bool = False) -> AsyncIterator[AsyncSession]:
        """Yield a session that is rolled back at the end: for queries, it can never write.

        Its rows stay readable afterwards. `brief` promises look-ups by key and nothing that grows with the
        tables: SQLite answers those at once.
        """
        async with self._readers[brief]() as session:
            yield session

    async def create_all(self) -> None:
        """Create every known table: for tests; an installation uses `migrate`."""
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

    async def migrate(self, **helpers: object) -> None:
        """Bring the schema to the newest migration; `helpers` are what single migrations ask for by name."""
        migrating = self.engine.execution_options(hotline_migrating=True)
        try:
            async with migrating.begin() as connection:
                await connection.run_sync(_upgrade, helpers)
        finally:
            if self.is_sqlite:  # its connection checks no foreign keys
                await self.engine.dispose()

    async def close(self) -> None:
        if self._tidy is not None:
            await self._tidy.close()
        await self.engine.dispose()


class _Tidy:
    """Moves SQLite's write-ahead log into its file beside the work: a commit that had to do it stood for 50 ms."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._commits = 0
        self._running: asyncio.Future[None] | None = None

    def committed(self) -> None:
        self._commits += 1
        if self._commits < _TIDY_EVERY or self._path is None or self._running is not None:
            return
        self._commits = 0
        self._running = asyncio.get_running_loop().run_in_executor(
            None, sqlite.checkpoint, self._path
        )
        self._running.add_done_callback(self._done)

    async def close(self) -> None:
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)

    def _done(self, running: asyncio.Future[None]) -> None:
        self._running = None
        if not running.cancelled() and (error := running.exception()) is not None:
            log.warning("write-ahead log not tidied", error=repr(error))


def alembic_config() -> Config:
    """Return Alembic's configuration for the migrations in this package."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _upgrade(connection: Connection, helpers: dict[str, object]) -> None:
    config = alembic_config()
    config.attributes.update(helpers, connection=connection)
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration broke references: {broken[:5]}")


def _make_engine(url: str, echo: bool) -> AsyncEngine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_async_engine(
            url,
            echo=echo,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=20,
            pool_timeout=POOL_SECONDS,
            connect_args=NOTICE_LOSS,
        )
    engine = create_async_engine(
        url, echo=echo, connect_args={"timeout": 0, "async_creator_fn": sqlite.connect}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # Let SQLAlchemy's "begin" event below start transactions, not the driver.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            # A net under the tidying: the log never grows past some forty megabytes.
            "wal_autocheckpoint=10000",
            "synchronous=NORMAL",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred BEGIN loses concurrent updates on SQLite; readers say so and take no write lock.
        options = connection.get_execution_options()
        reading = options.get("hotline_reading", False)
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite.Connection)
        driver.brief = not reading or options.get("hotline_brief", False)
        if options.get("hotline_migrating", False):
            # A table that is rebuilt is dropped, which other tables' rows would forbid; checked at the end.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
