"""SQLite under asyncio: brief statements at once on the event loop, long ones in the connection's thread.

See docs/decisions/brief-statements-on-the-loop.md.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from typing import Any

import aiosqlite

_AT_ONCE = 1000  # rows; what has more is asked for the rest
_BUSY_SECONDS = 30.0
_ASK_AGAIN = 0.01  # seconds


def connect(database: str, **options: Any) -> Awaitable[aiosqlite.Connection]:
    """Return what SQLAlchemy's aiosqlite dialect awaits for a new connection; arguments are sqlite3's."""
    # One caller at a time, but not always the same thread.
    options["check_same_thread"] = False
    connection = Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    connection._thread.daemon = True
    return connection


def checkpoint(database: str) -> None:
    """Move what was committed from the write-ahead log into the file; waits for nobody and stops nobody."""
    with closing(sqlite3.connect(database, timeout=0)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


class Connection(aiosqlite.Connection):
    """Gives cursors that bring their rows along, and ends no transaction that is not there.

    `brief`: the statements of the present transaction are run on the event loop itself.
    """

    brief = False

    def cursor(self) -> "_Cursor":  # type: ignore[override]  # the dialect enters it, and asks no more
        return _Cursor(self)

    async def visit(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Return what `work` returns; while another process writes, ask again instead of standing still."""
        give_up = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                if self.brief:
                    return work(*arguments)
                return await self._execute(work, *arguments)  # type: ignore[no-untyped-call]
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > give_up:
                    raise
            await asyncio.sleep(_ASK_AGAIN)

    async def commit(self) -> None:
        if self._conn.in_transaction:
            await self.visit(self._conn.commit)

    async def rollback(self) -> None:
        if self._conn.in_transaction:
            await self.visit(self._conn.rollback)


class _Cursor:
    """As much of a cursor as the dialect uses; a statement, its rows and its end are one visit to the thread."""

    def __init__(self, connection: Connection) -> None:
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
        if self._connection.brief:
            await asyncio.sleep(0)  # between two statements a ringing seat gets its turn
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
