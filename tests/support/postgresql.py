"""A real PostgreSQL for the tests that need one: own folder, unix socket only, ended after the session.

Use the fixture `postgresql_url`: the SQLAlchemy URL of an empty database of the test's own.
"""

import signal
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from support.programs import find_program, private_folder, run, spawn, unprivileged

START_WITHIN = 30.0
CHEAP = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB")


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `socket_dir` is where clients find it."""

    socket_dir: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://hotline@/{database}?host={self.socket_dir}&port=5432"

    def execute(self, statement: str) -> None:
        """Run one administrative statement."""
        with psycopg.connect(
            host=str(self.socket_dir), port=5432, user="hotline", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """Start a server with durability off; it listens on no network address."""
    postgres = find_program("postgres", patterns=("/usr/lib/postgresql/*/bin/postgres",))
    user = unprivileged()
    with private_folder("pg-") as folder:
        data, log = folder / "data", folder / "log"
        run(
            postgres.with_name("initdb"), "-D", data, "-U", "hotline", "-A", "trust",
            "-E", "UTF8", "--locale=C", "--no-sync", user=user,
        )  # fmt: skip
        settings = [f"-c{setting}" for setting in CHEAP]
        process = spawn(
            postgres, "-D", data, "-k", folder, "-h", "", "-p", "5432",
            "-c", "max_connections=150", *settings, log=log, user=user,
        )  # fmt: skip
        server = PostgresServer(folder)
        try:
            _wait(server, log)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended
            process.wait(timeout=30)


@pytest.fixture
def postgresql_url(postgresql_server: PostgresServer) -> Iterator[str]:
    """Make an empty database for one test and drop it afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    postgresql_server.execute(f"CREATE DATABASE {name}")
    yield postgresql_server.url(name)
    postgresql_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _wait(server: PostgresServer, log: Path) -> None:
    limit = time.monotonic() + START_WITHIN
    while True:
        try:
            server.execute("SELECT 1")
            return
        except psycopg.OperationalError:
            if time.monotonic() > limit:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}") from None
            time.sleep(0.05)
