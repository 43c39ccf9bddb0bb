"""Leave and training: asked for by a person or entered by a manager, decided, withdrawn."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Forbidden, NotFound
from core.security import Account, Principal, audit
from seats.models import Agent
from seats.roster.board import absence_view, absence_views
from seats.roster.errors import (
    AbsenceBackwards,
    AbsenceDecided,
    AbsenceOverlaps,
    OperatorUnknown,
)
from seats.roster.models import RosterAbsence
from seats.roster.requests import RequestTrigger, next_state
from seats.roster.room import MAY_PLAN_ROSTER, RosterRoom
from seats.roster.rules import AbsenceKind
from seats.roster.views import AbsenceView

LONGEST_DAYS = 366


@dataclass(frozen=True)
class Wanted:
    """Leave, or a training with its topic in `note`, for each of `people`; `first` and `last` are included."""

    people: tuple[int, ...]
    kind: AbsenceKind
    first: date
    last: date
    note: str


async def enter(room: RosterRoom, wanted: Wanted, who: Principal) -> list[AbsenceView]:
    """Enter an absence: granted at once if a manager does it, else asked for, and only for oneself.

    Raises AbsenceBackwards, OperatorUnknown, AbsenceOverlaps; either everybody's is entered or nobody's.
    """
    manager = who.may(*MAY_PLAN_ROSTER)
    if not manager and wanted.people != (who.account_id,):
        raise Forbidden()
    if not 0 <= (wanted.last - wanted.first).days < LONGEST_DAYS:
        raise AbsenceBackwards()
    async with room.database.unit_of_work() as uow:
        session, now, entered = uow.session, room.clock(), []
        for person in dict.fromkeys(wanted.people):
            name = await _operator(session, person)
            await _check_free(session, person, name, wanted)
            row = RosterAbsence(
                account_id=person,
                kind=wanted.kind,
                first=wanted.first,
                last=wanted.last,
                note=wanted.note,
                asked_at=now,
                asked_by=who.by,
            )
            if manager:
                row.state, row.decided_at, row.decided_by = "approved", now, who.by
            session.add(row)
            await session.flush()
            _note(session, row, who, now_state=row.state, at=room)
            entered.append(absence_view(row, name))
        return entered


async def decide(
    room: RosterRoom, absence_id: int, trigger: RequestTrigger, who: Principal
) -> AbsenceView:
    """Grant, refuse or withdraw; people withdraw their own, managers do everything. Raises AbsenceDecided."""
    async with room.database.unit_of_work() as uow:
        session = uow.session
        row = await session.get(RosterAbsence, absence_id, with_for_update=True)
        mine = row is not None and row.account_id == who.account_id
        if row is None or not (mine or who.may(*MAY_PLAN_ROSTER)):
            raise NotFound(what="absence")
        if trigger != "withdraw":
            who.require(*MAY_PLAN_ROSTER)
        state = next_state(row.state, trigger)
        if state is None:
            raise AbsenceDecided(state=row.state)
        row.state, row.decided_at, row.decided_by = state, room.clock(), who.by
        _note(session, row, who, now_state=state, at=room)
        return absence_view(row, await _operator(session, row.account_id))


async def set_result(room: RosterRoom, absence_id: int, result: str, who: Principal) -> AbsenceView:
    """Write down how a training went (B17)."""
    who.require(*MAY_PLAN_ROSTER)
    async with room.database.unit_of_work() as uow:
        row = await uow.session.get(RosterAbsence, absence_id, with_for_update=True)
        if row is None or row.kind != "training" or row.state != "approved":
            raise NotFound(what="training")
        row.result = result
        audit(
            uow.session, room.clock(), who.by, "roster.training", f"account:{row.account_id}",
            id=row.id, result=result,
        )  # fmt: skip
        return absence_view(row, await _operator(uow.session, row.account_id))


async def list_absences(room: RosterRoom, first: date, last: date) -> list[AbsenceView]:
    async with room.database.reading() as session:
        return await absence_views(session, first, last)


async def _operator(session: AsyncSession, person: int) -> str:
    name = await session.scalar(
        select(Account.display_name)
        .join(Agent, Agent.account_id == Account.id)
        .where(Account.id == person)
    )
    if name is None:
        raise OperatorUnknown(person=person)
    return name


async def _check_free(session: AsyncSession, person: int, name: str, wanted: Wanted) -> None:
    for other in await absence_views(session, wanted.first, wanted.last, person):
        raise AbsenceOverlaps(
            person=name, first=other.first.isoformat(), last=other.last.isoformat()
        )


def _note(
    session: AsyncSession, row: RosterAbsence, who: Principal, *, now_state: str, at: RosterRoom
) -> None:
    audit(
        session, at.clock(), who.by, f"roster.absence.{now_state}", f"account:{row.account_id}",
        id=row.id, kind=row.kind, first=row.first.isoformat(), last=row.last.isoformat(),
    )  # fmt: skip
