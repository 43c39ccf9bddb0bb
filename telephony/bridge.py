"""The bridge: one task reads the switch in order, keeps the ledger, and tells the rooms above."""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path, PurePosixPath

import structlog

from core.clock import Clock
from core.db import Database
from core.errors import HotlineError, NotFound
from core.outage import OUTAGE
from telephony import facts as f
from telephony.ami import AmiEvent, AmiLink, LinkDown, LinkUp
from telephony.calls import Call
from telephony.events import OfferForeseen, SwitchDown, SwitchUp
from telephony.foresight import offer_foreseen
from telephony.ledger import load_checkpoint, save_checkpoint
from telephony.log_keeper import LogKeeper
from telephony.messages import fact_of
from telephony.queue_order import promotion
from telephony.recorder import Metrics, Recorder
from telephony.repeats import Repeats
from telephony.resync import Snapshot, board_facts, compare, restarted_facts, take_snapshot
from telephony.states import PHASE_DEADLINES
from telephony.switch import Switch

log = structlog.get_logger(__name__)

_GROUP = 200  # facts that wait already are committed together, at most so many
_TICK = 1.0
# What came of one act of a caller arrives within some milliseconds, and is stored in one transaction.
_COMPANY = 0.015  # seconds that facts with something to tell wait for others
_PAUSE = 0.05  # the same for facts with nothing to tell
# Under load the groups grow, and a call costs less: storing takes about one part in so many of the time,
_SHARE = 8
_LONGEST = 0.1  # but nobody waits longer than so many seconds for it
_LINE_EVERY = timedelta(milliseconds=200)
_VERIFY_EVERY = timedelta(seconds=60)
_LOG_GRACE = 10.0

Incoming = AmiEvent | LinkUp | LinkDown


