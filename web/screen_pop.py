"""The screen-pop: composed from the offer and the caller's lore, and kept until it was seen and is over."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.db import Database
from core.events import Event
from core.log import mask_number
from telephony.events import CallOffered
from web.caller_lore import NOTHING, Lore
from web.live_state import Call, Pop
from web.models import CallAgent, ScreenPop
from web.write_behind import WriteBehind

SHOWN_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class KeptPop:
    """An open pop as it was found after a restart."""

    account_id: int
    seat: str
    offer: CallOffered
    acknowledged: bool


def pop_id(call_id: str, seat: str, attempt: int) -> str:
    return f"{call_id}:{seat}:{attempt}"


def compose_pop(event: CallOffered, seat: str, lore: Lore | None) -> Pop:
    """Return the pop of an offer; without lore it has the call's own facts."""
    known = lore or NOTHING
    return Pop(
        pop_id=pop_id(event.call_id, seat, event.attempt),
        call_id=event.call_id,
        seat=seat,
        attempt=event.attempt,
        caller=event.caller,
        caller_masked=mask_number(event.caller),
        caller_place=known.place,
        dnid=event.dnid,
        hotline_name=known.hotline_name,
        menu=event.menu,
        emergency=event.emergency,
        waited_seconds=event.waited_seconds,
        offered_at=event.at,
        known_name=known.known_name or event.caller_name,
        repeat=known.repeat,
        last_calls=[line for line in known.last_calls if line.call_id != event.call_id],
        open_tickets=known.open_tickets,
        key_matters=known.key_matters,
        knowledge=known.knowledge,
    )


def compose_call(event: CallOffered, lore: Lore | None, *, recording: bool) -> Call:
    """Return the ringing call at the offered seat."""
    known = lore or NOTHING
    return Call(
        call_id=event.call_id,
        state="ringing",
        caller=event.caller,
        caller_masked=mask_number(event.caller),
        caller_place=known.place,
        dnid=event.dnid,
        hotline_name=known.hotline_name,
        menu=event.menu,
        emergency=event.emergency,
        attempt=event.attempt,
        offered_at=event.at,
        waited_seconds=event.waited_seconds,
        recording=recording,
    )


class PopStore:
    """Keeps open pops over a restart, and who was offered which call; the desktop is served first."""

    def __init__(self, database: Database, writes: WriteBehind, clock: Clock) -> None:
        self._database = database
        self._writes = writes
        self._clock = clock

    def keep(self, event: CallOffered, account_id: int, seat: str) -> None:
        """Remember an offer for `account_id` until its pop is closed, and for good that it was made."""
        self._writes.put(lambda session: _keep(session, event, account_id, seat))

    def acknowledge(self, pop: str) -> None:
        """The pop was on the screen."""
        seen = update(ScreenPop).where(ScreenPop.pop_id == pop, ScreenPop.acknowledged_at.is_(None))
        now = self._clock()
        self._writes.put(lambda session: session.execute(seen.values(acknowledged_at=now)))

    def close_pop(self, pop: str) -> None:
        """The pop was seen and its call is over."""
        gone = delete(ScreenPop).where(ScreenPop.pop_id == pop)
        self._writes.put(lambda session: session.execute(gone))

    async def kept(self) -> list[KeptPop]:
        """Return the open pops of the last hours, oldest first; older ones are dropped."""
        oldest = self._clock() - SHOWN_FOR
        async with self._database.unit_of_work() as uow:
            await uow.session.execute(delete(ScreenPop).where(ScreenPop.offered_at < oldest))
            rows = await uow.session.scalars(select(ScreenPop).order_by(ScreenPop.offered_at))
            return [_kept(row) for row in rows]


async def _keep(session: AsyncSession, event: CallOffered, account_id: int, seat: str) -> None:
    await session.merge(
        CallAgent(call_id=event.call_id, account_id=account_id, seat=seat, at=event.at)
    )
    await session.merge(
        ScreenPop(
            pop_id=pop_id(event.call_id, seat, event.attempt),
            account_id=account_id,
            seat=seat,
            offer=event.to_json(),
            offered_at=event.at,
        )
    )


def _kept(row: ScreenPop) -> KeptPop:
    offer = Event.from_json(row.offer)
    assert isinstance(offer, CallOffered)
    return KeptPop(row.account_id, row.seat, offer, row.acknowledged_at is not None)
