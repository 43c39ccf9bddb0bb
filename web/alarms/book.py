"""The alarms' rows: raised and cleared by what is measured, acknowledged by managers, listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.db import Database, UnitOfWork
from core.errors import NotFound
from core.events import Event
from core.security import Principal, audit
from web.alarms.models import Alarm
from web.alarms.rules import RULE_OF, Change, Code, Raised, Standing, Watch, shown

MOST = 200


@dataclass(frozen=True, kw_only=True)
class AlarmsChanged(Event):
    """An alarm was raised, acknowledged or cleared: whoever shows them reads them again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmView:
    id: int
    code: str
    level: str
    value: float
    zh: str
    en: str
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_name: str
    cleared_at: datetime | None
    worsened: bool


class AlarmBook:
    """Writes and reads alarms; holds nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def watch(self) -> Watch:
        """Return what stands, for a process that begins to look."""
        async with self._database.reading() as session:
            rows = await _standing(session)
        return Watch(
            standing={
                code: Standing(
                    level="alarm" if row.level == "alarm" else "warning", value=row.value
                )
                for row in rows
                if (code := _known(row.code)) is not None
            }
        )

    async def write(self, changes: Sequence[Change], at: datetime) -> None:
        """Store what changed; an alarm that another process has raised already stays as it is."""
        async with self._database.unit_of_work() as uow:
            for change in changes:
                if isinstance(change, Raised):
                    await _raise(uow, change, at)
                else:
                    await _clear(uow.session, change.code, at)
            uow.publish(AlarmsChanged(at=at))

    async def acknowledge(self, alarm_id: int, who: Principal) -> AlarmView:
        """Note who has taken notice; the first one stays noted. NotFound."""
        now = self._clock()
        async with self._database.unit_of_work() as uow:
            row = await uow.session.get(Alarm, alarm_id, with_for_update=True)
            if row is None:
                raise NotFound(what="alarm")
            if row.acknowledged_at is None:
                row.acknowledged_at, row.acknowledged_by = now, who.by
                row.acknowledged_name = who.display_name
                audit(
                    uow.session, now, who.by, "alarm.acknowledge", f"alarm:{row.id}", code=row.code
                )
                uow.publish(AlarmsChanged(at=now, by=who.by))
            return view(row)

    async def standing(self) -> list[AlarmView]:
        """Return what is not cleared: alarms before warnings, then the newest first."""
        async with self._database.reading() as session:
            rows = [view(row) for row in await _standing(session)]
        return sorted(rows, key=lambda row: (row.level != "alarm", -row.raised_at.timestamp()))

    async def history(self, before: int | None, limit: int) -> list[AlarmView]:
        """Return alarms, newest first; `before` is the last one's id (exclusive)."""
        query = select(Alarm).order_by(Alarm.id.desc()).limit(min(limit, MOST))
        if before is not None:
            query = query.where(Alarm.id < before)
        async with self._database.reading() as session:
            return [view(row) for row in await session.scalars(query)]


def view(row: Alarm) -> AlarmView:
    """Return an alarm with its texts."""
    zh, en = text_of(row.code, row.value)
    return AlarmView(
        id=row.id,
        code=row.code,
        level=row.level,
        value=row.value,
        zh=zh,
        en=en,
        raised_at=row.raised_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_name=row.acknowledged_name,
        cleared_at=row.cleared_at,
        worsened=row.worsened,
    )


def text_of(code: str, value: float) -> tuple[str, str]:
    """Return the texts of an alarm, the code itself for one that this version does not know."""
    known = _known(code)
    if known is None:
        return code, code
    rule = RULE_OF[known]
    return rule.zh.format(value=shown(value)), rule.en.format(value=shown(value))


async def _standing(session: AsyncSession) -> Sequence[Alarm]:
    rows = (await session.scalars(select(Alarm).where(Alarm.cleared_at.is_(None)))).all()
    session.expunge_all()  # the end of reading would take their values away
    return rows


async def _raise(uow: UnitOfWork, change: Raised, at: datetime) -> None:
    if change.again:
        await _clear(uow.session, change.code, at, worsened=True)
    row = Alarm(code=change.code, level=change.level, value=change.value, raised_at=at)
    try:
        async with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError:
        return


async def _clear(session: AsyncSession, code: str, at: datetime, *, worsened: bool = False) -> None:
    await session.execute(
        update(Alarm)
        .where(Alarm.code == code, Alarm.cleared_at.is_(None))
        .values(cleared_at=at, worsened=worsened)
    )


def _known(code: str) -> Code | None:
    return next((known for known in RULE_OF if known == code), None)
