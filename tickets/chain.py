"""The append-only record of everything that happened to tickets, chained by keyed hashes.

Each row carries HMAC-SHA-256(key, previous hash ‖ canonical JSON of the row). The head row is locked while
a row is appended, so the chain has one order over all tickets; append last in a transaction, so that the
lock is short, and to one ticket only. Every changed or deleted row is found by `verify_chain` (X93), a cut-off
end by comparing with the head, and a cut-off end with a forged head by comparing with an exported one.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.append_only import protect, statements
from core.db import Base

GENESIS = "0" * 64
HEAD_ID = 1

Values = Mapping[str, object]


class TicketEvent(Base):
    """One happening; `position` orders all of them, `seq` those of a ticket, both without gaps."""

    __tablename__ = "ticket_event"
    __table_args__ = (
        UniqueConstraint("ticket_id", "seq"),
        UniqueConstraint("ticket_id", "idempotency_key"),
    )

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(16))
    trigger: Mapped[str] = mapped_column(String(32), default="")
    old: Mapped[str | None] = mapped_column(String(16))
    new: Mapped[str | None] = mapped_column(String(16))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class ChainHead(Base):
    """The one row that names the newest event; locking it gives the chain its order."""

    __tablename__ = "ticket_event_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What is to be appended."""

    ticket_id: int
    at: datetime
    by: str
    kind: str
    trigger: str = ""
    old: str | None = None
    new: str | None = None
    data: Values
    idempotency_key: str | None = None


TRIGGERS = statements(TicketEvent.__tablename__)
"""Statements by dialect that make the database refuse to change events; a migration runs them."""

protect(TicketEvent.__table__)


async def ensure_head(session: AsyncSession) -> None:
    """Make the head row of an empty chain, once per installation."""
    if await session.get(ChainHead, HEAD_ID) is None:
        session.add(ChainHead(id=HEAD_ID, position=0, hash=GENESIS))
        await session.flush()


async def append(session: AsyncSession, key: bytes, what: Happening) -> None:
    """Append to the present transaction; the ticket must be locked."""
    last = select(func.coalesce(func.max(TicketEvent.seq), 0)).where(
        TicketEvent.ticket_id == what.ticket_id
    )
    head = (
        await session.execute(
            update(ChainHead)
            .where(ChainHead.id == HEAD_ID)
            .values(position=ChainHead.position + 1)
            .returning(ChainHead.position, ChainHead.hash, last.scalar_subquery().label("seq"))
            .execution_options(synchronize_session=False)
        )
    ).one()
    row = chained(key, head.hash, head.position, head.seq + 1, what)
    await session.execute(insert(TicketEvent).values(row))
    await session.execute(
        update(ChainHead)
        .where(ChainHead.id == HEAD_ID)
        .values(hash=row["hash"])
        .execution_options(synchronize_session=False)
    )


def chained(key: bytes, prev_hash: str, position: int, seq: int, what: Happening) -> dict[str, Any]:
    """Return the columns of the event that follows `prev_hash`."""
    row = {
        "position": position,
        "ticket_id": what.ticket_id,
        "seq": seq,
        "at": what.at,
        "by": what.by,
        "kind": what.kind,
        "trigger": what.trigger,
        "old": what.old,
        "new": what.new,
        "data": dict(what.data),
        "idempotency_key": what.idempotency_key,
        "prev_hash": prev_hash,
    }
    return {**row, "hash": _hash(key, row)}


async def verify_chain(
    session: AsyncSession, key: bytes, since: tuple[int, str] = (0, GENESIS)
) -> int | None:
    """Return the first `position` that was changed, removed or put in, None if the chain is whole.

    `since`: position and hash from which on to look; that event itself is looked at too.
    """
    columns = [column for column in TicketEvent.__table__.columns if column.name != "hash"]
    rows = await session.stream(
        select(*columns, TicketEvent.hash)
        .where(TicketEvent.position >= since[0])
        .order_by(TicketEvent.position),
        execution_options={"yield_per": 1000},
    )
    # What came before `since` is not looked at: its own link backwards is not checked, its hash is.
    position = max(0, since[0] - 1)
    last = None if since[0] else GENESIS
    try:
        async for row in rows.mappings():
            position += 1
            body = {name: value for name, value in row.items() if name != "hash"}
            unbroken = row["position"] == position and last in (None, row["prev_hash"])
            if position == since[0]:
                unbroken = unbroken and row["hash"] == since[1]
            if not unbroken or not hmac.compare_digest(_hash(key, body), row["hash"]):
                return position
            last = row["hash"]
    finally:
        await rows.close()
    head = (await session.execute(select(ChainHead.position, ChainHead.hash))).one_or_none()
    whole = position == 0 if head is None else tuple(head) == (position, last)
    return None if whole else position + 1


def _hash(key: bytes, row: Mapping[str, Any]) -> str:
    body = {**row, "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.digest(key, (row["prev_hash"] + canonical).encode(), hashlib.sha256).hex()
