"""Takes facts in order: folds them, stores them in one transaction, tells the rooms after the commit."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog

from core.clock import Clock
from core.db import Database
from core.events import Event
from core.outage import OUTAGE
from telephony import facts as f
from telephony import ledger
from telephony.board import Board
from telephony.calls import Call
from telephony.directory import Directory
from telephony.fold import Divergence, fold
from telephony.ledger import Change
from telephony.spool import Spool

log = structlog.get_logger(__name__)

_KEEP_ENDED = timedelta(seconds=5)
_KEEP_STUCK = timedelta(minutes=2)
_SPOOL = "spool"
_MOST_OPEN = 200


@dataclass
class Metrics:
    """Counters since the start of this process; `lag` is seconds from Asterisk's own time to the commit."""

    facts: int = 0
    commits: int = 0
    calls: int = 0
    malformed: int = 0
    repeated: int = 0
    divergences: int = 0
    late: int = 0
    refused: int = 0
    spooled: int = 0
    outages: int = 0
    resyncs: int = 0
    corrections: int = 0
    caught_up: int = 0
    log_lines: int = 0
    lag: float = 0.0


@dataclass
class _Group:
    """Facts that are committed together, and what they did to the live table."""

    changes: dict[str, Change] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    facts: list[f.ChannelFact] = field(default_factory=list)


