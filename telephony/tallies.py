"""Counts calls out of the ledger for the figures: one statement a question, its cost that of the period asked for.

The plan: a range of `ix_call_started` gives the calls of the period, each row is looked at once and added to its
bucket. Calls outside the period are not touched, however many are stored. Nothing is kept between two questions,
so that no midnight, restart or late correction of the ledger can leave a wrong sum behind.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from telephony.figures import NUMBERS, OUTCOMES, Tally, total
from telephony.models import CallRow

_C = CallRow
_WITHIN, _AT_ONCE = 15.0, 5.0

_served = _C.served_after.is_not(None)
# S02. Who met no seat at all (nobody staffed) or was sent on by the dialplan asked for a person as well.
asked = or_(_C.queued_at.is_not(None), _served, _C.outcome.in_(("timed_out", "left_empty")))
_live = _C.outcome.is_(None)
_gave_up = _C.outcome == "abandoned_in_queue"
_over = and_(_served, ~_live)


async def tally(
    session: AsyncSession, start: datetime, end: datetime, tests: Collection[str] = ()
) -> Tally:
    """Return the counts of the calls that began in [start, end), without callers in `tests` (X77)."""
    return (await tally_between(session, (start, end), tests))[0]


async def tally_between(
    session: AsyncSession, edges: Sequence[datetime], tests: Collection[str] = ()
) -> list[Tally]:
    """Return one tally for each [edge, next edge), from one pass; `edges` rise, and are few."""
    parts = len(edges) - 1
    number = case(*((_C.started_at < edge, at) for at, edge in enumerate(edges[1:])), else_=parts)
    found = {
        int(row.bucket): _tally(row)
        for row in await session.execute(_counted(number, edges[0], edges[-1], tests))
    }
    return [found.get(part, Tally()) for part in range(parts)]


async def tally_by_half_hour(
    session: AsyncSession, start: datetime, end: datetime, tests: Collection[str] = ()
) -> dict[datetime, Tally]:
    """Return the tallies of [start, end) by the half-hour in which calls began; empty ones are missing."""
    halves: dict[datetime, list[Tally]] = {}
    for row in await session.execute(_counted(ten_minutes(session), start, end, tests)):
        halves.setdefault(half_hour_of(row.bucket), []).append(_tally(row))
    return {at: total(halves[at]) for at in sorted(halves)}


async def excluded_calls(
    session: AsyncSession, start: datetime, end: datetime, tests: Collection[str]
) -> int:
    """Return how many calls of [start, end) were left out as tests."""
    if not tests:
        return 0
    query = select(func.count()).where(in_period(start, end), _C.caller.in_(tests))
    return int(await session.scalar(query) or 0)


def ten_minutes(session: AsyncSession) -> ColumnElement[str]:
    """Return the ten minutes in which a call began, as text: exact on every database, nothing is rounded."""
    began: ColumnElement[Any]
    if session.get_bind().dialect.name == "sqlite":
        began = type_coerce(_C.started_at, String)
    else:
        began = func.to_char(func.timezone("UTC", _C.started_at), "YYYY-MM-DD HH24:MI")
    return func.substr(began, 1, 15)


def half_hour_of(bucket: str) -> datetime:
    """Return the half hour in which a bucket of `ten_minutes` lies."""
    at = datetime.fromisoformat(f"{bucket}0+00:00")
    return at - timedelta(minutes=at.minute % 30)


def in_period(start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(_C.started_at >= start, _C.started_at < end)


def _counted(
    bucket: ColumnElement[Any], start: datetime, end: datetime, tests: Collection[str]
) -> Any:
    chosen = select(bucket.label("bucket"), *_columns()).where(in_period(start, end))
    if tests:
        chosen = chosen.where(_C.caller.not_in(tests))
    return chosen.group_by("bucket")


def _columns() -> list[ColumnElement[int]]:
    counts = {
        "offered": func.count(),
        "in_system": _count(_live),
        "ivr_hang_ups": _count(and_(_C.outcome == "abandoned_in_ivr", ~asked)),
        "queued": _count(asked),
        "answered": _count(_served),
        "answered_in_15": _count(and_(_served, _C.served_after <= _WITHIN)),
        "abandoned_in_5": _count(and_(_gave_up, _C.waited_seconds <= _AT_ONCE)),
        "undecided": _count(and_(_live, ~_served)),
        "waiting": _count(and_(_live, ~_served, _C.queued_at.is_not(None))),
        "wait_ms": _milliseconds(_served, _C.served_after),
        "queue_ms": _milliseconds(asked, _C.waited_seconds),
        "talked": _count(_over),
        "talk_ms": _milliseconds(_over, _C.talk_seconds),
    }
    outcomes = {f"outcome_{each}": _count(_C.outcome == each) for each in OUTCOMES}
    return [column.label(name) for name, column in {**counts, **outcomes}.items()]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _milliseconds(condition: ColumnElement[bool], seconds: Any) -> ColumnElement[int]:
    # Whole milliseconds: sums of floats would depend on how a period is split.
    whole = cast(func.round(seconds * 1000), BigInteger)
    return func.coalesce(func.sum(case((condition, whole), else_=0)), 0)


def _tally(row: Any) -> Tally:
    counted = {each: int(getattr(row, f"outcome_{each}")) for each in OUTCOMES}
    outcomes = {each: count for each, count in counted.items() if count}
    return Tally(outcomes=outcomes, **{name: int(getattr(row, name)) for name in NUMBERS})
