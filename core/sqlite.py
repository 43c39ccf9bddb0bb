"""SQLite under asyncio with one trip to its thread per statement; aiosqlite alone makes four."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import aiosqlite

_AT_ONCE = 1000  # rows; what has more is asked for the rest


def connect(database: str, **options: Any) -> Awaitable[aiosqlite.Connection]:
    """Return what SQLAlchemy's aiosqlite dialect awaits for a new connection; arguments are sqlite3's."""
    connection = _Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    connection._thread.daemon = True
    return connection


class _Connection(aiosqlite.Connection):
    """Gives cursors that bring their rows along, and ends no transaction that is not there."""

    def cursor(self) -> "_Cursor":  # type: ignore[override]  # the dialect enters it, and asks no more
        return _Cursor(self)

    async def visit(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Return what `work` returns in the connection's thread."""
        return await self._execute(work, *arguments)  # type: ignore[no-untyped-call]

    async def commit(self) -> None:
        if self._conn.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        if self._conn.in_transaction:
            await super().rollback()


class _Cursor:
    """As much of a cursor as the dialect uses; a statement, its rows and its end are one visit to the thread."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self._more: sqlite3.Cursor | None = None
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "_Cursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "_Cursor":
        await self._connection.visit(self._run, sqlite3.Cursor.execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> "_Cursor":
        await self._connection.visit(self._run, sqlite3.Cursor.executemany, sql, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        if self._more is not None:
            rows += await self._connection.visit(self._more.fetchall)
            await self.close()
        return rows

    async def fetchmany(self, size: int = 1) -> list[Any]:
        """Return the next rows of a statement that is read as a stream."""
        if self._more is not None and len(self._rows) < size:
            self._rows += await self._connection.visit(self._more.fetchmany, size)
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def close(self) -> None:
        more, self._more = self._more, None
        if more is not None:
            await self._connection.visit(more.close)

    def _run(self, execute: Callable[..., Any], sql: str, parameters: Any) -> None:
        cursor = self._connection._conn.cursor()
        try:
            execute(cursor, sql, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchmany(_AT_ONCE) if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
            if len(self._rows) == _AT_ONCE:
                self._more = cursor
        finally:
            if self._more is None:
                cursor.close()
