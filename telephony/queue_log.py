"""Asterisk's queue_log file, read to its end again and again from a checkpoint, across rotation and restarts."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from telephony.messages import clean

_HEAD = 128  # bytes of the first line that tell a file from another one with the same inode
_CHUNK = 1_000_000


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line: seconds|uniqueid|queue|agent|event|data…; `at` is None when the line is not that."""

    at: datetime | None
    uniqueid: str = ""
    queue: str = ""
    agent: str = ""
    event: str = ""
    data: tuple[str, ...] = ()
    line: str


@dataclass(frozen=True)
class Mark:
    """How far the log is read: which file (inode and beginning), its bytes read, the time of the last line."""

    inode: int = 0
    head: str = ""
    offset: int = 0
    last: float = 0.0

    @staticmethod
    def of(value: dict[str, Any]) -> "Mark":
        return Mark(**value)

    def value(self) -> dict[str, Any]:
        return asdict(self)


def parse(line: str) -> LogLine:
    """Read one line; a malformed one keeps its text and has no time."""
    parts = [clean(part) for part in line.split("|")]
    if len(parts) < 5:
        return LogLine(at=None, line=clean(line, 1000))
    try:
        at = datetime.fromtimestamp(float(parts[0]), UTC)
    except (ValueError, OverflowError, OSError):
        return LogLine(at=None, line=clean(line, 1000))
    return LogLine(
        at=at,
        uniqueid=parts[1],
        queue=parts[2],
        agent=parts[3],
        event=parts[4][:32],
        data=tuple(parts[5:]),
        line=clean(line, 1000),
    )


def read_new(path: Path, mark: Mark) -> tuple[list[LogLine], Mark]:
    """Return the whole lines behind `mark` (at most about 1 MB) and the mark behind them.

    Files that were rotated away (`queue_log.0`, `queue_log-20261122`) are read to their end first, oldest
    first. A line without its newline waits. ([], same mark) means that there is nothing new.
    """
    files = _oldest_first(path)
    place = next((i for i, file in enumerate(files) if _is(file, mark)), None)
    # The file of the mark is gone or was cut: of all files the lines after the last one read are new.
    after = mark.last if place is None else 0.0
    for file in files if place is None else files[place:]:
        start = mark.offset if _is(file, mark) else 0
        while (block := _read(file, start))[1] > start:
            start = block[1]
            lines = [line for line in block[0] if line.at is None or line.at.timestamp() > after]
            if lines:
                return lines, _mark(file, start, lines, mark)
    return [], mark


def _oldest_first(path: Path) -> list[Path]:
    files = [file for file in path.parent.glob(f"{path.name}*") if file.is_file() and _plain(file)]
    return sorted(files, key=lambda file: (file == path, file.stat().st_mtime_ns))


def _plain(file: Path) -> bool:
    return file.suffix not in (".gz", ".xz", ".bz2", ".zst")


def _is(file: Path, mark: Mark) -> bool:
    stat = file.stat()
    return stat.st_ino == mark.inode and stat.st_size >= mark.offset and _head(file) == mark.head


def _mark(file: Path, offset: int, lines: list[LogLine], old: Mark) -> Mark:
    last = max([old.last, *(line.at.timestamp() for line in lines if line.at)])
    return Mark(file.stat().st_ino, _head(file), offset, last)


def _head(file: Path) -> str:
    with file.open("rb") as opened:
        first = opened.readline(_HEAD)
    return hashlib.sha256(first).hexdigest()[:16]


def _read(file: Path, position: int) -> tuple[list[LogLine], int]:
    with file.open("rb") as opened:
        opened.seek(position)
        block = opened.read(_CHUNK)
    whole, newline, _rest = block.rpartition(b"\n")
    if not newline:
        return [], position
    text = whole.decode("utf-8", "replace")
    return [parse(line) for line in text.split("\n") if line.strip()], position + len(whole) + 1
