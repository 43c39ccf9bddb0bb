"""A PostgreSQL of a test's own, to take away and give back: stopped, killed, frozen."""

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psycopg

from support.programs import find_program, private_folder, run, spawn, unprivileged

START_WITHIN = 30.0
# Durable enough to lose nothing when the server is ended, cheap enough for tests.
SETTINGS = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=60")


class OwnPostgresql:
    """One server over `folder`, reached by a unix socket there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = find_program("postgres", patterns=("/usr/lib/postgresql/*/bin/postgres",))
        self._process: subprocess.Popen[bytes] | None = None
        run(
            self._program.with_name("initdb"), "-D", folder / "data", "-U", "hotline",
            "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", user=unprivileged(),
        )  # fmt: skip

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        with private_folder("pg-own-") as folder:
            server = cls(folder)
            server.start()
            try:
                yield server
            finally:
                server.stop()

    def new_database(self) -> str:
        """Return the URL of an empty database."""
        name = f"hotline_{uuid.uuid4().hex[:8]}"
        self._execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://hotline@/{name}?host={self._folder}&port=5432"

    def start(self) -> None:
        """Start and wait until it answers."""
        settings = [f"-c{setting}" for setting in SETTINGS]
        self._process = spawn(
            self._program, "-D", self._folder / "data", "-k", self._folder, "-h", "", "-p", "5432",
            *settings, log=self._folder / "log", user=unprivileged(),
        )  # fmt: skip
        limit = time.monotonic() + START_WITHIN
        while not self._answers():
            if time.monotonic() > limit:
                raise RuntimeError((self._folder / "log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        """End it at once and all its sessions with it, as an administrator's immediate shutdown."""
        if self._process is not None:
            self.thaw()
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=30)
            self._process = None

    def freeze(self) -> None:
        """Let it hang: it accepts, and says nothing any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """Signal the server and each of its session processes."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            os.kill(each, number)

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self._folder), port=5432, user="hotline", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())