class Recorder:
    """Owns the live table `calls`. Not for concurrent use: the bridge lets one in at a time."""

    def __init__(self, database: Database, clock: Clock, queue: str, spool: Path) -> None:
        self.calls: dict[str, Call] = {}
        self.board = Board(queue, self.calls)
        self.metrics = Metrics()
        self._database, self._clock = database, clock
        self._directory = Directory()
        self._spool = Spool(spool)
        self._loaded = False
        self._open = _Group()
        self._over: OrderedDict[str, None] = OrderedDict()

    @property
    def away(self) -> bool:
        """Facts go to disk, because the database is away or those on disk come first."""
        return not self._loaded or len(self._spool) > 0

    async def come_back(self) -> bool:
        """Read the live calls from the ledger, then write what waits on disk; False while there is no database."""
        try:
            if not self._loaded:
                async with self._database.reading(brief=True) as session:
                    self._adopt(await ledger.live_calls(session))
                self._loaded = True
        except OUTAGE as error:
            log.error("database is away", error=type(error).__name__)
            return False
        return await self._drain()

    def call_of(self, uniqueid: str) -> str:
        return self._directory.call_of(uniqueid)

    async def recall(self, call_id: str) -> Call | None:
        """Return a call, taken back into the live table from the ledger if it is over already."""
        if call_id not in self.calls:
            async with self._database.reading(brief=True) as session:
                recorded = await ledger.recorded_call(session, call_id)
            if recorded is not None:
                self._adopt({call_id: recorded})
        return self.calls.get(call_id)

    async def take(self, facts: Sequence[f.Fact]) -> None:
        """Fold the facts; they are stored and told with the next `flush`, which the bridge times.

        Never raises for what a fact says nor for a database that is away.
        """
        routed: list[f.ChannelFact] = []
        told: list[Event] = []
        for fact in facts:
            if isinstance(fact, f.Malformed):
                self.metrics.malformed += 1
                log.warning("malformed event", ami_event=fact.event, what=fact.what)
            elif isinstance(fact, f.ChannelFact):
                routed += self._directory.route(fact)
            else:
                told += self.board.observe(fact)
        self.metrics.facts += len(facts)
        if self.away:
            self._put_aside(routed)
        else:
            self._fold(self._open, routed)
            if len(self._open.facts) >= _MOST_OPEN:
                await self.flush()
        await self.tell(told)

    @property
    def open(self) -> bool:
        """Facts have been folded that are not stored yet."""
        return bool(self._open.facts)

    @property
    def tells(self) -> bool:
        """There is something to tell of facts that are not stored yet."""
        return bool(self._open.events)

    async def flush(self) -> None:
        """Store what has been folded, and tell what came of it."""
        group, self._open = self._open, _Group()
        if group.facts:
            self._put_aside(await self._write(group, {}))

    async def tell(self, events: Iterable[Event]) -> None:
        """Publish; the bus answers for its listeners."""
        await self._database.bus.publish(events)

    async def tell_line(self) -> None:
        """Publish the waiting line if it is not as it was told last."""
        await self.tell(self.board.line(self._clock()))

    def sweep(self) -> None:
        """Let go of calls that are over; their ids are remembered for late facts."""
        now = self._clock()
        for call in list(self.calls.values()):
            if call.ended_at is None:
                continue
            age = now - max(call.ended_at, call.last_at)
            if age > (_KEEP_STUCK if call.live_legs else _KEEP_ENDED):
                del self.calls[call.id]
                self._directory.forget(call)
                self._over[call.id] = None
                if len(self._over) > 20_000:
                    self._over.popitem(last=False)

    def _adopt(self, calls: dict[str, Call]) -> None:
        for call in calls.values():
            self.calls[call.id] = call
            self._over.pop(call.id, None)
            self._directory.learn(call)
            self.board.follow(call)

    def _put_aside(self, facts: list[f.ChannelFact]) -> None:
        if facts:
            self._spool.append(facts)
            self.metrics.spooled += len(facts)

    async def _drain(self) -> bool:
        """Write what waits on disk to the database, in order; False if the database is still away."""
        while len(self._spool):
            try:
                position = await self._spool_position()
            except OUTAGE:
                return False
            facts, end = self._spool.read(position)
            if not facts:
                self._spool.remove()
                continue
            mark = {_SPOOL: {"name": self._spool.name, "position": end}}
            if await self._write(self._fold(_Group(), facts), mark):
                return False
        return True

    async def _spool_position(self) -> int:
        async with self._database.reading(brief=True) as session:
            saved = await ledger.load_checkpoint(session, _SPOOL)
        return int(saved["position"]) if saved.get("name") == self._spool.name else 0

    async def _write(
        self, group: _Group, checkpoints: dict[str, ledger.Row]
    ) -> list[f.ChannelFact]:
        """Commit the group and tell; return the facts that were not written since the database is away."""
        try:
            async with self._database.unit_of_work() as uow:
                await ledger.store(uow.session, group.changes.values())
                for name, value in checkpoints.items():
                    await ledger.save_checkpoint(uow.session, name, value)
        except OUTAGE as error:
            self._undo(group)
            self.metrics.outages += 1
            log.error("database is away; facts go to disk", error=type(error).__name__)
            return group.facts
        except Exception:
            self._undo(group)
            return await self._one_by_one(group.facts, checkpoints)
        await self._committed(group)
        return []

    async def _one_by_one(
        self, facts: list[f.ChannelFact], checkpoints: dict[str, ledger.Row]
    ) -> list[f.ChannelFact]:
        """One record that the database refuses must not hold up the others."""
        if len(facts) == 1:
            left = [] if await self._again_or_refuse(facts[0]) else facts
        else:
            left = list(facts)
            while left and not await self._write(self._fold(_Group(), left[:1]), {}):
                left.pop(0)
        if left or not checkpoints:
            return left
        return await self._write(_Group(), checkpoints)

    async def _again_or_refuse(self, fact: f.ChannelFact) -> bool:
        """The call may be in the ledger already, ended before this process began: take it back and go on."""
        try:
            known = fact.call_id in self.calls
            if not known and await self.recall(fact.call_id) is not None:
                return not await self._write(self._fold(_Group(), [fact]), {})
        except OUTAGE:
            return False
        self.metrics.refused += 1
        log.error("fact refused by the database", fact=type(fact).__name__, call_id=fact.call_id)
        return True

    def _fold(self, group: _Group, facts: list[f.ChannelFact]) -> _Group:
        """Fold the facts into the live table, and note in `group` what they did to it."""
        group.facts += facts
        for fact in facts:
            if fact.call_id in self._over and fact.call_id not in self.calls:
                self.metrics.late += 1
                continue
            before = self.calls.get(fact.call_id)
            call, happenings = fold(before, fact)
            self.calls[call.id] = call
            self.board.follow(call)
            change = group.changes.setdefault(call.id, Change(before, call))
            change.after = call
            change.facts.append(fact)
            for happening in happenings:
                if isinstance(happening, Divergence):
                    self._note(happening)
                else:
                    group.events.append(happening)
        return group

    def _undo(self, group: _Group) -> None:
        for call_id, change in group.changes.items():
            if change.before is None:
                del self.calls[call_id]
            else:
                self.calls[call_id] = change.before
                self.board.follow(change.before)

    async def _committed(self, group: _Group) -> None:
        self.metrics.commits += 1
        self.metrics.calls += sum(change.before is None for change in group.changes.values())
        newest = [change.facts[-1].at for change in group.changes.values()]
        if newest:
            self.metrics.lag = max(0.0, (self._clock() - max(newest)).total_seconds())
        await self.tell(group.events)

    def _note(self, divergence: Divergence) -> None:
        self.metrics.divergences += 1
        log.info("divergence", call_id=divergence.call_id, what=divergence.what)
