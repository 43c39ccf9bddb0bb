"""What must be true after every scenario: the ledger explains everything, and nobody is left anywhere."""

from pathlib import Path

from sqlalchemy import select

from core.clock import utc_now
from core.db import Database
from core.events import LocalBus
from seats.models import AgentSession
from seats.states import IN_CALL
from support.hotline import HotlineProcess, until
from telephony.own_asterisk import OwnAsterisk
from telephony.reconcile import Report, reconcile

WITHIN = 20.0


async def nothing_left(hotline: HotlineProcess, asterisk: OwnAsterisk) -> None:
    """Return when all is as it should be after calls have ended; AssertionError with what is left over.

    Asterisk has no channels, and just the members that somebody sits for; nobody rings or talks; every line
    of queue_log is in the ledger and explained by it; every call has one outcome.
    """
    database = Database(asterisk.settings.database, LocalBus())
    left: list[str] = []

    async def is_clean() -> bool:
        left[:] = await _left_in_ledger(database, asterisk.paths.queue_log)
        if not left:
            left[:] = await _left_in_asterisk(asterisk, database)
        return not left

    try:
        await until(is_clean, within=WITHIN, every=0.2, what="nothing left over")
    except AssertionError:
        raise AssertionError(f"{WITHIN:g} s after the last call: {'; '.join(left)}") from None
    finally:
        await database.close()


async def members_of(asterisk: OwnAsterisk) -> set[str]:
    """Return the endpoints that are members of the queue, as Asterisk itself lists them."""
    listing = await asterisk.console(f"queue show {asterisk.settings.queue}")
    words = listing.replace("(", " ").replace(")", " ").split()
    return {word.removeprefix("PJSIP/") for word in words if word.startswith("PJSIP/seat")}


async def _left_in_asterisk(asterisk: OwnAsterisk, database: Database) -> list[str]:
    left = []
    async with database.reading() as session:
        seated = (
            await session.scalars(select(AgentSession).where(AgentSession.ended_at.is_(None)))
        ).all()
    left += [f"seat {row.seat_number} is {row.state}" for row in seated if row.state in IN_CALL]
    members, leased = await members_of(asterisk), {row.endpoint for row in seated}
    if ghosts := members - leased:
        left.append(f"ghost members {sorted(ghosts)}")
    if missing := leased - members:
        left.append(f"seats without a member {sorted(missing)}")
    channels = await asterisk.console("core show channels count")
    if not channels.startswith("0 active channels"):
        left.append(channels.splitlines()[0])
    return left


async def _left_in_ledger(database: Database, queue_log: Path) -> list[str]:
    report = await reconcile(database, utc_now, grace=0.0)
    left = [f"{each.row.line}: {each.why}" for each in report.unexplained]
    if report.in_system:
        left.append(f"{report.in_system} calls have not ended")
    if not (report.calls_add_up and report.segments_add_up):
        left.append(f"the ledger does not add up: {_figures(report)}")
    if (written := _lines(queue_log)) != report.lines:
        left.append(f"{written} lines of queue_log, {report.lines} of them in the ledger")
    return left


def _figures(report: Report) -> str:
    return (
        f"offered {report.offered}, outcomes {report.outcomes}, in system {report.in_system}, "
        f"segments {report.segments_of_agents} by seat and {report.segments_of_calls} by call"
    )


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")
