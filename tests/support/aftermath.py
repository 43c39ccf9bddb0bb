"""What must be true after every fault: a whole ledger, no ghosts in the queue, nobody stuck in a state."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select

from core.clock import utc_now
from core.db import Database
from core.events import LocalBus
from seats.leases import leases
from support.floor import Floor
from support.hotline import until
from telephony.ledger import recorded_call
from telephony.models import CallRow, LegRow, QueueLogRow
from telephony.reconcile import Report, reconcile
from web.demo_calls import PREFIX

SETTLED = ("ready", "not_ready", "wrap_up")
# The invented calls of the demo were folded from no facts.
HAPPENED = CallRow.id.not_like(f"{PREFIX}%")


async def check_aftermath(floor: Floor, within: float = 20) -> Report:
    """Wait until nothing goes on any more and all is explained; return the report of `reconcile`.

    To be called with every caller gone and the hotline running. AssertionError names what is left.
    """
    async with _database(floor) as database:
        left = ["not looked yet"]

        async def nothing_left() -> bool:
            left[:] = [
                *await _unfinished(database),
                *await _unread(floor, database),
                *await _stuck(database),
                *await _ghosts(floor, database),
                *await _unexplained(database),
            ]
            return not left

        try:
            await until(nothing_left, within=within, what="nothing is left over")
        except AssertionError as error:
            raise AssertionError(f"{error}: {left}") from None
        await _check_replay(database)
        return await reconcile(database, utc_now, grace=0)


async def check_nobody_left(floor: Floor, within: float = 10) -> None:
    """Wait until no seat is leased and the queue has no member; for the time when all have signed out."""

    async def empty() -> bool:
        async with _database(floor) as database, database.reading() as session:
            return not await leases(session) and not await floor.members()

    await until(empty, within=within, what="no lease and no member")


@asynccontextmanager
async def ledger(floor: Floor) -> AsyncIterator[Database]:
    """Open the hotline's database beside the hotline."""
    async with _database(floor) as database:
        yield database


async def outcomes(floor: Floor) -> dict[str, str | None]:
    """Return the outcome of every call by the caller's number, None for a call that goes on."""
    async with _database(floor) as database, database.reading() as session:
        rows = await session.execute(select(CallRow.caller, CallRow.outcome).where(HAPPENED))
        return {row.caller: row.outcome for row in rows}


@asynccontextmanager
async def _database(floor: Floor) -> AsyncIterator[Database]:
    database = Database(floor.settings.database, LocalBus())
    try:
        yield database
    finally:
        await database.close()


async def _unfinished(database: Database) -> list[str]:
    async with database.reading() as session:
        calls = await session.scalars(select(CallRow).where(CallRow.outcome.is_(None)))
        open_calls = [f"call of {call.caller} is in phase {call.phase}" for call in calls]
        legs = await session.scalar(
            select(func.count()).select_from(LegRow).where(LegRow.ended_at.is_(None))
        )
    return open_calls + ([f"{legs} legs never ended"] if legs else [])


async def _unread(floor: Floor, database: Database) -> list[str]:
    lines = floor.asterisk.paths.queue_log.read_text().splitlines()
    async with database.reading() as session:
        stored = set(await session.scalars(select(QueueLogRow.line)))
    return [f"not read: {line}" for line in lines if line not in stored]


async def _stuck(database: Database) -> list[str]:
    async with database.reading() as session:
        rows = await leases(session)
        states = [(f"seat {row.seat_number}", row.state, row.wanted) for row in rows]
    stuck = [f"{seat} is {state}" for seat, state, _ in states if state not in SETTLED]
    return stuck + [f"{seat} waits to be {wanted}" for seat, _, wanted in states if wanted]


async def _ghosts(floor: Floor, database: Database) -> list[str]:
    """Asterisk's members are the leases, and paused exactly where the agent is not ready."""
    async with database.reading() as session:
        rows = {row.endpoint: row.state for row in await leases(session)}
    members = await floor.members()
    wrong = [f"ghost member {endpoint}" for endpoint in members.keys() - rows.keys()]
    for endpoint, state in rows.items():
        paused = "(paused" in members.get(endpoint, "")
        if endpoint not in members:
            wrong.append(f"{endpoint} ({state}) is no member")
        elif paused == (state == "ready"):
            wrong.append(f"{endpoint} is {state}, in Asterisk: {members[endpoint]}")
    return wrong


async def _unexplained(database: Database) -> list[str]:
    report = await reconcile(database, utc_now, grace=0)
    if report.whole:
        return []
    lines = [f"{each.why}: {each.row.line}" for each in report.unexplained]
    return [*lines, f"adds up: calls {report.calls_add_up}, segments {report.segments_add_up}"]


async def _check_replay(database: Database) -> None:
    """Spec telephony 2: the recorded facts, folded anew, give the same call."""
    async with database.reading() as session:
        for row in await session.scalars(select(CallRow).where(HAPPENED)):
            call = await recorded_call(session, row.id)
            assert call is not None, f"call {row.id} has no facts"
            told = (call.outcome, call.phase, len(call.segments), call.facts, call.ended_at)
            stored = (row.outcome, row.phase, row.segment_count, row.facts, row.ended_at)
            assert told == stored, f"replay of {row.id} differs: {told} != {stored}"
