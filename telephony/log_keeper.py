"""Keeps queue_log in the database, and turns what the ledger cannot explain into facts."""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import func, insert, select

from core.clock import Clock
from core.db import Database
from telephony.catch_up import Lost, facts_of, stated_call_id
from telephony.directory import derived_id
from telephony.ledger import load_checkpoint, save_checkpoint
from telephony.models import LegRow, QueueLogRow
from telephony.queue_log import LogLine, Mark, read_new
from telephony.reconcile import explain, mark_explained, unexplained_rows
from telephony.recorder import Recorder

log = structlog.get_logger(__name__)

_CHECKPOINT = "queue_log"
_AT_ONCE = 200  # lines looked at in one go while calls flow


class LogKeeper:
    """Reads Asterisk's file from the checkpoint on; without a file it does nothing."""

    def __init__(
        self, database: Database, clock: Clock, recorder: Recorder, path: Path | None
    ) -> None:
        self._database, self._clock, self._recorder, self._path = database, clock, recorder, path
        self._mark: Mark | None = None
        self._hopeless: set[int] = set()

    async def tail(self) -> None:
        """Store all new lines with the checkpoint, at most about 1 MB in one transaction."""
        if self._path is None:
            return
        if self._mark is None:
            async with self._database.reading(brief=True) as session:
                self._mark = Mark.of(await load_checkpoint(session, _CHECKPOINT))
        while True:
            lines, mark = read_new(self._path, self._mark)
            if not lines:
                return
            async with self._database.unit_of_work() as uow:
                await uow.session.execute(insert(QueueLogRow), [_row(line) for line in lines])
                await save_checkpoint(uow.session, _CHECKPOINT, mark.value())
            self._mark = mark
            self._recorder.metrics.log_lines += len(lines)

    async def unexplained(self, grace: float) -> list[QueueLogRow]:
        """Return lines older than `grace` seconds that the ledger does not account for; note those it does."""
        limit = self._clock() - timedelta(seconds=grace)
        async with self._database.unit_of_work() as uow:
            rows = await unexplained_rows(uow.session, _AT_ONCE + len(self._hopeless))
            fresh = [
                row
                for row in rows
                if row.id not in self._hopeless and (row.at is None or row.at <= limit)
            ]
            verdicts = await explain(uow.session, fresh)
            await mark_explained(uow.session, [row for row, why in verdicts if not why])
        return [row for row, why in verdicts if why]

    async def newest(self) -> int:
        """Return the number of the newest stored line, 0 for none."""
        async with self._database.reading(brief=True) as session:
            return await session.scalar(select(func.max(QueueLogRow.id))) or 0

    async def catch_up(self, newest: int, alive: Collection[str]) -> int:
        """Make up for all lost lines up to number `newest`; `alive` are the channels that still exist.

        Returns the number of facts made.
        """
        made = 0
        while rows := [row for row in await self.unexplained(0) if row.id <= newest]:
            made += await self.make_up(rows, alive)
        return made

    async def make_up(self, rows: list[QueueLogRow], alive: Collection[str] | None = None) -> int:
        """Fold what these lines say into their calls; a line is tried once."""
        ids = await self._call_ids(rows)
        made = 0
        for row in rows:
            if row.at is None or not row.uniqueid or row.uniqueid == "NONE":
                continue
            lost = await self._lost(row, row.at, ids[row.uniqueid], alive)
            facts = facts_of(lost)
            await self._recorder.take(facts)
            made += len(facts)
        await self._recorder.flush()
        async with self._database.unit_of_work() as uow:
            verdicts = await explain(uow.session, rows)
            await mark_explained(uow.session, [row for row, why in verdicts if not why])
        self._hopeless.update(row.id for row, why in verdicts if why)
        if made:
            self._recorder.metrics.caught_up += made
            log.warning("ledger caught up from queue_log", lines=len(rows), facts=made)
        return made

    async def _lost(
        self, row: QueueLogRow, at: datetime, call_id: str, alive: Collection[str] | None
    ) -> Lost:
        call = await self._recorder.recall(call_id)
        if alive is None:
            living = call is not None and any(x.uniqueid == row.uniqueid for x in call.live_legs)
        else:
            living = row.uniqueid in alive
        talking = [s.uniqueid for s in call.segments if s.open] if call else []
        return Lost(
            row=row, at=at, call_id=call_id, alive=living, talking=talking[-1] if talking else ""
        )

    async def _call_ids(self, rows: list[QueueLogRow]) -> dict[str, str]:
        """Return the call of each caller's channel: live, recorded, stated in the log, or derived."""
        wanted = {row.uniqueid for row in rows}
        ids = {uniqueid: derived_id(uniqueid) for uniqueid in wanted}
        async with self._database.reading(brief=True) as session:
            stated = select(QueueLogRow).where(
                QueueLogRow.event == "CALLARRIVED", QueueLogRow.uniqueid.in_(wanted)
            )
            for row in await session.scalars(stated):
                ids[row.uniqueid] = stated_call_id(row) or ids[row.uniqueid]
            recorded = select(LegRow.uniqueid, LegRow.call_id).where(LegRow.uniqueid.in_(wanted))
            for uniqueid, call_id in await session.execute(recorded):
                ids[uniqueid] = call_id
        live = {uniqueid: self._recorder.call_of(uniqueid) for uniqueid in wanted}
        return ids | {uniqueid: call_id for uniqueid, call_id in live.items() if call_id}


def _row(line: LogLine) -> dict[str, object]:
    return {
        "at": line.at,
        "uniqueid": line.uniqueid,
        "queue": line.queue,
        "agent": line.agent,
        "event": line.event,
        "data": list(line.data),
        "line": line.line,
        "explained": False,
    }
