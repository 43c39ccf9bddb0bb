"""The proof that the ledger is whole: every queue_log line explained, every call counted once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from core.clock import Clock
from core.db import Database
from telephony.catch_up import stated_call_id
from telephony.directory import derived_id
from telephony.messages import endpoint_of
from telephony.models import CallRow, LegRow, QueueLogRow, SegmentRow

# Lines about the queue and its members, which are no part of any call.
NOT_ABOUT_CALLS = frozenset(
    (
        *("QUEUESTART", "CONFIGRELOAD", "ADDMEMBER", "REMOVEMEMBER", "PENALTY", "RINGINUSE"),
        *("PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL", "PAUSEREASON", "MEMBERSTATUS"),
    )
)


@dataclass(frozen=True)
class Unexplained:
    """A line of queue_log for which the ledger has no counterpart; `why` says what is missing."""

    row: QueueLogRow
    why: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """What `hotline reconcile` prints; `whole` when nothing is wrong. `pending` lines are too young to judge."""

    lines: int
    explained: int
    pending: int
    unexplained: list[Unexplained] = field(default_factory=list)
    offered: int
    outcomes: dict[str, int]
    in_system: int
    segments_of_agents: int
    segments_of_calls: int

    @property
    def calls_add_up(self) -> bool:
        """Offered = sum of outcomes + still in the system."""
        return self.offered == sum(self.outcomes.values()) + self.in_system

    @property
    def segments_add_up(self) -> bool:
        return self.segments_of_agents == self.segments_of_calls

    @property
    def whole(self) -> bool:
        return not self.unexplained and self.calls_add_up and self.segments_add_up


async def reconcile(database: Database, clock: Clock, *, grace: float = 10.0) -> Report:
    """Explain every queue_log line that has not been yet, remember which were, and count the ledger.

    Lines younger than `grace` seconds may be ahead of their events and are left for the next time.
    """
    async with database.unit_of_work() as uow:
        session = uow.session
        rows = await unexplained_rows(session)
        limit = clock() - timedelta(seconds=grace)
        old = [row for row in rows if row.at is None or row.at <= limit]
        verdicts = await explain(session, old)
        await mark_explained(session, [row for row, why in verdicts if not why])
        lines = await session.scalar(select(func.count()).select_from(QueueLogRow))
        unexplained = [Unexplained(row, why) for row, why in verdicts if why]
        outcomes, in_system = await _outcomes(session)
        of_agents, of_calls = await _segments(session)
    pending = len(rows) - len(old)
    return Report(
        lines=lines or 0,
        explained=(lines or 0) - len(unexplained) - pending,
        pending=pending,
        unexplained=unexplained,
        offered=sum(outcomes.values()) + in_system,
        outcomes=outcomes,
        in_system=in_system,
        segments_of_agents=of_agents,
        segments_of_calls=of_calls,
    )


async def unexplained_rows(session: AsyncSession, limit: int = 10_000) -> list[QueueLogRow]:
    """Return the oldest lines that nobody has explained yet."""
    query = select(QueueLogRow).where(~QueueLogRow.explained).order_by(QueueLogRow.id).limit(limit)
    return list(await session.scalars(query))


async def mark_explained(session: AsyncSession, rows: Sequence[QueueLogRow]) -> None:
    """Remember that these lines are accounted for."""
    for start in range(0, len(rows), 500):
        ids = [row.id for row in rows[start : start + 500]]
        await session.execute(
            update(QueueLogRow).where(QueueLogRow.id.in_(ids)).values(explained=True)
        )


async def explain(
    session: AsyncSession, rows: Sequence[QueueLogRow]
) -> list[tuple[QueueLogRow, str]]:
    """Return each line with '' when the ledger accounts for it, else with what is missing."""
    calls = await _calls_of(session, rows)
    spent: set[tuple[str, int]] = set()
    verdicts = []
    for row in rows:
        if row.at is None:
            verdicts.append((row, "not a line of queue_log"))
        elif row.event in NOT_ABOUT_CALLS:
            verdicts.append((row, ""))
        elif row.event not in _PROOF:
            verdicts.append((row, "an event that nobody knows"))
        elif row.uniqueid not in calls:
            verdicts.append((row, "no such call"))
        else:
            verdicts.append((row, _PROOF[row.event](row, calls[row.uniqueid], spent)))
    return verdicts


async def _calls_of(session: AsyncSession, rows: Sequence[QueueLogRow]) -> dict[str, CallRow]:
    """Return the calls of these lines by the uniqueid that the line gives."""
    wanted = {row.uniqueid for row in rows if row.event in _PROOF}
    ids = {derived_id(uniqueid): uniqueid for uniqueid in wanted}
    ids |= {stated_call_id(row): row.uniqueid for row in rows if stated_call_id(row)}
    found: dict[str, CallRow] = {}
    parts = (selectinload(CallRow.offers), selectinload(CallRow.segments))
    for some in _slices(sorted(ids)):
        for call in await session.scalars(
            select(CallRow).where(CallRow.id.in_(some)).options(*parts)
        ):
            found[ids[call.id]] = call
    for some in _slices(sorted(wanted)):
        query = select(LegRow.uniqueid, CallRow).join(CallRow, CallRow.id == LegRow.call_id)
        for uniqueid, call in await session.execute(
            query.where(LegRow.uniqueid.in_(some)).options(*parts)
        ):
            found[uniqueid] = call
    return found


def _slices(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]


_Proof = Callable[[QueueLogRow, CallRow, set[tuple[str, int]]], str]


def _known(_row: QueueLogRow, _call: CallRow, _spent: set[tuple[str, int]]) -> str:
    return ""


def _ended(_row: QueueLogRow, call: CallRow, _spent: set[tuple[str, int]]) -> str:
    return "" if call.outcome else "the call has not ended"


def _queued(_row: QueueLogRow, call: CallRow, _spent: set[tuple[str, int]]) -> str:
    return "" if call.queued_at else "the call never queued"


def _connected(row: QueueLogRow, call: CallRow, _spent: set[tuple[str, int]]) -> str:
    agent = row.data[1] if len(row.data) > 1 else ""
    accepted = ("accepted", "answered", "caller_gone", "failed")
    if any(offer.uniqueid == agent and offer.state in accepted for offer in call.offers):
        return ""
    return "no offer of this leg was accepted"


def _completed(row: QueueLogRow, call: CallRow, _spent: set[tuple[str, int]]) -> str:
    at = endpoint_of(row.agent)
    if any(s.ended_at and s.endpoint == at for s in call.segments):
        return ""
    # The other side was gone before both were in the bridge: app_queue calls that completed too.
    if any(o.endpoint == at and o.state in ("caller_gone", "failed") for o in call.offers):
        return ""
    return "no talk of this seat has ended"


def _missed(row: QueueLogRow, call: CallRow, spent: set[tuple[str, int]]) -> str:
    """One line, one offer that ended then: a second line needs a second offer."""
    for offer in call.offers:
        missed = offer.state in ("no_answer", "rejected", "failed", "caller_gone", "withdrawn")
        if missed and offer.endpoint == endpoint_of(row.agent) and _together(row, offer.ended_at):
            if (call.id, offer.attempt) in spent:
                continue
            spent.add((call.id, offer.attempt))
            return ""
    return "no missed offer of this seat"


def _together(row: QueueLogRow, at: datetime | None) -> bool:
    """The log has whole seconds, and the leg hangs up a moment after its line."""
    return row.at is not None and at is not None and abs((at - row.at).total_seconds()) < 5


def _evidence(proof: str) -> _Proof:
    def proven(_row: QueueLogRow, call: CallRow, _spent: set[tuple[str, int]]) -> str:
        return "" if proof in call.evidence else f"no evidence of {proof}"

    return proven


_PROOF: dict[str, _Proof] = {
    "CALLARRIVED": _known,
    "CALLGONE": _ended,
    "ENTERQUEUE": _queued,
    "CONNECT": _connected,
    "COMPLETECALLER": _completed,
    "COMPLETEAGENT": _completed,
    "BLINDTRANSFER": _completed,
    "ATTENDEDTRANSFER": _completed,
    "RINGNOANSWER": _missed,
    "RINGCANCELED": _missed,
    "ABANDON": _evidence("abandoned"),
    "EXITWITHTIMEOUT": _evidence("timed_out"),
    "EXITEMPTY": _evidence("left_empty"),
    "EXITWITHKEY": _queued,
}


async def _outcomes(session: AsyncSession) -> tuple[dict[str, int], int]:
    counted = await session.execute(select(CallRow.outcome, func.count()).group_by(CallRow.outcome))
    counts = {outcome: count for outcome, count in counted}  # noqa: C416  dict() loses the types
    in_system = counts.pop(None, 0)
    return {str(outcome): count for outcome, count in counts.items()}, in_system


async def _segments(session: AsyncSession) -> tuple[int, int]:
    """Return the segments counted seat by seat, and as the calls themselves say."""
    per_seat = await session.execute(
        select(SegmentRow.endpoint, func.count()).group_by(SegmentRow.endpoint)
    )
    of_calls = await session.scalar(select(func.coalesce(func.sum(CallRow.segment_count), 0)))
    return sum(count for _, count in per_seat), int(of_calls or 0)
