"""The ledger: writes folded calls and their facts in few statements, and reads live calls back by replay."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Executable, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Base
from telephony.calls import Call, EmergencyAttempt, Leg, Offer, Segment
from telephony.facts import ChannelFact, from_body, to_body
from telephony.fold import replay
from telephony.models import (
    CallRow,
    Checkpoint,
    EmergencyRow,
    FactRow,
    LegRow,
    OfferRow,
    SegmentRow,
)

Row = dict[str, Any]


@dataclass
class Change:
    """A call before and after some facts; `facts` are those facts, in order."""

    before: Call | None
    after: Call
    facts: list[ChannelFact] = field(default_factory=list)


async def store(session: AsyncSession, changes: Iterable[Change]) -> None:
    """Write what changed: new calls are inserted, so that a call under a used id is an IntegrityError."""
    rows: dict[type[Base], list[Row]] = {
        LegRow: [], OfferRow: [], SegmentRow: [], EmergencyRow: [], FactRow: []
    }  # fmt: skip
    born: list[Row] = []
    known: list[Row] = []
    for change in changes:
        (born if change.before is None else known).append(_call_row(change.after))
        rows[LegRow] += _leg_rows(change)
        rows[OfferRow] += _offer_rows(change)
        rows[SegmentRow] += _segment_rows(change)
        rows[EmergencyRow] += _emergency_rows(change)
        rows[FactRow] += _fact_rows(change)
    if born:
        await session.execute(_insert_into(CallRow), born)
    await _upsert(session, CallRow, known)
    for model in (LegRow, OfferRow, SegmentRow, EmergencyRow):
        await _upsert(session, model, rows[model])
    if rows[FactRow]:
        await session.execute(_insert_into(FactRow), rows[FactRow])


async def live_calls(session: AsyncSession) -> dict[str, Call]:
    """Return the calls that have not ended, each replayed from its recorded facts."""
    unfinished = select(CallRow.id).where(CallRow.outcome.is_(None))
    return await _replayed(session, select(FactRow).where(FactRow.call_id.in_(unfinished)))


async def recorded_call(session: AsyncSession, call_id: str) -> Call | None:
    """Return the call `call_id`, live or ended, replayed from its recorded facts."""
    found = await _replayed(session, select(FactRow).where(FactRow.call_id == call_id))
    return found.get(call_id)


def fact_in(row: FactRow) -> ChannelFact:
    """Return the recorded fact; KeyError or TypeError for one that a newer version wrote."""
    fact = from_body(row.kind, row.at, row.body)
    assert isinstance(fact, ChannelFact)
    return fact


async def load_checkpoint(session: AsyncSession, name: str) -> Row:
    """Return the checkpoint's value, {} if there is none yet."""
    row = await session.get(Checkpoint, name)
    return {} if row is None else row.value


async def save_checkpoint(session: AsyncSession, name: str, value: Row) -> None:
    await _upsert(session, Checkpoint, [{"name": name, "value": value}])


async def _replayed(session: AsyncSession, query: Any) -> dict[str, Call]:
    facts: dict[str, list[ChannelFact]] = {}
    for row in await session.scalars(query.order_by(FactRow.call_id, FactRow.seq)):
        facts.setdefault(row.call_id, []).append(fact_in(row))
    return {call_id: replay(recorded) for call_id, recorded in facts.items()}


def _call_row(call: Call) -> Row:
    return {
        "id": call.id,
        "linkedid": call.linkedid,
        "phase": call.phase,
        "caller": call.caller,
        "caller_name": call.caller_name,
        "dnid": call.dnid,
        "menu": call.menu,
        "emergency": call.emergency,
        "queue": call.queue,
        "started_at": call.started_at,
        "queued_at": call.queued_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "outcome": call.outcome,
        "evidence": sorted(call.evidence),
        "waited_seconds": call.waited_seconds,
        "served_after": call.served_after,
        "talk_seconds": call.talk_seconds,
        "segment_count": len(call.segments),
        "recording": call.recording,
        "facts": call.facts,
        "divergences": call.divergences,
    }


def _leg_rows(change: Change) -> list[Row]:
    old: Mapping[str, Leg] = change.before.legs if change.before else {}
    return [
        {
            "call_id": change.after.id,
            "uniqueid": leg.uniqueid,
            "role": leg.role,
            "channel": leg.channel,
            "endpoint": leg.endpoint,
            "state": leg.state,
            "started_at": leg.started_at,
            "answered_at": leg.answered_at,
            "ended_at": leg.ended_at,
            "cause": leg.cause,
        }
        for leg in change.after.legs.values()
        if old.get(leg.uniqueid) is not leg
    ]


def _offer_rows(change: Change) -> list[Row]:
    old: Sequence[Offer] = change.before.offers if change.before else ()
    return [
        {
            "call_id": change.after.id,
            "attempt": offer.attempt,
            "endpoint": offer.endpoint,
            "uniqueid": offer.uniqueid,
            "offered_at": offer.offered_at,
            "ended_at": offer.ended_at,
            "state": offer.state,
        }
        for offer in change.after.offers
        if offer not in old
    ]


def _segment_rows(change: Change) -> list[Row]:
    old: Sequence[Segment] = change.before.segments if change.before else ()
    return [
        {
            "call_id": change.after.id,
            "number": segment.number,
            "endpoint": segment.endpoint,
            "uniqueid": segment.uniqueid,
            "attempt": segment.attempt,
            "started_at": segment.started_at,
            "ended_at": segment.ended_at,
            "reason": segment.reason,
            "talk_seconds": segment.talk_seconds,
        }
        for segment in change.after.segments
        if segment not in old
    ]


def _emergency_rows(change: Change) -> list[Row]:
    old: Sequence[EmergencyAttempt] = change.before.emergencies if change.before else ()
    return [
        {
            "call_id": change.after.id,
            "attempt": tried.attempt,
            "number": tried.number,
            "route": tried.route,
            "dialled_at": tried.dialled_at,
            "reached_at": tried.reached_at,
            "ended_at": tried.ended_at,
            "result": tried.result,
            "talk_seconds": tried.talk_seconds,
        }
        for tried in change.after.emergencies
        if tried not in old
    ]


def _fact_rows(change: Change) -> list[Row]:
    first = change.after.facts - len(change.facts) + 1
    return [
        {
            "call_id": change.after.id,
            "seq": seq,
            "at": fact.at,
            "kind": type(fact).__name__,
            "body": to_body(fact),
        }
        for seq, fact in enumerate(change.facts, first)
    ]


async def _upsert(session: AsyncSession, model: type[Base], rows: list[Row]) -> None:
    if rows:
        await session.execute(_upsert_into(model, session.get_bind().dialect.name), rows)


@cache
def _upsert_into(model: type[Base], dialect: str) -> Executable:
    """Return the statement; it is made once, since to make it costs more than to run it."""
    table = _table(model)
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=changed)


@cache
def _insert_into(model: type[Base]) -> Executable:
    return _table(model).insert()


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
