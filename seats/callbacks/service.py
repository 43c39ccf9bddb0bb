"""The callback list's front door: what the switch tells, what people ask, what time does to an entry."""

from datetime import datetime, timedelta

from sqlalchemy import select

from core.clock import SHANGHAI, Clock
from core.config import Settings
from core.db import Database
from core.security import Principal, audit
from seats.callbacks import book, dialling
from seats.callbacks.book import Lost, Step
from seats.callbacks.dialling import Dialler, SeatOf
from seats.callbacks.errors import CallbackNotYours, CallbackQuietHours, CallbackTooSoon
from seats.callbacks.models import CallbackEntry
from seats.callbacks.rules import Rules
from seats.callbacks.states import MAY_DISMISS, MAY_WORK
from seats.callbacks.views import EntryView, ListView, StepView, entry_view, step_view
from telephony import queries
from telephony.events import CallAnswered, CallEnded, OutboundEnded


class CallbackService:
    """Holds nothing but work under way: wire the `on_…` listeners, call `sweep` now and then, then `close`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        seat_of: SeatOf,
        dialler: Dialler,
    ) -> None:
        self.rules = Rules.of(settings)
        self._database, self._clock = database, clock
        self._calls = dialling.CallsBack(database, clock, self.rules, seat_of, dialler)

    async def close(self) -> None:
        await self._calls.close()

    # What the switch tells

    async def on_call_ended(self, event: CallEnded) -> None:
        """A caller who left unserved is owed a call back, if his number is known."""
        if not event.caller or not self.rules.wants_entry(event.outcome, event.waited_seconds):
            return
        lost = Lost(
            call_id=event.call_id,
            number=event.caller,
            at=event.at,
            waited_seconds=event.waited_seconds,
            promised=event.outcome == "callback_accepted",
            outcome=event.outcome,
            cause=event.id,
        )
        async with self._database.unit_of_work() as uow:
            await book.note_lost(uow, lost)

    async def on_call_answered(self, event: CallAnswered) -> None:
        """The citizen came through by himself: nothing is owed any more."""
        async with self._database.reading(brief=True) as session:
            number = await queries.caller_of(session, event.call_id)
            if not number or await book.open_for(session, number) is None:
                return
        step = Step(trigger="called_again", at=event.at, call_id=event.call_id, cause=event.id)
        async with self._database.unit_of_work() as uow:
            row = await book.open_for(uow.session, number, lock=True)
            if row is not None:
                book.move(uow, row, step)

    async def on_outbound_ended(self, event: OutboundEnded) -> None:
        """A call back is over, and by its talk it is known whether it reached the citizen."""
        await self._calls.ended(event)

    # What people ask

    async def claim(self, entry_id: int, who: Principal) -> EntryView:
        """Take an entry; CallbackHeld if somebody has it, CallbackTooSoon while it rests."""
        who.require(*MAY_WORK)
        now = self._clock()
        async with self._database.unit_of_work() as uow:
            row = await book.claim(uow, entry_id, who, now)
            self._check_rest(row, now)
            return self._view(row, who.account_id)

    async def release(self, entry_id: int, who: Principal) -> EntryView:
        """Give an entry back; its claimer may, and a shift leader may for anybody."""
        who.require(*MAY_WORK)
        async with self._database.unit_of_work() as uow:
            row = await book.entry(uow.session, entry_id, lock=True)
            if row.claimed_by != who.account_id and not who.may(*MAY_DISMISS):
                raise book.refusal(row)
            book.move(uow, row, Step(trigger="release", at=self._clock(), by=who.by))
            return self._view(row, who.account_id)

    async def dismiss(self, entry_id: int, reason: str, who: Principal) -> EntryView:
        """Close an entry without a talk, with a reason (managers); audited."""
        who.require(*MAY_DISMISS)
        now = self._clock()
        async with self._database.unit_of_work() as uow:
            row = await book.entry(uow.session, entry_id, lock=True)
            book.move(uow, row, Step(trigger="dismiss", at=now, by=who.by, note=reason))
            audit(uow.session, now, who.by, "callback.dismiss", f"callback:{row.id}", reason=reason)
            return self._view(row, who.account_id)

    async def call(self, entry_id: int, who: Principal) -> EntryView:
        """Ring the claimer's own seat and then the citizen; returns as soon as the seat is being rung.

        Raises CallbackNotYours, CallbackTooSoon, CallbackQuietHours, CallbackNeedsPause.
        """
        who.require(*MAY_WORK)
        now = self._clock()
        if not self.rules.by_day(now):
            raise CallbackQuietHours(
                begin=f"{self.rules.begin:%H:%M}", end=f"{self.rules.end:%H:%M}"
            )
        async with self._database.reading() as session:
            row = await book.entry(session, entry_id)
            if row.state != "claimed" or row.claimed_by != who.account_id:
                raise book.refusal(row) if row.closed_at else CallbackNotYours()
            self._check_rest(row, now)
        await self._calls.begin(entry_id, who)
        return await self.one(entry_id, who)

    # What time does

    async def sweep(self) -> None:
        """Give back what was claimed and not called, and find out about calls whose end nobody told."""
        now = self._clock()
        async with self._database.reading() as session:
            stale = select(CallbackEntry.id).where(
                book.OPEN,
                CallbackEntry.state == "claimed",
                CallbackEntry.claimed_at < now - self.rules.claim_for,
            )
            ids = (await session.scalars(stale)).all()
        for entry_id in ids:
            async with self._database.unit_of_work() as uow:
                row = await book.entry(uow.session, entry_id, lock=True)
                claimed_at = row.claimed_at
                if (
                    row.state == "claimed"
                    and claimed_at
                    and claimed_at < now - self.rules.claim_for
                ):
                    book.move(uow, row, Step(trigger="lapse", at=now))
        await self._calls.verify()

    # Queries

    async def entries(self, account_id: int | None = None) -> ListView:
        """Return the open entries, the longest waiting first, with a number only where `account_id` has claimed it."""
        now = self._clock()
        async with self._database.reading() as session:
            rows = await book.open_entries(session)
            count, overdue = await book.counts(session, now - self.rules.overdue_after)
            withheld = await queries.lost_unknown(
                session, since=now - timedelta(hours=24), least_wait=self.rules.least_wait
            )
            entries = tuple(self._view(row, account_id) for row in rows)
        return ListView(
            entries=entries,
            open=count,
            overdue=overdue,
            withheld=withheld,
        )

    async def overdue(self, now: datetime) -> int:
        """Return how many open entries should have been called back by now."""
        async with self._database.reading() as session:
            return (await book.counts(session, now - self.rules.overdue_after))[1]

    async def one(self, entry_id: int, who: Principal) -> EntryView:
        """Return one entry; NotFound."""
        async with self._database.reading() as session:
            return self._view(await book.entry(session, entry_id), who.account_id)

    async def steps(self, entry_id: int) -> list[StepView]:
        """Return what happened to an entry, in order; NotFound."""
        async with self._database.reading() as session:
            await book.entry(session, entry_id)
            return [step_view(row) for row in await book.steps(session, entry_id)]

    def _view(self, row: CallbackEntry, account_id: int | None) -> EntryView:
        return entry_view(row, account_id, self.rules)

    def _check_rest(self, row: CallbackEntry, now: datetime) -> None:
        if self.rules.too_soon(row, now):
            assert row.not_before is not None
            raise CallbackTooSoon(at=f"{row.not_before.astimezone(SHANGHAI):%H:%M}")
