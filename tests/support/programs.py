"""Server programs that tests start: found on this machine, run without privileges, ended by process id."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def find_program(name: str, *, patterns: tuple[str, ...] = ()) -> Path:
    """Return the program's path, the newest of those that match `patterns`; skip the test if it is missing.

    In CI a missing program is a failure: nothing is left out there without notice.
    """
    found = [path for pattern in patterns for path in Path("/").glob(pattern.lstrip("/"))]
    if found:
        return max(found, key=lambda path: [int(part) for part in path.parts if part.isdecimal()])
    if on_path := shutil.which(name):
        return Path(on_path)
    if os.environ.get("CI"):
        pytest.fail(f"{name} is not installed")
    pytest.skip(f"{name} is not installed")


def unprivileged() -> str | None:
    """Return the user to run servers as: None for oneself, `nobody` if we are root."""
    return None if os.getuid() else "nobody"


@contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """Make a short-named folder (unix socket paths are limited) for `unprivileged()`, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        if user := unprivileged():
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(*command: str | Path, user: str | None = None) -> None:
    """Run a program to its end; its output is in the error if it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        check=False, capture_output=True, text=True, user=user,
        extra_groups=[] if user else None, cwd="/", timeout=60,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")


def spawn(*command: str | Path, log: Path, user: str | None = None) -> "subprocess.Popen[bytes]":
    """Start a server with its output in `log`."""
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, user=user,
            extra_groups=[] if user else None, cwd="/",
        )  # fmt: skip
