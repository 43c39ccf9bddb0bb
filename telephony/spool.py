"""Facts on disk while the database is away: appended in order, read back from a position, removed when done."""

import json
from datetime import datetime
from pathlib import Path

from core.ids import new_id
from telephony.facts import ChannelFact, from_body, to_body


class Spool:
    """One file of facts, a line each, in `folder`. Positions are bytes; a line cut short by a crash is skipped.

    Every spool has a name of its own, so that a position never points into another one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        waiting = sorted(folder.glob("facts-*.jsonl"))
        self._path = waiting[0] if waiting else self._new()

    @property
    def name(self) -> str:
        return self._path.name

    def __len__(self) -> int:
        """Return the size in bytes, 0 when nothing waits."""
        return self._path.stat().st_size if self._path.exists() else 0

    def append(self, facts: list[ChannelFact]) -> None:
        """Write facts behind those that wait already; they survive the death of this process."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab+") as file:
            if file.seek(0, 2) and (file.seek(-1, 2), file.read(1))[1] != b"\n":
                file.write(b"\n")
            file.write(b"".join(_line(fact) for fact in facts))

    def read(self, position: int, count: int = 500) -> tuple[list[ChannelFact], int]:
        """Return up to `count` facts from `position`, and the position behind them."""
        facts: list[ChannelFact] = []
        with self._path.open("rb") as file:
            file.seek(position)
            while len(facts) < count and (line := file.readline()).endswith(b"\n"):
                facts += _fact(line)
                position = file.tell()
        return facts, position

    def remove(self) -> None:
        """Forget what has been written to the database."""
        self._path.unlink(missing_ok=True)
        self._path = self._new()

    def _new(self) -> Path:
        return self._folder / f"facts-{new_id()}.jsonl"


def _line(fact: ChannelFact) -> bytes:
    body = {"at": fact.at.isoformat(), "kind": type(fact).__name__, "body": to_body(fact)}
    return json.dumps(body, ensure_ascii=False).encode() + b"\n"


def _fact(line: bytes) -> list[ChannelFact]:
    try:
        body = json.loads(line)
        fact = from_body(body["kind"], datetime.fromisoformat(body["at"]), body["body"])
    except (ValueError, KeyError, TypeError):
        return []  # cut short by a crash
    return [fact] if isinstance(fact, ChannelFact) else []