class Bridge:
    """Between one Asterisk and the ledger, from `start` to `close`; `calls` is the live table.

    `state_dir` holds facts while the database is away (default: beside the recordings); `queue_log` is
    Asterisk's own file, without which the calls of our downtime stay unknown. `foreseen` hears of an offer as
    soon as it is read, ahead of the bus.
    """

    def __init__(
        self,
        link: AmiLink,
        switch: Switch,
        database: Database,
        clock: Clock,
        recordings_dir: Path,
        *,
        queue: str = "hotline",
        queue_log: Path | None = None,
        state_dir: Path | None = None,
        foreseen: Callable[[OfferForeseen], None] | None = None,
    ) -> None:
        self._link, self._switch, self._database, self._clock = link, switch, database, clock
        self._foreseen = foreseen
        self._queue, self._recordings = queue, recordings_dir
        spool = state_dir or recordings_dir.parent / "spool"
        self._recorder = Recorder(database, clock, queue, spool)
        self._log = LogKeeper(database, clock, self._recorder, queue_log)
        self._repeats = Repeats()
        self._turn = asyncio.Lock()
        self._ahead: deque[Incoming] = deque()
        self._unread: deque[AmiEvent] = deque()  # at the link, and not folded yet
        self._telling: set[asyncio.Task[None]] = set()
        link.announce_to(self._hear)
        self._store_by, self._store_not_before = math.inf, 0.0  # by the loop's clock
        self._up: LinkUp | None = None
        self._in_step = False
        self._verified = self._line_told = clock()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def calls(self) -> dict[str, Call]:
        """The live table: calls in the system, and for some seconds those that ended."""
        return self._recorder.calls

    @property
    def metrics(self) -> Metrics:
        return self._recorder.metrics

    @property
    def in_step(self) -> bool:
        """The link is up, and what we believe has been compared with Asterisk since."""
        return self._in_step

    async def start(self) -> None:
        """Read the live calls back and follow the switch; the link is started by its owner."""
        await self._recorder.come_back()
        self._tasks = [
            asyncio.create_task(self._follow(), name="bridge"),
            asyncio.create_task(self._keep(), name="bridge upkeep"),
        ]

    async def close(self) -> None:
        """Stop between two facts; what is not read yet will be found out at the next start."""
        tasks, self._tasks = self._tasks, []
        async with self._turn:
            for task in tasks:
                task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self._recorder.flush()

    async def hang_up(self, call_id: str) -> None:
        """Ask Asterisk to end the caller's leg; NotFound, or what Switch raises. CallEnded follows."""
        call = self.calls.get(call_id)
        caller = call.caller_leg if call else None
        if caller is None or not caller.live:
            raise NotFound(what="call")
        await self._switch.hangup(caller.channel)

    async def move_up(self, call_id: str, *, to_head: bool) -> int:
        """Put a waiting caller ahead of the one before, or of all but emergencies; return his new place.

        Tells the line as soon as Asterisk's own list has it. NotFound, CannotMoveUp, or what Switch raises.
        """
        call = self.calls.get(call_id)
        caller = call.caller_leg if call and call.in_queue else None
        if caller is None:
            raise NotFound(what="waiting call")
        for change in promotion(
            await self._switch.queue_entries(), caller.channel, to_head=to_head
        ):
            await self._switch.prioritise(change.channel, change.priority)
        return await self._reread_line(call_id)

    async def _reread_line(self, call_id: str) -> int:
        async with self._turn:
            entries = await self._switch.queue_entries()
            order = [self._recorder.call_of(entry.uniqueid) for entry in entries]
            self._recorder.board.reorder(order)
            await self._tell_line()
        return order.index(call_id) + 1 if call_id in order else 0

    async def _follow(self) -> None:
        while True:
            item = await self._next_or_due()
            # What the same chunk of events put on the screens goes out before it is worked on here.
            await asyncio.sleep(0)
            async with self._turn:
                try:
                    if item is not None:
                        await self._handle(item)
                    if item is None or self._is_due():
                        await self._store()
                except Exception:
                    # The bridge outlives whatever one event does to it; the next comparison corrects us.
                    log.exception("event lost", item=type(item).__name__)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            try:
                await self._upkeep()
            except OUTAGE as error:
                log.error("database is away", error=type(error).__name__)
            except HotlineError as error:
                log.warning("could not ask the switch", code=error.code)
            except Exception:
                log.exception("upkeep failed")

    async def _handle(self, item: Incoming) -> None:
        match item:
            case LinkUp():
                self._up = item
                await self._resync(item)
            case LinkDown():
                self._up, self._in_step = None, False
                await self._recorder.tell([SwitchDown(at=item.at, reason=item.reason)])
            case _:
                await self._take([item, *self._waiting_events(_GROUP)])
                if self._clock() - self._line_told >= _LINE_EVERY:
                    await self._tell_line()

    async def _upkeep(self) -> None:
        async with self._turn:
            if self._recorder.away and await self._recorder.come_back():
                self._in_step = False  # members and devices went on without us
            if self._up is not None and not self._in_step:
                await self._resync(self._up)
            await self._recorder.flush()
            self._recorder.sweep()
            if self._in_step and self._due():
                await self._verify()
            await self._tell_line()
        if not self._recorder.away:
            await self._log.tail()
        if self._in_step and (lost := await self._log.unexplained(_LOG_GRACE)):
            async with self._turn:
                await self._log.make_up(lost)

    # -- events in order

    async def _next_or_due(self) -> Incoming | None:
        """Return the next item; None when facts are folded that must be stored before it comes."""
        item = self._next()
        if item is not None:
            return item
        if not self._recorder.open:
            return await self._link.intake()
        try:
            async with asyncio.timeout_at(self._store_by):
                return await self._link.intake()
        except TimeoutError:
            return None

    def _is_due(self) -> bool:
        """Set the limit of what has been folded since the last time, and tell whether it has passed."""
        if not self._recorder.open:
            return False
        now = asyncio.get_running_loop().time()
        wait = _COMPANY if self._recorder.tells else _PAUSE
        self._store_by = min(self._store_by, max(now + wait, self._store_not_before))
        return now >= self._store_by

    async def _store(self) -> None:
        time = asyncio.get_running_loop().time
        began = time()
        await self._recorder.flush()
        rest = min((_SHARE - 1) * (time() - began), _LONGEST)
        self._store_by, self._store_not_before = math.inf, time() + rest

    def _next(self) -> Incoming | None:
        return self._ahead.popleft() if self._ahead else self._link.try_intake()

    def _waiting_events(self, most: int, below: int | None = None) -> Iterator[AmiEvent]:
        """Yield the events that wait, up to the first other item or the first one numbered `below` or more."""
        for _ in range(most):
            item = self._next()
            if item is None:
                return
            if not isinstance(item, AmiEvent) or (below is not None and item.seq >= below):
                self._ahead.appendleft(item)
                return
            yield item

    async def _take(self, events: list[AmiEvent]) -> None:
        now = self._clock()
        facts: list[f.Fact] = []
        for event in events:
            self._unread.popleft()
            if self._repeats.has(event):
                self.metrics.repeated += 1
            elif (fact := fact_of(event, now)) is not None:
                facts.append(self._recording_below(fact))
        if facts:
            await self._recorder.take(facts)

    def _hear(self, event: AmiEvent) -> None:
        """Note an event at the link; one that makes a seat ring is told to the screens at once."""
        if event.name == "AgentCalled":
            try:
                self._foresee(event)
            except Exception:
                # What cannot be foreseen is told in its turn.
                log.exception("offer not foreseen")
        self._unread.append(event)

    def _foresee(self, event: AmiEvent) -> None:
        if not self._in_step or self._recorder.away or len(self._unread) > _GROUP:
            return
        offer = offer_foreseen(self.calls, self._unread, event, self._clock())
        if offer is not None:
            if self._foreseen is not None:
                self._foreseen(offer)
            task = asyncio.create_task(self._recorder.tell([offer]))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    def _recording_below(self, fact: f.Fact) -> f.Fact:
        """Make the path of a recording relative to the folder of recordings; one outside it is refused."""
        if not isinstance(fact, f.RecordingBegan):
            return fact
        path = PurePosixPath(fact.path)
        if path.is_relative_to(self._recordings):
            path = path.relative_to(self._recordings)
        if path.is_absolute() or ".." in path.parts:
            return f.Malformed(at=fact.at, event="CallRecording", what="a path outside")
        return replace(fact, path=path.as_posix())

    async def _tell_line(self) -> None:
        self._line_told = self._clock()
        await self._recorder.tell_line()

    # -- in step with Asterisk

    async def _resync(self, up: LinkUp) -> None:
        """Ask, take the events from before the answer, compare, correct, count; tried again until it works."""
        if self._recorder.away:
            return
        # The log first: what is in it was said on AMI before the answer, or while we did not listen.
        await self._log.tail()
        newest = await self._log.newest()
        try:
            snapshot = await take_snapshot(self._link, self._queue, self._clock)
        except HotlineError as error:
            log.warning("re-sync put off", code=error.code)
            return
        before = self.metrics.corrections
        await self._take(list(self._waiting_events(1_000_000, snapshot.seq)))
        await self._recorder.flush()
        made = await self._log.catch_up(newest, snapshot.channels)
        restarted = up.restarted or await self._is_other_run(snapshot.startup)
        lost = restarted_facts(self.calls, snapshot) if restarted else []
        await self._recorder.take(lost)
        await self._correct(snapshot)
        self.metrics.corrections += made + len(lost)
        if self._recorder.away:
            return
        await self._remember_run(snapshot.startup)
        self._in_step = True
        self.metrics.resyncs += 1
        corrections = self.metrics.corrections - before
        log.info("in step with the switch", restarted=restarted, corrections=corrections)
        await self._tell_line()
        at = self._clock()
        await self._recorder.tell([SwitchUp(at=at, restarted=restarted, corrections=corrections)])

    async def _verify(self) -> None:
        snapshot = await take_snapshot(self._link, self._queue, self._clock)
        await self._take(list(self._waiting_events(1_000_000, snapshot.seq)))
        await self._correct(snapshot)

    async def _correct(self, snapshot: Snapshot) -> None:
        self._verified = self._clock()
        corrections = compare(self.calls, snapshot)
        self.metrics.corrections += len(corrections)
        for fact in corrections:
            log.warning("corrected", call_id=fact.call_id, fact=type(fact).__name__)
        await self._recorder.take(
            [*corrections, *board_facts(self._recorder.board.members, snapshot)]
        )
        await self._recorder.flush()
        waiting = sorted(snapshot.waiting.values(), key=lambda entry: entry.position)
        self._recorder.board.reorder([self._recorder.call_of(entry.uniqueid) for entry in waiting])

    def _due(self) -> bool:
        """A call has been in one phase for longer than the table lets it go unverified."""
        now = self._clock()
        if now - self._verified > _VERIFY_EVERY:
            return True
        return any(
            (now - max(call.phase_since, self._verified)).total_seconds()
            > PHASE_DEADLINES[call.phase][0]
            for call in self.calls.values()
            if call.outcome is None or call.live_legs
        )

    async def _is_other_run(self, startup: str) -> bool:
        async with self._database.reading(brief=True) as session:
            saved = await load_checkpoint(session, "asterisk")
        return bool(saved) and saved["startup"] != startup

    async def _remember_run(self, startup: str) -> None:
        async with self._database.unit_of_work() as uow:
            await save_checkpoint(uow.session, "asterisk", {"startup": startup})
