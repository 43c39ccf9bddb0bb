"""Heads of the event chain outside the database, one a day: what a restored backup or a forger cannot take along.

A line of the file is `day position hash`; lines are only ever appended, and may be printed or sent elsewhere.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Unprocessable
from tickets.chain import GENESIS, ChainHead, TicketEvent

HEADS = "chain-heads.txt"


@dataclass(frozen=True)
class Head:
    """The newest event of a day; position 0 for an empty chain."""

    day: date
    position: int
    hash: str

    def line(self) -> str:
        return f"{self.day.isoformat()} {self.position} {self.hash}"


def parse(line: str) -> Head:
    """Return the head that `line` holds; Unprocessable for anything else."""
    try:
        day, position, digest = line.split()
        head = Head(date.fromisoformat(day), int(position), digest)
    except ValueError:
        raise Unprocessable(missing=f"链头 head: {line[:40]!r}") from None
    if (
        head.position < 0
        or len(digest) != len(GENESIS)
        or not set(digest) <= set("0123456789abcdef")
    ):
        raise Unprocessable(missing=f"链头 head: {line[:40]!r}")
    return head


def read_heads(path: Path) -> list[Head]:
    """Return the heads of a file, oldest first; none if there is no file."""
    if not path.exists():
        return []
    return [parse(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def append_head(path: Path, head: Head) -> None:
    """Add a line and return when it is on the disk."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{head.line()}\n")
        file.flush()
        os.fsync(file.fileno())


async def present_head(session: AsyncSession, day: date) -> Head:
    """Return the head of the chain as it is now."""
    row = (await session.execute(select(ChainHead.position, ChainHead.hash))).one_or_none()
    return Head(day, *row) if row else Head(day, 0, GENESIS)


async def first_missing(session: AsyncSession, heads: Sequence[Head]) -> int | None:
    """Return the first exported position that the stored chain does not have with that hash (X94)."""
    for head in sorted(heads, key=lambda each: each.position):
        stored = await session.scalar(
            select(TicketEvent.hash).where(TicketEvent.position == head.position)
        )
        if head.position and stored != head.hash:
            return head.position
    return None
